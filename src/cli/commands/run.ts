import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { requireSound } from '#cli/ledger/sound.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { openLedger } from '#cli/wire.ts'

/** `muster run`: everything that is due, by itself, until it is interrupted. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('run')
    .description(
      'Open and hold each checkpoint in time, tell the right people, keep every deadline, escalate what is stuck. Runs until it is interrupted; several may run on one PostgreSQL store.',
    )
    .option(...CONFIG_OPTION)
    .option('--once', 'do what is due, send what may be sent, and end: 0 when all of it was done, else 4')
    .option('--dry-run', 'print what would be done and sent now, and write and send nothing')
    .action(async (options) => {
      const file = await loadProgramFile(io, options.config)
      const { runOnce, runDry, runOn } = await import('#cli/running/modes.ts')
      const { watchFile } = await import('#cli/running/watched-file.ts')
      if (options.dryRun === true && options.once === true) throw new CommandError('--dry-run looks once already\n  leave --once out')
      const ledger = await openLedger(io, file.folder, options.dryRun ? 'read' : 'write')
      try {
        if (options.dryRun) exit(await runDry(io, file, ledger))
        else if (options.once) exit((await runOnce(io, file, ledger)) ? 0 : EXIT.couldNotRun)
        else {
          // Nothing is built onto what somebody changed. It takes as long as reading the ledger, and this stays for weeks.
          await requireSound(ledger, file.program.id, { exitCode: EXIT.couldNotRun })
          await runOn(io, watchFile(io, file), ledger)
          exit(0)
        }
      } finally {
        await ledger.close()
      }
    }) as unknown as PlainCommand
}
