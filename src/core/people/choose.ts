import { z } from 'zod'
import { reference, text } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown } from '#core/people/refusal.ts'
import { whichStream, whoActs } from '#core/people/who.ts'

export const chooseInput = z.strictObject({
  option: reference.describe('Id of the option'),
  stream: reference.optional().describe('Stream that it is chosen for; the one you lead unless said'),
  reason: text.describe('Why this one'),
})

/**
 * What is done about a stream: an option of the decision matrix that the latest decision holds
 * against it.
 */
export function chooseOption({ program, state, decision }: Given, name: string | undefined, input: z.infer<typeof chooseInput>): Decided {
  if (!decision) return refuse('settled', 'no decision is recorded yet, so there is nothing to choose', { remedy: 'muster check decides' })
  const open = decision.streams.flatMap((one) => (one.matrix ? [one.stream] : []))
  const known = decision.streams.find((one) => one.stream === input.stream)
  if (known && !known.matrix)
    return refuse(
      'settled',
      `${known.stream} is ${known.health} at ${decision.checkpoint}: the decision matrix has nothing to choose for it`,
    )
  if (open.length === 0) return refuse('settled', `the decision matrix has nothing to choose for any stream at ${decision.checkpoint}`)
  const chosen = whichStream(program, open, input.stream, name, 'is it chosen for')
  if (!chosen.ok) return chosen
  const { stream } = chosen
  const matrix = decision.streams.find((one) => one.stream === stream)?.matrix
  const option = matrix?.options.find((one) => one.id.toLowerCase() === input.option.toLowerCase())
  const ids = matrix?.options.map((one) => one.id) ?? []
  if (!matrix || !option) return refuseUnknown('option', input.option, ids, 'option')
  const actor = whoActs(program, name, {
    act: 'choose-option',
    stream,
    ...(matrix.escalateTo !== undefined && { escalateTo: matrix.escalateTo }),
  })
  if (!actor.ok) return actor
  const before = state.choices?.findLast(
    (one) => one.stream === stream && one.checkpoint === decision.checkpoint && one.matrix === matrix.id,
  )
  if (before?.option === option.id)
    return refuse('settled', `${before.actor} chose ${option.id} for ${stream} at ${decision.checkpoint} already; nothing was recorded`)
  return accept(actor.person, `${actor.person} chose ${option.id} for ${stream}: ${option.title}`, {
    type: 'option-chosen',
    body: { checkpoint: decision.checkpoint, stream, matrix: matrix.id, option: option.id, reason: input.reason },
  })
}
