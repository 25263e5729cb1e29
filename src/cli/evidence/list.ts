import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { keptAsJson, readKept, type Kept } from '#cli/evidence/found.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { globProblem, matcher } from '#core/evidence/glob.ts'
import { formatInstant } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table, type Column } from '#render/text/table.ts'
import { formatActual, short } from '#render/words.ts'

const columnsIn = (zone: string): readonly Column[] => [
  { header: 'METRIC' },
  { header: 'SUBJECT', fit: 'cut', least: 20 },
  { header: 'VALUE' },
  { header: 'PROVENANCE' },
  { header: 'COMMIT' },
  { header: `OBSERVED (${zone})` },
  { header: 'SOURCE', fit: 'cut', least: 12 },
]

/** `muster evidence list`: the latest evidence on record, from the ledger alone. */
export const listCommand = (io: Io, exit: (code: number) => void) =>
  new Command('list')
    .description('List the latest evidence on record: of each metric and subject what was measured, reported or claimed last.')
    .option(...CONFIG_OPTION)
    .option('--stream <id>', 'of this stream only; program for that of the target branch')
    .option('--metric <name>', 'this metric only; * stands for anything: tests.*')
    .addOption(formatOption('form of the list'))
    .action(async ({ metric = '*', format, ...options }) => {
      const problem = globProblem(metric)
      if (problem !== undefined) throw new CommandError(`--metric: ${problem}`)
      const { program, kept } = await readKept(io, options, matcher([metric]))
      const latest = new Map<string, Kept>()
      for (const one of kept) latest.set(`${one.evidence.metric} ${one.evidence.subject} ${one.evidence.provenance}`, one)
      const found = [...latest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
      if (format === 'json') {
        io.stdout.write(json({ schemaVersion: 1, program: program.id, evidence: found.map((one) => keptAsJson(one, program)) }))
        return exit(0)
      }
      const { zone } = program.calendar
      const rows = found.map(({ evidence: one }) =>
        [
          one.metric,
          one.subject,
          one.status === 'observed' ? formatActual(one.value, one.unit) : one.status,
          one.provenance,
          one.commit === undefined ? '–' : short(one.commit),
          formatInstant(one.observedAt, zone),
          one.source,
        ].map((text) => ({ text })),
      )
      if (rows.length === 0) io.stdout.write('the record holds no such evidence\n')
      else
        for (const line of table(columnsIn(zone), rows, io.stdout.columns, painter(wantsColor(io, io.stdout))))
          io.stdout.write(`${line.trimEnd()}\n`)
      exit(0)
    })
