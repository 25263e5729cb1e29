import { z } from 'zod'
import { freeId } from '#core/ledger/free-id.ts'
import { deadline, readField, reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown, type Refusal } from '#core/people/refusal.ts'
import { whichCheckpoint, whoActs } from '#core/people/who.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { formatZoned } from '#core/schedule/time.ts'

export const waiveInput = z.strictObject({
  criterion: reference.describe('Id of the criterion'),
  checkpoint: reference.describe('Checkpoint that the criterion belongs to'),
  stream: reference.optional().describe('Accept it for this stream only; for all it is judged for unless said'),
  reason: text.describe('Why it is accepted'),
  expires: deadline.describe('When it lapses: 3 days, or 2026-02-25 16:00'),
})

/** An unmet criterion is accepted for a while. */
export function waive(given: Given, name: string | undefined, input: z.infer<typeof waiveInput>): Decided {
  const { program, state } = given
  const { criterion, stream, reason } = input
  const found = whichCheckpoint(given, input.checkpoint)
  if (!found.ok) return found
  const outside = scopeProblem(found.checkpoint, criterion, stream)
  if (outside) return outside
  const until = readField(given, 'expires', input.expires)
  if (!until.ok) return until
  const actor = whoActs(program, name, { act: 'waive' })
  if (!actor.ok) return actor
  const taken = state.waivers.map((one) => one.waiver)
  const waiver = freeId('w', taken)
  const { id } = found.checkpoint
  const scope = stream === undefined ? '' : ` for ${stream}`
  return accept(
    actor.person,
    `${actor.person} waived ${criterion}${scope} at ${id} until ${formatZoned(until.instant, program.calendar.zone)} (${waiver})`,
    {
      type: 'waiver',
      body: { waiver, checkpoint: id, criterion, ...(stream !== undefined && { stream }), reason, expires: until.instant },
    },
  )
}

function scopeProblem(checkpoint: Checkpoint, id: string, stream: string | undefined): Refusal | undefined {
  const found = checkpoint.criteria.filter((one) => one.id === id)
  if (found.length === 0) return refuseUnknown('criterion', id, [...new Set(checkpoint.criteria.map((one) => one.id))], 'criterion')
  if (stream === undefined) return undefined
  const subjects = found.flatMap((one) => one.subjects)
  if (subjects.includes(`stream:${stream}`)) return undefined
  if (subjects.includes('program')) return refuse('invalid-input', `${id} is judged for the program as a whole; leave the stream out`)
  const judged = subjects.map((one) => one.slice('stream:'.length))
  return refuseUnknown('stream', stream, judged, 'stream')
}

/** Nobody can decree that nothing is known. */
export const OVERRIDES = ['GO', 'CONDITIONAL GO', 'NO-GO'] as const

export const overrideInput = z.strictObject({
  checkpoint: reference.describe('Checkpoint whose verdict is set'),
  verdict: z.enum(OVERRIDES),
  reason: text.describe('Why the computed verdict is set aside'),
})

/** An authority sets the verdict. */
export function override(given: Given, name: string | undefined, input: z.infer<typeof overrideInput>): Decided {
  const found = whichCheckpoint(given, input.checkpoint)
  if (!found.ok) return found
  const actor = whoActs(given.program, name, { act: 'override' })
  if (!actor.ok) return actor
  return accept(actor.person, `${actor.person} set the verdict of ${found.checkpoint.id} to ${input.verdict}`, {
    type: 'override',
    body: input,
  })
}
