import type { EscalationRaised, Fired } from '#core/ledger/events.ts'
import type { Dated, LedgerState } from '#core/ledger/state.ts'

/** What the scheduler needs to know of a ledger: the fold of its events. */
export interface History {
  readonly state: LedgerState
  /** Timers that have fired, by key. */
  readonly fired: ReadonlyMap<string, Fired & Dated>
  /** Checkpoint id -> what was held, oldest first. */
  readonly held: ReadonlyMap<
    string,
    readonly { readonly due: string; readonly at: string; readonly verdict: string; readonly decision: string }[]
  >
  readonly escalations: readonly Escalation[]
  /** When evidence was last looked at: instant. */
  readonly watchedAt?: string
  /** Stream id -> when its measured progress last moved, and when it was first measured. */
  readonly progress: ReadonlyMap<string, { readonly movedAt: string; readonly value: string }>
  /** Stream id -> instants of its check-ins, oldest first. */
  readonly checkInsAt: ReadonlyMap<string, readonly string[]>
}

export interface Escalation extends EscalationRaised {
  readonly raisedAt: string
  readonly acknowledgedUntil?: string
  readonly clearedAt?: string
}
