import { z } from 'zod'
import { reference, text, time } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse } from '#core/people/refusal.ts'
import { moveSaid, noCheckpoint, whichCheckpoint, whoActs } from '#core/people/who.ts'
import { isOvertaken } from '#core/schedule/moves.ts'
import { epoch, formatZoned, timesIn } from '#core/schedule/time.ts'
import { readDeadline } from '#core/schedule/deadline.ts'

const checkpoint = reference.describe('Id of the checkpoint')

export const moveInput = z.strictObject({
  checkpoint,
  to: time.describe(
    'When it is held now: a wall time in the zone of the program, EOD for the end of its working hours (Fri EOD), an instant, or a duration from now',
  ),
  reason: text.describe('Why it is moved'),
})

/** The checkpoint is held at another time. One that was cancelled is held again. */
export function moveCheckpoint({ program, state, at }: Given, name: string | undefined, input: z.infer<typeof moveInput>): Decided {
  const { checkpoint: id } = input
  const planned = program.checkpoints.find((one) => one.id === id)
  const move = moveSaid(state, id)
  if (!planned) return noCheckpoint(program, id)
  const actor = whoActs(program, name, { act: 'move-checkpoint', checkpoint: id })
  if (!actor.ok) return actor
  const { zone } = program.calendar
  const to = readDeadline(input.to, at, program.calendar)
  if (!to.ok) return refuse('invalid-input', to.reason, { field: 'to' })
  const from = move === undefined || isOvertaken(move, planned.at) ? planned.at : 'to' in move ? move.to : undefined
  if (from !== undefined && epoch(from) === epoch(to.at))
    return refuse('settled', `${id} is held at ${formatZoned(to.at, zone)} already; nothing was recorded`)
  const when = timesIn(zone)
  const said =
    from === undefined
      ? `${actor.person} took the cancellation of ${id} back: it is held at ${when(to.at)}`
      : `${actor.person} moved ${id} from ${when(from)} to ${when(to.at)}`
  return accept(actor.person, said, {
    type: 'checkpoint-moved',
    body: { checkpoint: id, from: planned.at, to: to.at, reason: input.reason },
  })
}

export const cancelInput = z.strictObject({ checkpoint, reason: text.describe('Why it is not held') })

/** The checkpoint is not held. */
export function cancelCheckpoint(given: Given, name: string | undefined, input: z.infer<typeof cancelInput>): Decided {
  const found = whichCheckpoint(given, input.checkpoint)
  if (!found.ok) return found
  const { id } = found.checkpoint
  const actor = whoActs(given.program, name, { act: 'cancel-checkpoint', checkpoint: id })
  if (!actor.ok) return actor
  return accept(actor.person, `${actor.person} cancelled ${id}`, {
    type: 'checkpoint-cancelled',
    body: { checkpoint: id, reason: input.reason },
  })
}
