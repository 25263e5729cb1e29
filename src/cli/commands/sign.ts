import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'

/** `muster sign`: a person vouches for a manual criterion, or for the decision of a checkpoint. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('sign')
    .description('Sign a manual criterion, or without one the decision of a checkpoint.')
    .usage('[criterion] --checkpoint <id> --reason <text> [options]')
    .argument('[criterion]', 'id of the criterion, such as target.guide; absent: the decision')
    .requiredOption('--checkpoint <id>', 'checkpoint that is signed for')
    .option('--stream <id>', 'stream that the criterion is signed for (default: the one you lead)')
    .option('--role <role>', 'role in which you sign (default: the one that is asked for and yours)')
    .requiredOption('--reason <text>', 'what you looked at, or why you refuse')
    .option('--refuse', 'refuse instead of signing')
    .action(async (criterion, options) => {
      const { checkpoint, stream, role, reason } = options
      await recordAct(io, options, 'sign', { criterion, checkpoint, stream, role, reason, refuse: options.refuse })
      exit(0)
    }) as unknown as PlainCommand
}
