import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { closing } from '#cli/ledger/closing.ts'
import { linesOf, sayWhatWaits } from '#cli/ledger/export.ts'
import { writeNewFile } from '#cli/ledger/new-file.ts'
import { soundHead, type Ledgers } from '#cli/ledger/sound.ts'
import { ledgerFolder } from '#cli/program-id.ts'
import { ledgerPlace, openPlace } from '#cli/wire.ts'
import type { Head } from '#core/ledger/chain.ts'
import { terminal } from '#render/encode.ts'

export const backupCommand = (io: Io, exit: (code: number) => void) =>
  new Command('backup')
    .description(
      'Copy the whole store, every program in it, into one file while others go on recording: a SQLite file of a SQLite file, lines of a database. What is not sound is not copied.',
    )
    .option(...CONFIG_OPTION)
    .argument('<file>', 'file to write, which must not be there yet')
    .action(async (file, options) => {
      const path = resolve(io.cwd, file)
      const taken = () => new CommandError(`${file} is there already\n  name another file; nothing is overwritten`, EXIT.couldNotRun)
      if (existsSync(path)) throw taken()
      if (!existsSync(dirname(path)))
        throw new CommandError(`${file} cannot be written: there is no folder ${dirname(path)}`, EXIT.couldNotRun)
      const place = await ledgerPlace(io, ledgerFolder(io, options.config))
      const store = await openPlace(place, 'read')
      let heads: ReadonlyMap<string, Head> = new Map()
      try {
        // Where nothing was recorded there is nothing to copy, and no file either.
        if ((await store.programs()).length === 0) throw new CommandError('there is no record yet', EXIT.couldNotRun)
        if ('file' in place) {
          const { copySqlite } = await import('#store/sqlite/copy.ts')
          if (!(await copySqlite(place.file, path, async (draft) => void (heads = await headsOf(draft))))) throw taken()
        } else {
          heads = await soundHeads(store)
          await writeNewFile(path, file, (handle) => handle.writeFile(allLines(store, heads)))
          for (const program of heads.keys()) await sayWhatWaits(io, store, program)
        }
      } finally {
        await store.close()
      }
      for (const [program, { seq, hash }] of heads) io.stdout.write(`${terminal(program)}: ${seq} records\nhead ${seq}:${hash}\n`)
      exit(0)
    })

/** Of what is in the copy: the source may have gone on. */
async function headsOf(draft: string): Promise<ReadonlyMap<string, Head>> {
  return closing(await openPlace({ file: draft }, 'read'), soundHeads)
}

/** The head of every ledger, each verified. */
export async function soundHeads(ledgers: Ledgers): Promise<ReadonlyMap<string, Head>> {
  const heads = new Map<string, Head>()
  for (const program of await ledgers.programs()) heads.set(program, await soundHead(ledgers, program))
  return heads
}

export async function* allLines(ledgers: Ledgers, heads: ReadonlyMap<string, Head>): AsyncGenerator<string> {
  for (const [program, head] of heads) yield* linesOf(ledgers, program, head)
}
