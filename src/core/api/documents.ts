import type { SignOffState, StreamDecision } from '#core/decide/model.ts'
import type { Attendee, CheckReport, CriterionReport } from '#core/decide/report.ts'
import type { Status, WaiverReport } from '#core/evaluate/model.ts'
import type { Evidence, Snapshot, Subject } from '#core/evidence/evidence.ts'
import type {
  BlockerOutcome,
  CheckIn,
  DecisionRecord,
  EventType,
  LedgerEvent,
  OptionChosen,
  Override,
  SignOff,
  Waiver,
} from '#core/ledger/events.ts'
import type { ReplayStage } from '#core/ledger/record.ts'
import type { Access } from '#core/people/access.ts'
import type { Blocker, Dated } from '#core/ledger/state.ts'
import type { DeliveryState } from '#core/notify/outbox.ts'
import type { AgendaItem, Amount, DeliverableKind, Health, Matrix, Policy, Program, Sync, Verdict } from '#core/program/model.ts'
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
  readonly head?: Head
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
  /** Whether the process that answers does what is due by itself: opens and holds checkpoints, sends, escalates. */
  readonly running: boolean
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
  /** What the rules are called that give a verdict. */
  readonly rules: readonly { readonly id: string; readonly title: string }[]
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
  /** The rules of a verdict over this stream's criteria alone. */
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
  readonly outcome?: BlockerOutcome
  readonly note?: string
  /** When people were told, of what (`BLOCKER_STAGES`), and whom it reached: ids of people, or of a channel that all read. */
  readonly told: readonly { readonly at: string; readonly to: readonly string[]; readonly action: string }[]
}

/** `GET /api/programs/{program}/checkpoints/{checkpoint}`: the run sheet. */
export interface CheckpointDocument extends CheckpointHead {
  readonly agenda: readonly AgendaItem[]
  readonly attendees: readonly Attendee[]
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
  /** It is the one that counts: its checkpoint was held with it. Any other only looked. */
  readonly held?: true
  /** Who set its verdict, over what was computed by `rule`. */
  readonly setBy?: string
  /** Who set another one after it. */
  readonly setSince?: { readonly by: string; readonly verdict: Verdict }
}

