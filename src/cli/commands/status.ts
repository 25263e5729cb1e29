import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { programIdOf } from '#cli/program-id.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { json } from '#render/encode.ts'

/** `muster status`: where the program stands, from the ledger alone; a fraction of a second, and nothing is run. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('status')
    .description('Show the latest recorded decision, open blockers and the head of the ledger. Gathers nothing.')
    .option(...CONFIG_OPTION)
    .addOption(formatOption('form of the answer'))
    .action(async (options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const { readStatus, statusText } = await import('#cli/status.ts')
      const store = await openLedger(io, folder, 'read')
      try {
        const status = await soundly(store, program, () => readStatus(store, program, io.now()))
        io.stdout.write(options.format === 'json' ? json({ schemaVersion: 1, ...status }) : statusText(status))
        exit(0)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}
