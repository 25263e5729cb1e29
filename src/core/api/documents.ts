import type { SignOffState, StreamDecision } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Status } from '#core/evaluate/model.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import type { CheckIn, OptionChosen, Override, SignOff } from '#core/ledger/events.ts'
import type { Blocker, Dated } from '#core/ledger/state.ts'
import type { DeliveryState } from '#core/notify/outbox.ts'
import type { AgendaItem, Amount, DeliverableKind, Health, Matrix, Policy, Sync, Verdict } from '#core/program/model.ts'
import type { Escalation } from '#core/schedule/history.ts'
import type { Unit } from '#core/evidence/evidence.ts'

/**
 * What the API answers with, and what the dashboard shows. Built by pure functions from the program
 * and the ledger alone: no clock, so that one head of the ledger has one document, one ETag and one
 * set of bytes. What depends on now (a countdown, how long a blocker is overdue) the reader counts.
 */

/** `GET /api/programs/{program}/state`: all that the overview needs. */
export interface StateDocument {
  readonly schemaVersion: 1
  readonly program: ProgramHead
  /** Absent while nothing is recorded. */
  readonly head?: { readonly seq: number; readonly hash: string; readonly at: string }
  readonly streams: readonly StreamHead[]
  readonly checkpoints: readonly CheckpointHead[]
  /** One for each stream and checkpoint that was judged. */
  readonly grid: readonly GridCell[]
  /** Worst and earliest first. */
  readonly attention: readonly Attention[]
  /** Open ones first, then those resolved last. */
  readonly blockers: readonly BlockerDocument[]
  readonly escalations: readonly Escalation[]
  readonly deliveries: Readonly<Record<DeliveryState, number>>
  readonly syncs: readonly Sync[]
}

export interface ProgramHead {
  readonly id: string
  readonly name: string
  /** IANA zone of its wall times. */
  readonly zone: string
  readonly target: string
  readonly people: readonly { readonly id: string; readonly name: string; readonly roles: readonly string[] }[]
  /** Roles that may waive and override. */
  readonly authority: Policy['authority']
}

export interface StreamHead {
  readonly id: string
  readonly name: string
  readonly lead: string
  /** Ids of people who help it. */
  readonly support: readonly string[]
  readonly branch: string
  /** As judged last; absent before. */
  readonly health?: Health
  readonly because?: string
  /** Measured share of the whole, 0-1. */
  readonly progress?: number
  readonly ready?: boolean
  readonly checkedInAt?: string
  /** 0-1, the lead's own. */
  readonly confidence?: number
}

export type CheckpointState = 'upcoming' | 'open' | 'held' | 'cancelled'

export interface CheckpointHead {
  readonly id: string
  readonly name: string
  /** Start as it stands now: instant. */
  readonly at: string
  /** Start that the program file says, where it was moved. */
  readonly movedFrom?: string
  readonly durationSeconds: number
  readonly state: CheckpointState
  /** As it stands now: of the newest decision, or what an authority set. */
  readonly verdict?: Verdict
  readonly decision?: string
  readonly question: string
}

export interface GridCell {
  readonly stream: string
  readonly checkpoint: string
  /** The verdict rules of DESIGN over this stream's criteria alone. */
  readonly verdict: Verdict
  readonly health: Health
  readonly counts: Readonly<Partial<Record<Status, number>>>
}

/** What needs a person. */
export interface Attention {
  readonly kind: 'blocker' | 'escalation' | 'sign-off' | 'check-in' | 'condition' | 'waiver' | 'trouble' | 'decision'
  readonly text: string
  /** Ids of people. */
  readonly who: readonly string[]
  /** Instant by which. */
  readonly due?: string
  readonly subject?: Subject
  readonly checkpoint?: string
  readonly blocker?: string
}

export interface BlockerDocument extends Blocker {
  readonly outcome?: string
  readonly note?: string
  /** When people were told, and of what (`BLOCKER_STAGES`). */
  readonly told: readonly { readonly at: string; readonly to: readonly string[]; readonly action: string }[]
}

/** `GET /api/programs/{program}/checkpoints/{checkpoint}`: the run sheet. */
export interface CheckpointDocument extends CheckpointHead {
  readonly agenda: readonly AgendaItem[]
  readonly attendees: readonly { readonly id: string; readonly name: string }[]
  /** Of the newest decision, recomputed from the record; absent before the first. */
  readonly report?: CheckReport
  /** Oldest first. */
  readonly decisions: readonly DecisionHead[]
  /** What came out otherwise than in the decision before. */
  readonly flips: readonly {
    readonly criterion: string
    readonly subject: string
    readonly title: string
    readonly from: Status
    readonly to: Status
  }[]
  /** Where its decision stands with what was said since; absent before the first. */
  readonly standing?: Standing
  /** Criteria that a person vouches for, and the roles in which. */
  readonly signable: readonly { readonly criterion: string; readonly subject: Subject; readonly roles: readonly string[] }[]
  readonly signOffs: readonly (SignOff & Dated)[]
  readonly overrides: readonly (Override & Dated)[]
  readonly chosen: readonly (OptionChosen & Dated)[]
  readonly matrices: readonly Matrix[]
}

/** A decision, and what people said of it after it was recorded. */
export interface Standing {
  readonly verdict: Verdict
  readonly computedVerdict: Verdict
  /** Absent while the computed verdict stands. */
  readonly override?: Override & Dated
  /** Every role that is asked for, with everything signed so far. */
  readonly signOffs: readonly SignOffState[]
}

/** `GET /api/programs/{program}/decisions`. */
export interface DecisionHead {
  readonly id: string
  readonly seq: number
  readonly hash: string
  readonly checkpoint: string
  readonly clock: string
  readonly recordedAt: string
  readonly actor: string
  readonly verdict: Verdict
  readonly rule: string
  readonly version: string
  readonly streams?: readonly string[]
}

/** `GET /api/programs/{program}/streams/{stream}`. */
export interface StreamDocument extends StreamHead {
  readonly deliverables: readonly {
    readonly id: string
    readonly title: string
    readonly kind: DeliverableKind
    readonly unit?: Unit
    readonly full?: Amount
    /** Oldest first; one for each time the value was looked at and had changed. */
    readonly measured: readonly { readonly at: string; readonly value: number; readonly commit?: string }[]
    readonly claimed: readonly { readonly at: string; readonly value: number }[]
    readonly targets: readonly { readonly checkpoint: string; readonly at: string; readonly due: Amount }[]
  }[]
  /** Metrics over time that a reader asks for: tests, coverage. */
  readonly trends: readonly {
    readonly metric: string
    readonly title: string
    readonly unit: Unit
    readonly points: readonly { readonly at: string; readonly value: number }[]
  }[]
  readonly healths: readonly { readonly at: string; readonly checkpoint: string; readonly health: Health }[]
  readonly commits: readonly { readonly at: string; readonly commit: string; readonly tree: string }[]
  readonly checkIns: readonly (CheckIn & Dated)[]
  readonly blockers: readonly BlockerDocument[]
  /** What can be done about it, by the newest decision, and what was chosen of it since; absent where nothing need be. */
  readonly matrix?: Omit<NonNullable<StreamDecision['matrix']>, 'chosen'> & {
    readonly checkpoint: string
    readonly chosen?: OptionChosen & Dated
  }
}