/** `GET /api/programs/{program}/decisions/{decision}/replay`: a record, recomputed from what it names. */
export interface ReplayDocument {
  readonly schemaVersion: 1
  readonly decision: string
  readonly same: boolean
  /** Digests that the record holds, by stage. */
  readonly stages: DecisionRecord['stages']
  /** The first stage that came out otherwise, with both digests; `recomputed` is absent where nothing came out. */
  readonly stage?: ReplayStage
  readonly recorded?: string
  readonly recomputed?: string
  readonly detail?: string
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
    readonly points: readonly { readonly at: string; readonly value: number; readonly commit?: string }[]
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

/** One program of `GET /api/programs`. */
export interface ProgramItem {
  readonly id: string
  readonly name: string
  /** Whether the process that answers does what is due by itself. */
  readonly running: boolean
  readonly head?: Head
  /** Why the program file as it is now is not in force: the one before it is. */
  readonly trouble?: string
}

/** Where a ledger ends. Kept elsewhere, it proves that nothing was cut off or written anew. */
export interface Head {
  readonly seq: number
  readonly hash: string
  readonly at: string
}

/** `GET /api/programs/{program}`: the plan as it stands now, moves and cancellations applied. */
export interface PlanDocument {
  readonly schemaVersion: 1
  readonly program: Program
  /** Why the program file as it is now is not in force: the one before it is. */
  readonly trouble?: string
}

/** What a decision was made from: each criterion with its explanation as a tree. */
export interface EvaluationDocument {
  readonly schemaVersion: 1
  readonly decision: string
  readonly checkpoint: string
  readonly at: string
  readonly streams: readonly { readonly id: string; readonly health: Health; readonly because: string; readonly progress?: number }[]
  /** Those of the program, and those of each stream. */
  readonly criteria: readonly CriterionReport[]
  readonly waivers: readonly WaiverReport[]
}

/** The evidence that a decision was made from. */
export interface SnapshotDocument {
  readonly schemaVersion: 1
  readonly decision: string
  /** sha256 of the canonical JSON of `snapshot`, as the decision seals it. */
  readonly digest: string
  readonly snapshot: Snapshot
}

/** One piece of evidence on record. */
export interface EvidenceItem {
  readonly evidence: Evidence
  /** Number of the record that holds it. */
  readonly record: number
  readonly recordedAt: string
}

export interface MatrixDocument extends Matrix {
  /** Oldest first. */
  readonly chosen: readonly (OptionChosen & Dated)[]
}

export interface LedgerHead {
  readonly schemaVersion: 1
  readonly program: string
  /** Absent while nothing is recorded. */
  readonly head?: Head
  /** The head as one line to keep elsewhere; `muster verify --head` takes its `seq:hash`. */
  readonly line?: string
}

/** A record of the ledger; what its `body` holds depends on its `type`. */
export type LedgerRecord = LedgerEvent

export const JOB_STATES = ['waiting', 'running', 'done', 'failed'] as const

/** A check, or a look of the radar, that was asked for; one at a time for a program. */
export interface Job {
  readonly id: string
  readonly kind: 'check' | 'radar'
  /** Of a check. */
  readonly checkpoint?: string
  /** Streams that a check is about; absent: all. */
  readonly streams?: readonly string[]
  readonly state: (typeof JOB_STATES)[number]
  /** Of the sources of evidence that are asked. */
  readonly progress?: { readonly done: number; readonly of: number; readonly last?: string }
  /** Id of the decision that a check has put on record. */
  readonly decision?: string
  /** Why it failed. */
  readonly reason?: string
}

/** What readers who follow a program are told, each as one server-sent event whose `data` is JSON. */
export type LiveEvent =
  /** There are new records, or something beside them is other than it was: documents are worth asking for again. */
  | {
      readonly event: 'head'
      /** Number of the newest record; whoever comes back sends it as `Last-Event-ID`. */
      readonly id: string
      readonly data: { readonly seq: number }
    }
  /** A check or a look has got on. */
  | { readonly event: 'job'; readonly data: Job }
  /** Nothing has happened, and the connection holds. */
  | { readonly event: 'alive'; readonly data: Readonly<Record<string, never>> }

export interface SignOffItem extends SignOff, Dated {}
export interface WaiverItem extends Waiver, Dated {}
export interface OverrideItem extends Override, Dated {}
export interface ChoiceItem extends OptionChosen, Dated {}
export interface CheckInItem extends CheckIn, Dated {}

/** A token of the API. The token itself is nowhere. */
export interface AccessItem extends Omit<Access, 'sha256'> {
  readonly state: 'valid' | 'expired' | 'revoked'
  /** Instant at which it let somebody in last, since the server was started. */
  readonly usedAt?: string
}

/** A write that went on record. */
export interface Written {
  /** The same again for the same `Idempotency-Key`. */
  readonly events: readonly WrittenEvent[]
  /** One line for people; empty when the key was known already. */
  readonly said: string
}

export interface WrittenEvent extends Dated {
  readonly id: string
  readonly seq: number
  readonly hash: string
  readonly type: EventType
}

/** Evidence that was taken in, or was on record already. */
export interface EvidenceTaken {
  readonly outcome: 'recorded' | 'known'
  /** Number of the record. */
  readonly record: number
}

/** An error as the API tells it: RFC 9457, with our code, what to do, and every mistake at once. */
export interface ProblemDocument {
  readonly type: string
  readonly status: number
  /** Kebab-case words; what a program looks at. */
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly remedy?: string
  /** Path at which a person signs in; absent where nobody can. */
  readonly signIn?: string
  readonly mistakes?: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
}

/** Addresses for whoever has no account: they hold a secret. */
export interface LinksDocument {
  readonly calendar: string
  readonly badge: string
  readonly checkpoints: Readonly<Record<string, string>>
  readonly streams: Readonly<Record<string, string>>
}
