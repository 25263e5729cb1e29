import { Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'
import { OVERRIDES } from '#core/people/verdict.ts'

/** `muster override`: an authority sets the verdict. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('override')
    .description('Set the verdict of a checkpoint, with a reason. The computed verdict stays visible beside it.')
    .usage('--checkpoint <id> --verdict <verdict> --reason <text> [options]')
    .requiredOption('--checkpoint <id>', 'checkpoint whose verdict is set')
    .addOption(new Option('--verdict <verdict>', 'the verdict').choices(OVERRIDES).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why the computed verdict is set aside')
    .action(async ({ checkpoint, verdict, reason, ...options }) => {
      await recordAct(io, options, 'override', { checkpoint, verdict, reason })
      exit(0)
    }) as unknown as PlainCommand
}
