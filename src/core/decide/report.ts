import type { Evidence, SubjectState, Unit } from '#core/evidence/evidence.ts'
import type { Blocker, Dated, Troubles } from '#core/ledger/state.ts'
import type { CheckIn, InvitationAnswer } from '#core/ledger/events.ts'
import type { Explanation, RawStatus, Status, WaiverReport } from '#core/evaluate/model.ts'
import type { Decision, StreamDecision } from '#core/decide/model.ts'
import type { AgendaItem, Amount, Checkpoint, DeliverableKind, Dependency, Health, Sync, Tier, Verdict } from '#core/program/model.ts'

/**
 * One check as one document: what every renderer is given, and what `--format json` prints. Every
 * number in any message comes from here.
 */
export interface CheckReport {
  readonly schemaVersion: 1
  readonly verdict: Verdict
  /** 0 GO or CONDITIONAL GO, 1 NO-GO, 3 INCONCLUSIVE. */
  readonly exitCode: 0 | 1 | 3
  readonly program: { readonly id: string; readonly name: string; readonly zone: string; readonly target: string }
  readonly checkpoint: CheckpointReport
  /** Clock of the check: instant in UTC. */
  readonly at: string
  /** Names of people by id: decisions and records name people by their ids. */
  readonly people: Readonly<Record<string, string>>
  readonly streams: readonly StreamReport[]
  readonly criteria: readonly CriterionReport[]
  readonly waivers: readonly WaiverReport[]
  /** What Muster could not do since a checkpoint was held last; absent while there is nothing of it. */
  readonly troubles?: readonly Troubles[]
  readonly decision: Decision
  readonly actions: readonly Action[]
  /** Where the sealed record stands; absent for a dry run. */
  readonly record?: { readonly id: string; readonly seq: number; readonly hash: string }
}

export interface Attendee {
  readonly id: string
  readonly name: string
  /** What they answered to the invitation to this time; absent: nothing. */
  readonly says?: InvitationAnswer
}

export interface CheckpointReport {
  readonly id: string
  readonly name: string
  readonly at: string
  /** It is held at another time than the program file says. */
  readonly moved?: Checkpoint['moved']
  readonly durationSeconds: number
  readonly question: string
  readonly agenda: readonly AgendaItem[]
  readonly attendees: readonly Attendee[]
  readonly syncs: readonly Sync[]
}

export interface StreamReport {
  readonly id: string
  readonly name: string
  readonly lead: { readonly id: string; readonly name: string }
  readonly branch: string
  readonly state: SubjectState
  readonly health: Health
  readonly healthRule: StreamDecision['healthRule']
  readonly progress?: number
  readonly ready: boolean
  readonly deliverables: readonly DeliverableReport[]
  readonly integrationPoints: readonly {
    readonly id: string
    readonly title: string
    readonly with: string
    readonly status: Status
    readonly because: string
  }[]
  /** What this stream waits for, as the program declares it; absent when nobody said. */
  readonly dependsOn: readonly Dependency[]
  readonly blockers: readonly Blocker[]
  readonly checkIn?: CheckIn & Dated
  /** What the check-in plans, beside what is measured now; absent when it plans nothing. */
  readonly planned?: readonly PlannedReport[]
  readonly matrix?: StreamDecision['matrix']
  /** Ids into `criteria` with this stream as subject. */
  readonly criteria: readonly CriterionReport[]
}

export interface PlannedReport {
  readonly title: string
  readonly unit?: Unit
  readonly planned: number
  readonly measured?: number | boolean
}

export interface DeliverableReport {
  readonly id: string
  readonly title: string
  readonly kind: DeliverableKind
  readonly unit?: Unit
  readonly full?: Amount
  /** Due at this checkpoint; absent when nothing of it is. */
  readonly due?: Amount
  readonly measured?: number | boolean
  readonly interval?: Evidence['interval']
  readonly claimed?: number
  /** Of the target at this checkpoint; absent when nothing is due. */
  readonly status?: Status
  readonly because?: string
}

export interface CriterionReport {
  readonly id: string
  readonly subject: string
  readonly title: string
  readonly tier: Tier
  readonly status: Status
  readonly rawStatus: RawStatus
  readonly unit?: Unit
  readonly actual?: number | boolean
  readonly target?: number | boolean
  readonly explanation: Explanation
  readonly evidence: readonly Evidence[]
}

/** What somebody must do next. */
export interface Action {
  readonly kind: 'close' | 'condition' | 'escalate' | 'recommend' | 'merge' | 'follow-up' | 'sign' | 'schedule'
  readonly text: string
  /** Names of people; of an escalation who escalates, then to whom. Empty where the program names nobody. */
  readonly who: readonly string[]
  /** Instant in UTC. */
  readonly due?: string
  readonly subject?: string
  /** Id of the criterion that this closes; its title and what flips it stand in the decision. */
  readonly criterion?: string
}
