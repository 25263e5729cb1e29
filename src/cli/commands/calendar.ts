import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { answerCommand } from '#cli/calendar/answer.ts'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import type { Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { soundly } from '#cli/soundly.ts'
import { hasLedger, openLedger } from '#cli/wire.ts'
import type { EventType } from '#core/ledger/events.ts'
import { EMPTY_HISTORY, foldingHistory, type History } from '#core/schedule/history.ts'
import { terminal } from '#render/encode.ts'

/** `muster calendar`: every checkpoint and sync as a calendar to subscribe to, and answers to invitations. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return (
    new Command('calendar')
      .description('Write every checkpoint and sync as an iCalendar feed, moved and cancelled ones as they stand now.')
      .option(...CONFIG_OPTION)
      .option('-o, --output <file>', 'file to write (default: standard output)')
      .action(async (options) => {
        const { program, folder } = await loadProgramFile(io, options.config)
        const { programFeed } = await import('#render/ics/feed.ts')
        const text = programFeed({ program, history: await meetings(io, program.id, folder), now: io.now() })
        if (options.output === undefined) {
          io.stdout.write(text)
          return
        }
        const path = resolve(io.cwd, options.output)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, text)
        const { length } = [...text.matchAll(/^BEGIN:VEVENT\r$/gm)]
        io.stderr.write(`${terminal(relative(io.cwd, path) || path)} is written: ${length} ${length === 1 ? 'meeting' : 'meetings'}\n`)
        exit(0)
      })
      // What follows `answer` is its own: both take --config.
      .enablePositionalOptions()
      .addCommand(answerCommand(io, exit)) as unknown as PlainCommand
  )
}

/** What the ledger says of when meetings are, and which invitations went out. */
const SAYING: readonly EventType[] = ['checkpoint-moved', 'checkpoint-cancelled', 'fired']

async function meetings(io: Io, program: string, folder: string): Promise<History> {
  if (!hasLedger(io, folder)) return EMPTY_HISTORY
  const store = await openLedger(io, folder, 'read')
  try {
    const fold = foldingHistory()
    await soundly(store, program, async () => {
      for await (const event of store.read(program, { types: SAYING })) fold.take(event)
    })
    return fold.history()
  } finally {
    await store.close()
  }
}
