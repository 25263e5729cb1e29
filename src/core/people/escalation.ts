import { z } from 'zod'
import { holdersOf } from '#core/ledger/permit.ts'
import { acknowledged, readAcknowledged, reference } from '#core/people/fields.ts'
import { accept, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseUnknown } from '#core/people/refusal.ts'
import { whoActs } from '#core/people/who.ts'
import type { Program } from '#core/program/model.ts'
import type { Escalation } from '#core/schedule/history.ts'
import { formatZoned } from '#core/schedule/time.ts'

export const acknowledgeEscalationInput = z.strictObject({
  escalation: reference.describe('Id of the escalation'),
  for: acknowledged,
})

/** Somebody is on it: no step is taken until the acknowledgement lapses. */
export function acknowledgeEscalation(given: Given, name: string | undefined, input: z.infer<typeof acknowledgeEscalationInput>): Decided {
  const { program, escalations = [] } = given
  const known = escalations.findLast((one) => one.escalation === input.escalation)
  if (!known) {
    const open = escalations.filter((one) => one.clearedAt === undefined).map((one) => one.escalation)
    return refuseUnknown('escalation', input.escalation, open, 'escalation')
  }
  const { zone } = program.calendar
  if (known.clearedAt !== undefined)
    return refuse('settled', `escalation ${known.escalation} is over since ${formatZoned(known.clearedAt, zone)}`)
  const { escalation, owner } = known
  const actor = whoActs(program, name, { act: 'acknowledge-escalation', escalation, owner, told: toldOf(program, known) })
  if (!actor.ok) return actor
  const until = readAcknowledged(given, 'for', input.for)
  if (!until.ok) return until
  return accept(
    actor.person,
    `${actor.person} acknowledged escalation ${escalation} of ${known.subject.replace('stream:', '')} (${known.scenario}) until ${formatZoned(until.instant, zone)}`,
    { type: 'escalation-acknowledged', body: { escalation, until: until.instant } },
  )
}

/** Whom the escalation went to, and whom the steps of its rule reach. */
function toldOf(program: Program, { rule, escalateTo, subject }: Escalation): readonly string[] {
  const steps = program.escalation.find((one) => one.id === rule)?.steps ?? []
  const stream = subject === 'program' ? undefined : subject.slice('stream:'.length)
  return [
    ...new Set([
      escalateTo,
      ...steps.flatMap(({ to }) => (program.people.some((one) => one.id === to) ? [to] : holdersOf(program, to, stream))),
    ]),
  ]
}
