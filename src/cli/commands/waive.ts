import type { Command as PlainCommand } from 'commander'
import { chooseActor } from '#cli/actor.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { chooseCheckpoint, unknown } from '#cli/options.ts'
import { chooseText, record, recordingCommand } from '#cli/recording.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { readDeadline } from '#core/schedule/deadline.ts'
import { freeId } from '#core/ledger/free-id.ts'
import { formatInstant } from '#core/schedule/time.ts'

/** `muster waive`: an unmet criterion is accepted for a while. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return recordingCommand('waive')
    .description('Accept an unmet criterion for a while. Its raw status stays visible; the waiver lapses by itself.')
    .usage('<criterion> --checkpoint <id> --reason <text> --expires <time> [options]')
    .argument('<criterion>', 'id of the criterion')
    .requiredOption('--checkpoint <id>', 'checkpoint that the criterion belongs to')
    .option('--stream <id>', 'accept it for this stream only (default: for all it is judged for)')
    .requiredOption('--reason <text>', 'why it is accepted')
    .requiredOption('--expires <time>', 'when it lapses: 3 days, or "2026-02-25 16:00"')
    .action(async (criterion, options) => {
      await record(io, options, ({ program, at, state }) => {
        const checkpoint = chooseCheckpoint(program, options.checkpoint, at)
        checkScope(checkpoint, criterion, options.stream)
        const expires = readDeadline(options.expires, at, program.calendar.zone)
        if (!expires.ok) throw new CommandError(`--expires: ${expires.reason}`)
        const reason = chooseText('--reason', options.reason)
        const { person } = chooseActor(io, program, options.as, { act: 'waive' })
        const waiver = freeId(
          'w',
          state.waivers.map((one) => one.waiver),
        )
        const scope = options.stream === undefined ? '' : ` for ${options.stream}`
        return {
          type: 'waiver',
          body: {
            waiver,
            checkpoint: checkpoint.id,
            criterion,
            ...(options.stream !== undefined && { stream: options.stream }),
            reason,
            expires: expires.at,
          },
          actor: person,
          said: `${person} waived ${criterion}${scope} at ${checkpoint.id} until ${formatInstant(expires.at, program.calendar.zone)} (${waiver})`,
        }
      })
      exit(0)
    }) as unknown as PlainCommand
}

function checkScope(checkpoint: Checkpoint, id: string, stream: string | undefined): void {
  const found = checkpoint.criteria.filter((one) => one.id === id)
  if (found.length === 0) throw new CommandError(unknown('criterion', id, [...new Set(checkpoint.criteria.map((one) => one.id))]))
  if (stream === undefined) return
  const subjects = found.flatMap((one) => one.subjects)
  if (subjects.includes(`stream:${stream}`)) return
  if (subjects.includes('program')) throw new CommandError(`${id} is judged for the program as a whole; leave --stream out`)
  throw new CommandError(
    unknown(
      'stream',
      stream,
      subjects.map((one) => one.slice('stream:'.length)),
    ),
  )
}
