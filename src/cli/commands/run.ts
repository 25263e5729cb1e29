import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { requireSound } from '#cli/ledger/sound.ts'
import { loadProgramFile, problemsText, readProgramFile } from '#cli/program-file.ts'
import { programIdOf } from '#cli/program-id.ts'
import { programInForce } from '#cli/running/in-force.ts'
import { hasLedger, openLedger } from '#cli/wire.ts'

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
      if (options.dryRun === true && options.once === true) throw new CommandError('--dry-run looks once already\n  leave --once out')
      if (options.once) return exit(await lookOnce(io, options.config))
      const file = await loadProgramFile(io, options.config)
      const { runDry, runOn } = await import('#cli/running/modes.ts')
      const { watchFile } = await import('#cli/running/watched-file.ts')
      const ledger = await openLedger(io, file.folder, options.dryRun ? 'read' : 'write')
      try {
        if (options.dryRun) exit(await runDry(io, file, ledger))
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

/** A file with mistakes leaves the program before it in force, as where it is run without a break. */
async function lookOnce(io: Io, config: string | undefined): Promise<number> {
  const [{ runOnce }, { withMistakes }] = await Promise.all([import('#cli/running/modes.ts'), import('#cli/running/watched-file.ts')])
  const file = await readProgramFile(io, config)
  const [{ loadProgram }, { KINDS }] = await Promise.all([import('#core/program/load.ts'), import('#collect/registry.ts')])
  const { program, problems } = loadProgram(file.shown, file.bytes, KINDS)
  if (!program && !hasLedger(io, file.folder)) throw new CommandError(problemsText(problems))
  const id = program?.id ?? (await programIdOf(io, config)).program
  const ledger = await openLedger(io, file.folder, 'write')
  try {
    if (program) {
      if (problems.length > 0) io.stderr.write(`${problemsText(problems)}\n`)
      return (await runOnce(io, { program, folder: file.folder }, ledger)) ? 0 : EXIT.couldNotRun
    }
    const before = await programInForce(ledger, id)
    if (!before) throw new CommandError(problemsText(problems))
    await runOnce(io, { program: before, folder: file.folder }, ledger, withMistakes(problems))
    return EXIT.usage
  } finally {
    await ledger.close()
  }
}
