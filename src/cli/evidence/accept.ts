import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { acceptAll, type Accepted, type Offered } from '#cli/evidence/accepting.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { json, terminal } from '#render/encode.ts'

const MOST_BYTES = 4_000_000

/** `muster evidence accept`: put on record what `push --to` wrote. Exit 3 when any of it is refused. */
export const acceptCommand = (io: Io, exit: (code: number) => void) =>
  new Command('accept')
    .description('Put evidence on record that CI signed (`muster evidence push --to`). What is on record already is not written again.')
    .argument('<files...>', 'files that `push --to` wrote')
    .option(...CONFIG_OPTION)
    .addOption(formatOption('form of what is printed'))
    .action(async (files, { config, format }) => {
      const program = await loadProgramFile(io, config)
      const offered = await Promise.all(files.map((file) => readOffer(io, file)))
      const results = await acceptAll(io, program, offered)
      printAccepted(io, results, format)
      exit(results.some((one) => one.outcome === 'refused') ? 3 : 0)
    })

async function readOffer(io: Io, name: string): Promise<Offered> {
  const path = resolve(io.cwd, name)
  try {
    const { size } = await stat(path)
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, and at most ${MOST_BYTES} are read`)
    return { name, value: jsonOf(await readFile(path, 'utf8')) }
  } catch (error) {
    throw new CommandError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function printAccepted(io: Io, results: readonly Accepted[], format: 'text' | 'json'): void {
  if (format === 'json')
    return io.stdout.write(json({ schemaVersion: 1, files: results.map(({ name, ...rest }) => ({ path: name, ...rest })) }))
  for (const one of results) io.stdout.write(`${terminal(`${one.name}: ${wordsOf(one)}`)}\n`)
}

function wordsOf({ outcome, seq, reason }: Accepted): string {
  if (outcome === 'refused') return `refused: ${reason ?? 'no reason is known'}`
  return outcome === 'known' ? `already on record (${seq}); nothing was added` : `recorded ${seq}`
}
