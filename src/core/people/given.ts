import type { Decision } from '#core/decide/model.ts'
import type { Token } from '#core/evidence/reported.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Access } from '#core/people/access.ts'
import type { Refusal } from '#core/people/refusal.ts'
import type { Program } from '#core/program/model.ts'
import type { Escalation } from '#core/schedule/history.ts'

/** What an act is decided from. */
export interface Given {
  /** As the file has it. */
  readonly program: Program
  readonly state: LedgerState
  /** Clock of the record: instant in UTC. */
  readonly at: string
  /** What some acts look at as well: each says so in its `needs`. */
  readonly tokens?: ReadonlyMap<string, Token>
  readonly access?: ReadonlyMap<string, Access>
  readonly escalations?: readonly Escalation[]
  /** The latest recorded decision. */
  readonly decision?: Pick<Decision, 'checkpoint' | 'streams'>
  /** Tree that is signed for, where a signature counts for one tree only. */
  readonly tree?: string
}

/** What goes on record: all of it in one transaction, or nothing. */
export interface Accepted {
  readonly ok: true
  /** Id of the person who acts. */
  readonly actor: string
  readonly events: readonly [EventBody, ...EventBody[]]
  /** One line for people, without a full stop. */
  readonly said: string
}

export type Decided = Accepted | Refusal

export const accept = (actor: string, said: string, ...events: readonly [EventBody, ...EventBody[]]): Accepted => ({
  ok: true,
  actor,
  said,
  events,
})
