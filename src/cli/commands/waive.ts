import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { recordAct, recordingCommand } from '#cli/record-act.ts'

/** `muster waive`: an unmet criterion is accepted for a while. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('waive')
    .description('Accept an unmet criterion for a while. Its raw status stays visible; the waiver lapses by itself.')
    .usage('<criterion> --checkpoint <id> --reason <text> --expires <time> [options]')
    .argument('<criterion>', 'id of the criterion')
    .requiredOption('--checkpoint <id>', 'checkpoint that the criterion belongs to')
    .option('--stream <id>', 'accept it for this stream only (default: for all it is judged for)')
    .requiredOption('--reason <text>', 'why it is accepted')
    .requiredOption('--expires <time>', 'when it lapses: 3 days, "Fri EOD" or "2026-02-25 16:00"')
    .action(async (criterion, options) => {
      const { checkpoint, stream, reason, expires } = options
      await recordAct(io, options, 'waive', { criterion, checkpoint, stream, reason, expires })
      exit(0)
    }) as unknown as PlainCommand
}
