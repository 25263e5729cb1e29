import { readVerifier } from '#cli/evidence/ledger.ts'
import { readState } from '#cli/ledger-state.ts'
import { foldAccess, type Access } from '#core/people/access.ts'
import type { Need } from '#core/people/act.ts'
import type { Given } from '#core/people/given.ts'
import type { Escalation } from '#core/schedule/history.ts'
import type { Store } from '#store/store.ts'

export type Read = Omit<Given, 'program' | 'at' | 'tree'> & {
  /** How many events the ledger has. */
  readonly seq: number
}

/** What an act is decided from, as the ledger says it now. */
export async function readGiven(store: Store, program: string, needs: readonly Need[]): Promise<Read> {
  const { state, seq } = await readState(store, program)
  return {
    state,
    seq,
    ...(needs.includes('tokens') && { tokens: (await readVerifier(store, program)).tokens }),
    ...(needs.includes('access') && { access: await readAccess(store, program) }),
    ...(needs.includes('escalations') && { escalations: await readEscalations(store, program) }),
    ...(needs.includes('decision') && (await readDecision(store, program))),
  }
}

/** Tokens of the API, by id. */
export async function readAccess(store: Store, program: string): Promise<ReadonlyMap<string, Access>> {
  const events = []
  for await (const event of store.read(program, { types: ['access-granted', 'access-revoked'] })) events.push(event)
  return foldAccess(events)
}

/** Oldest first. */
export async function readEscalations(store: Store, program: string): Promise<readonly Escalation[]> {
  const { foldHistory } = await import('#core/schedule/history.ts')
  const events = []
  for await (const event of store.read(program, {
    types: ['escalation-raised', 'escalation-acknowledged', 'escalation-cleared'],
  }))
    events.push(event)
  return foldHistory(events).escalations
}

async function readDecision(store: Store, program: string): Promise<Pick<Given, 'decision'>> {
  const latest = await store.latest(program, 'decision')
  if (latest?.type !== 'decision') return {}
  const { recompute } = await import('#cli/recorded-decision.ts')
  return { decision: (await recompute(store, program, latest)).decision }
}
