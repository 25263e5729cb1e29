import type { Written } from '#core/api/documents.ts'
import { foldTokens, type Token } from '#core/evidence/reported.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { act, ACTS, type ActName, type Need } from '#core/people/act.ts'
import type { Given } from '#core/people/given.ts'
import type { Refusal } from '#core/people/refusal.ts'
import { decideAct, untilAppended } from '#engine/put-on-record.ts'
import { isConflictOrTwin } from '#engine/run-ports.ts'
import type { Bearers } from '#server/auth/bearer.ts'
import type { LiveProgram } from '#server/live-program.ts'
import type { ServerPorts } from '#server/ports.ts'
import { keyedId, written, type Keyed } from '#server/written.ts'

/** What putting an act on record takes beside the program. */
export interface Recording {
  readonly ports: Pick<ServerPorts, 'now'>
  readonly bearers: Bearers
}

export interface ActAsked {
  readonly name: ActName
  readonly keyed: Keyed
  readonly person: string | undefined
  readonly input: Readonly<Record<string, unknown>>
  readonly ifMatch?: string | undefined
}

/** A write that was made, or why none was. */
export type Outcome = Written | Refusal | { readonly problem: string; readonly status: 412 | 422; readonly title: string }

/** Decides from what is known now and appends; again, when somebody else recorded meanwhile. */
export const perform = (live: LiveProgram, server: Recording, { name, keyed, person, input, ifMatch }: ActAsked): Promise<Outcome> =>
  untilAppended(async () => {
    await live.refresh()
    const before = live.written(keyed.key)
    if (before && before.said !== keyed.said) return { status: 422, problem: 'key-reused', title: 'This key was used for another write' }
    if (before) return { events: before.events, said: '' }
    if (ifMatch !== undefined && ifMatch !== `"${live.seq}"` && ifMatch !== '*')
      return {
        status: 412,
        problem: 'changed-meanwhile',
        title: 'Somebody else recorded something meanwhile; look at it, and say it again',
      }
    const given = await givenOf(server, live, name)
    const { at } = given
    const decided = await decideAct(
      given,
      (now) => act(now, person, name, input as never),
      (branch) => live.served.treeOf(branch),
    )
    if (!decided.ok) return decided
    const { actor, events } = decided
    const drafts = events.map((event, index) => ({ id: keyedId(keyed, index), at, actor, ...event }))
    const sealed = await live.served.ledger.append(live.id, drafts, { expectedSeq: live.seq })
    await live.refresh()
    return { events: sealed.map(written), said: decided.said }
  }, isConflictOrTwin)

export const givenOf = async (server: Recording, live: LiveProgram, name: ActName): Promise<Given> => ({
  program: live.planned,
  state: live.record.state,
  at: server.ports.now(),
  escalations: live.record.escalations,
  ...(await needs(server, live, name)),
})

async function needs(server: Recording, live: LiveProgram, name: ActName): Promise<Partial<Given>> {
  const wanted: readonly Need[] = ACTS[name].needs
  const last = wanted.includes('decision') ? live.record.decisions.at(-1) : undefined
  const report = last && (await live.report(last.id))
  return {
    ...(report && { decision: report.decision }),
    ...(wanted.includes('tokens') && { tokens: await tokensOf(live) }),
    ...(wanted.includes('access') && { access: await server.bearers.of(live) }),
  }
}

async function tokensOf(live: LiveProgram): Promise<ReadonlyMap<string, Token>> {
  const events: LedgerEvent[] = []
  for await (const event of live.served.ledger.read(live.id, { types: ['token-issued', 'token-revoked'] })) events.push(event)
  return foldTokens(events)
}
