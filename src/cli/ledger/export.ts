import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import type { Io } from '#cli/io.ts'
import { writeNewFile } from '#cli/ledger/new-file.ts'
import { soundHead, type Ledgers } from '#cli/ledger/sound.ts'
import { chooseLedger, PROGRAM_OPTION } from '#cli/program-id.ts'
import { openLedger } from '#cli/wire.ts'
import type { Head } from '#core/ledger/chain.ts'
import { ledgerLine, recordLine } from '#core/ledger/lines.ts'
import { counted } from '#engine/words.ts'
import { terminal } from '#render/encode.ts'
import type { Store } from '#store/store.ts'

export const exportCommand = (io: Io, exit: (code: number) => void) =>
  new Command('export')
    .description(
      'Write the ledger of the program as lines of canonical JSON: first the program and its head, then each record. One that is not sound is refused, with the first bad record.',
    )
    .option(...CONFIG_OPTION)
    .option(...PROGRAM_OPTION)
    .option('--output <file>', 'file to write, which must not be there yet (default: standard output)')
    .action(async (options) => {
      const { folder, program } = await chooseLedger(io, options)
      const store = await openLedger(io, folder, 'read')
      try {
        const head = await soundHead(store, program)
        if (options.output === undefined) for await (const line of linesOf(store, program, head)) io.stdout.write(line)
        else
          await writeNewFile(resolve(io.cwd, options.output), options.output, (handle) => handle.writeFile(linesOf(store, program, head)))
        io.stderr.write(`${head.seq} records of ${program}, head ${head.seq}:${head.hash}\n`)
        await sayWhatWaits(io, store, program)
        exit(0)
      } finally {
        await store.close()
      }
    })

/** Lines hold the record alone: where it goes on from them, nobody is told what was still to be sent. */
export async function sayWhatWaits(io: Io, store: Pick<Store, 'messages'>, program: string): Promise<void> {
  const waiting = await store.messages(program, { states: ['pending', 'sending'] })
  if (waiting.length === 0) return
  const they = waiting.length === 1 ? 'it is' : 'they are'
  io.stderr.write(
    `${counted(waiting.length, 'message')} of ${terminal(program)} ${waiting.length === 1 ? 'waits' : 'wait'} to be sent, and ${they} not in it\n  let \`muster run\` send them before the ledger is moved; \`muster outbox\` lists them\n`,
  )
}

/** Up to the head that was verified: what is recorded meanwhile is left for the next time. */
export async function* linesOf(ledgers: Ledgers, program: string, head: Head): AsyncGenerator<string> {
  yield `${ledgerLine(program, head)}\n`
  for await (const event of ledgers.read(program)) {
    if (event.seq > head.seq) return
    yield `${recordLine(event)}\n`
  }
}
