import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { formatOption } from '#cli/common-options.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { unknown } from '#cli/options.ts'
import { evidenceFormats, readEvidenceFile, type EvidenceFile } from '#collect/reports/evidence-file.ts'
import { loadReport } from '#collect/report-registry.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import { SEED } from '#engine/gather.ts'
import { json, terminal } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table } from '#render/text/table.ts'
import { formatActual, intervalWords } from '#render/words.ts'

/** `muster evidence read`: what would be made of a file? Exit 0 when each can be used, else 3. */
export const readCommand = (io: Io, exit: (code: number) => void) =>
  new Command('read')
    .description('Show what Muster makes of report files: format, facts, status, reason, sha256. Nothing is recorded.')
    .argument('<files...>', 'report files')
    .option('--as <format>', 'read them as this format instead of telling it from each file')
    .addOption(formatOption('form of what is printed'))
    .action(async (files, { as, format }) => {
      if (as !== undefined) await requireFormat(as)
      const readings: Reading[] = []
      for (const file of files) readings.push(await read(io, file, as))
      io.stdout.write(
        format === 'json' ? json({ schemaVersion: 1, files: readings.map(asJson) }) : readings.map((one) => asText(io, one)).join('\n'),
      )
      exit(readings.every((one) => one.status === 'observed') ? 0 : 3)
    })

async function requireFormat(as: string): Promise<void> {
  const names = [...new Set((await evidenceFormats()).flatMap(({ name, kind }) => [name, kind]))]
  if (!names.includes(as)) throw new CommandError(unknown('format', as, names))
}

type Reading = Omit<EvidenceFile, 'facts'> & { readonly facts: readonly (EvidenceFile['facts'][number] & { readonly unit: Unit })[] }

async function read(io: Io, path: string, as: string | undefined): Promise<Reading> {
  const options = { at: io.now(), signal: io.signal, seed: SEED, ...(as !== undefined && { as }) }
  const { facts, reason, ...file } = await readEvidenceFile(resolve(io.cwd, path), options)
  const metrics = file.kind === undefined ? undefined : (await loadReport(file.kind))?.kind.metrics
  const named = reason?.replaceAll(file.path, path)
  return {
    ...file,
    path,
    ...(named !== undefined && { reason: named }),
    facts: facts.map((one) => ({ ...one, unit: one.unit ?? metrics?.[one.name]?.unit ?? 'count' })),
  }
}

const asJson = ({ path, format, status, reason, sha256, facts }: Reading) => ({
  path,
  ...(format !== undefined && { format }),
  status,
  ...(reason !== undefined && { reason }),
  ...(sha256 !== undefined && { sha256 }),
  facts: facts.map(({ name, status: own, value, unit, interval, reason: why, details }) => ({
    name,
    status: own,
    ...(value !== undefined && { value }),
    unit,
    ...(interval && { interval }),
    ...(why !== undefined && { reason: why }),
    ...(details && { details }),
  })),
})

function asText(io: Io, { path, format, status, reason, sha256, facts }: Reading): string {
  const head = [
    `${terminal(path)}: ${format ?? 'no known format'}, ${status === 'observed' ? 'usable' : status}`,
    ...(reason === undefined ? [] : [`  ${terminal(reason)}`]),
    ...(sha256 === undefined ? [] : [`  sha256 ${sha256}`]),
  ]
  const rows = facts.map((one) => [
    { text: `  ${one.name}` },
    {
      text:
        one.status === 'observed'
          ? `${formatActual(one.value, one.unit)}${intervalWords({ unit: one.unit, ...(one.interval && { interval: one.interval }) })}`
          : one.status,
    },
    // What holds of the whole file stands above.
    { text: one.reason === undefined || one.reason === reason ? '' : one.reason },
  ])
  const columns = [{ header: '' }, { header: '' }, { header: '', fit: 'wrap', least: 30 }] as const
  const lines = table(columns, rows, io.stdout.columns, painter(wantsColor(io, io.stdout))).map((line) => line.trimEnd())
  // All facts of a file tell the same particulars, those that a base is compared for apart.
  const details = facts.find((one) => one.details)?.details ?? []
  return `${[...head, ...lines, ...details.map((line) => `    ${terminal(line)}`)].join('\n')}\n`
}
