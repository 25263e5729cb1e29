import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'

/** `muster move`: a checkpoint is held at another time. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('move')
    .description('Hold a checkpoint at another time, or one after all that was cancelled. The phase lead and who may override, may.')
    .usage('<checkpoint> --to <time> --reason <text> [options]')
    .argument('<checkpoint>', 'id of the checkpoint')
    .requiredOption('--to <time>', 'when it is held: "2026-02-26 16:00", "Fri EOD", or counted from now: 1 day')
    .requiredOption('--reason <text>', 'why it is moved')
    .action(async (checkpoint, { to, reason, ...options }) => {
      await recordAct(io, options, 'move-checkpoint', { checkpoint, to, reason })
      exit(0)
    }) as unknown as PlainCommand
}
