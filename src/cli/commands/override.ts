import { Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { chooseActor } from '#cli/actor.ts'
import type { Io } from '#cli/io.ts'
import { chooseCheckpoint } from '#cli/options.ts'
import { chooseText, record, recordingCommand } from '#cli/recording.ts'

/** Nobody can decree that nothing is known. */
const VERDICTS = ['GO', 'CONDITIONAL GO', 'NO-GO'] as const

/** `muster override`: an authority sets the verdict. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('override')
    .description('Set the verdict of a checkpoint, with a reason. The computed verdict stays visible beside it.')
    .usage('--checkpoint <id> --verdict <verdict> --reason <text> [options]')
    .requiredOption('--checkpoint <id>', 'checkpoint whose verdict is set')
    .addOption(new Option('--verdict <verdict>', 'the verdict').choices(VERDICTS).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why the computed verdict is set aside')
    .action(async (options) => {
      await record(io, options, ({ program, at }) => {
        const checkpoint = chooseCheckpoint(program, options.checkpoint, at)
        const reason = chooseText('--reason', options.reason)
        const { person } = chooseActor(io, program, options.as, { act: 'override' })
        return {
          type: 'override',
          body: { checkpoint: checkpoint.id, verdict: options.verdict, reason },
          actor: person,
          said: `${person} set the verdict of ${checkpoint.id} to ${options.verdict}`,
        }
      })
      exit(0)
    }) as unknown as PlainCommand
}
