import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'

/** `muster choose`: what is done about a stream, of the options that the decision matrix gives. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('choose')
    .description(
      'Choose an option of the decision matrix that the latest decision holds against a stream. Its lead, whom it escalates to and who may override, may.',
    )
    .usage('<option> --reason <text> [options]')
    .argument('<option>', 'id of the option')
    .option('--stream <id>', 'stream that it is chosen for (default: the only one with a choice, or the one you lead)')
    .requiredOption('--reason <text>', 'why this one')
    .action(async (option, { stream, reason, ...options }) => {
      await recordAct(io, options, 'choose-option', { option, stream, reason })
      exit(0)
    }) as unknown as PlainCommand
}
