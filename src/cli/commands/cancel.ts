import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'

/** `muster cancel`: a checkpoint is not held. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('cancel')
    .description('Do not hold a checkpoint; what follows it in time follows what was before it. Who may move one, may.')
    .usage('<checkpoint> --reason <text> [options]')
    .argument('<checkpoint>', 'id of the checkpoint')
    .requiredOption('--reason <text>', 'why it is not held')
    .action(async (checkpoint, { reason, ...options }) => {
      await recordAct(io, options, 'cancel-checkpoint', { checkpoint, reason })
      exit(0)
    }) as unknown as PlainCommand
}
