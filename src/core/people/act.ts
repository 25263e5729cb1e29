import type { z } from 'zod'
import { issueAccess, issueAccessInput, revokeAccess, revokeAccessInput } from '#core/people/access.ts'
import * as blocker from '#core/people/blocker.ts'
import { checkIn } from '#core/people/check-in.ts'
import { checkInInput } from '#core/people/check-in-input.ts'
import { cancelCheckpoint, cancelInput, moveCheckpoint, moveInput } from '#core/people/checkpoint.ts'
import { chooseInput, chooseOption } from '#core/people/choose.ts'
import { acknowledgeEscalation, acknowledgeEscalationInput } from '#core/people/escalation.ts'
import type { Decided, Given } from '#core/people/given.ts'
import { mistakesOf } from '#core/people/mistakes.ts'
import { refuseInput } from '#core/people/refusal.ts'
import { sign, signInput } from '#core/people/sign.ts'
import { issueInput, issueToken, revokeInput, revokeToken } from '#core/people/token.ts'
import { override, overrideInput, waive, waiveInput } from '#core/people/verdict.ts'
import { findPerson } from '#core/people/who.ts'

interface ActKind<S extends z.ZodObject> {
  readonly title: string
  /** JSON of the input: the same for a command, a file and the API. */
  readonly input: S
  /** What of `Given` it looks at beside the state; whoever calls brings it. */
  readonly needs: readonly Need[]
  readonly decide: (given: Given, person: string | undefined, input: z.output<S>) => Decided
}

/** Parts of `Given` that not every act looks at, and that take reading. */
export type Need = 'tokens' | 'access' | 'escalations' | 'decision'

const kind = <S extends z.ZodObject>(title: string, input: S, decide: ActKind<S>['decide'], needs: readonly Need[] = []): ActKind<S> => ({
  title,
  input,
  needs,
  decide,
})

/** Everything that people put on record: what it takes, and what comes of it. */
export const ACTS = {
  'check-in': kind('Check in for a stream', checkInInput, (given, person, input) => checkIn(given, person, input)),
  'open-blocker': kind('Open a blocker', blocker.openInput, blocker.openBlocker),
  'update-blocker': kind('Change an open blocker', blocker.updateInput, blocker.updateBlocker),
  'acknowledge-blocker': kind('Acknowledge an open blocker for a while', blocker.acknowledgeInput, blocker.acknowledgeBlocker),
  'resolve-blocker': kind('Resolve a blocker', blocker.resolveInput, blocker.resolveBlocker),
  sign: kind('Sign a manual criterion, or the decision of a checkpoint', signInput, sign),
  waive: kind('Accept an unmet criterion for a while', waiveInput, waive),
  override: kind('Set the verdict of a checkpoint', overrideInput, override),
  'move-checkpoint': kind('Hold a checkpoint at another time', moveInput, moveCheckpoint),
  'cancel-checkpoint': kind('Not hold a checkpoint', cancelInput, cancelCheckpoint),
  'acknowledge-escalation': kind('Acknowledge an escalation for a while', acknowledgeEscalationInput, acknowledgeEscalation, [
    'escalations',
  ]),
  'choose-option': kind('Choose an option of the decision matrix for a stream', chooseInput, chooseOption, ['decision']),
  'issue-token': kind('Issue a token with which CI reports evidence of a stream', issueInput, issueToken, ['tokens']),
  'revoke-token': kind('Revoke a token', revokeInput, revokeToken, ['tokens']),
  'issue-access': kind('Issue a token of the API for a person, or for the machines of a stream', issueAccessInput, issueAccess, ['access']),
  'revoke-access': kind('Revoke a token of the API', revokeAccessInput, revokeAccess, ['access']),
} as const

export type ActName = keyof typeof ACTS
export const ACT_NAMES = Object.keys(ACTS) as readonly ActName[]

/** What an act is given, as JSON. */
export type ActInput<N extends ActName> = z.input<(typeof ACTS)[N]['input']>

/**
 * Decides what goes on record when a person does something. Pure; the caller appends the events in
 * one transaction, onto the ledger that `given` was read from.
 * @param person Id or handle of who acts; undefined: the only person who may. Who calls vouches for it.
 * @param input JSON as it was written: it is read here, with the act's own schema, and every mistake in it comes at once.
 */
export function act<N extends ActName>(given: Given, person: string | undefined, name: N, input: ActInput<N>): Decided {
  const found = person === undefined ? undefined : findPerson(given.program, person)
  if (found && 'ok' in found) return found
  const { input: schema, decide } = ACTS[name] as unknown as ActKind<z.ZodObject>
  // A check-in is read against its stream, which it may have to be asked for.
  if (name === 'check-in') return checkIn(given, found?.id, input)
  const read = schema.safeParse(input)
  if (read.success) return decide(given, found?.id, read.data)
  return refuseInput(read.error.issues.flatMap((issue) => mistakesOf(issue, Object.keys(schema.shape), `${name} input`)))
}
