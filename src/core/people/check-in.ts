import type { CheckIn } from '#core/ledger/events.ts'
import { mergeCheckIn, readCheckIn, saysSomething } from '#core/people/check-in-input.ts'
import { openFor } from '#core/people/blocker.ts'
import { accept, type Accepted, type Decided, type Given } from '#core/people/given.ts'
import { refuse, refuseInput } from '#core/people/refusal.ts'
import { streamIds, whichStream, whoActs } from '#core/people/who.ts'
import { InternalError } from '#core/problems.ts'

/**
 * What a lead reports, written in one place or in several that add up (a file and flags). Every
 * mistake in all of them comes at once. A blocker in it is opened in the same transaction.
 */
export function checkIn(given: Given, name: string | undefined, ...sources: readonly unknown[]): Decided {
  const { program } = given
  const named = sources.map(streamIn).findLast((one) => one !== undefined)
  const chosen = whichStream(program, streamIds(program), named, name, 'reports')
  if (!chosen.ok) return chosen
  const stream = program.streams.find((one) => one.id === chosen.stream)
  if (!stream) throw new InternalError(`${chosen.stream} was chosen from the streams`)
  const actor = whoActs(program, name, { act: 'check-in', stream: stream.id })
  if (!actor.ok) return actor

  const read = sources.map((one) => readCheckIn(program, stream, one))
  const mistakes = read.flatMap((one, source) => one.mistakes.map((mistake) => ({ ...mistake, source })))
  if (mistakes.length > 0) return refuseInput(mistakes)
  const parts = read.map((one) => one.part)
  const body = mergeCheckIn(stream.id, parts)
  const opened = openedIn(
    given,
    actor.person,
    stream.id,
    parts.flatMap((one) => one.blocker ?? []),
  )
  if (!Array.isArray(opened)) return opened
  if (!saysSomething(body) && opened.length === 0)
    return refuse(
      'invalid-input',
      'this check-in says nothing; give done, next, risk, claim, plan, waiting-on, blocking, blocker or confidence',
    )
  const said = [`${actor.person} checked in for ${stream.id}: ${summary(body, opened.length)}`, ...opened.map((one) => one.said)].join('; ')
  return accept(actor.person, said, { type: 'check-in', body }, ...opened.flatMap((one) => one.events))
}

type Blockers = Parameters<typeof openFor>[3]

function openedIn(given: Given, person: string, stream: string, blockers: readonly Blockers[]): Accepted[] | Exclude<Decided, Accepted> {
  const opened: Accepted[] = []
  // Ids that this check-in has given are taken for the next one in it.
  const known = [...given.state.blockers]
  for (const one of blockers) {
    const decided = openFor({ ...given, state: { ...given.state, blockers: known } }, person, stream, one)
    if (!decided.ok)
      return { ...decided, field: 'blocker', message: decided.field ? `${decided.field}: ${decided.message}` : decided.message }
    opened.push(decided)
    for (const event of decided.events) if (event.type === 'blocker-opened') known.push({ ...event.body, openedAt: given.at })
  }
  return opened
}

const streamIn = (written: unknown): string | undefined =>
  typeof written === 'object' && written !== null && 'stream' in written && typeof written.stream === 'string' ? written.stream : undefined

function summary({ done, next, risks, claims, plan = {}, waitingOn = [], blocking = [], confidence }: CheckIn, blockers: number): string {
  const count = (number: number, one: string, many = one): string[] => (number === 0 ? [] : [`${number} ${number === 1 ? one : many}`])
  return [
    ...count(done.length, 'done'),
    ...count(next.length, 'next'),
    ...count(risks.length, 'risk', 'risks'),
    ...count(Object.keys(claims).length, 'claim', 'claims'),
    ...count(Object.keys(plan).length, 'planned'),
    ...count(waitingOn.length, 'waiting on'),
    ...count(blocking.length, 'blocking'),
    ...(confidence ? ['confidence'] : []),
    ...count(blockers, 'blocker', 'blockers'),
  ].join(', ')
}
