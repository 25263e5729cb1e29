import type { RecordedFile } from '#core/merge/probe.ts'
import type { LandingPlan } from '#core/merge/radar.ts'
import type { OptionChosen } from '#core/ledger/events.ts'
import type { Status } from '#core/evaluate/model.ts'
import type { Health, MatrixOption, Tier, Verdict } from '#core/program/model.ts'

/** What is decided at a checkpoint, and what follows from it. Plain JSON. */
export interface Decision {
  readonly checkpoint: string
  readonly at: string
  /** The question of the checkpoint. */
  readonly question: string
  readonly verdict: Verdict
  /** Verdict before an override. */
  readonly computedVerdict: Verdict
  /** Id and title of the verdict rule that fired. */
  readonly rule: { readonly id: string; readonly title: string }
  readonly override?: { readonly by: string; readonly reason: string; readonly at: string }
  /** How many judgements have each status, by tier. */
  readonly counts: Readonly<Record<Tier, Readonly<Partial<Record<Status, number>>>>>
  /** Judgements that keep the verdict from GO, worst first. */
  readonly against: readonly Finding[]
  readonly streams: readonly StreamDecision[]
  readonly conditions: readonly DueCondition[]
  readonly escalations: readonly EscalationOwed[]
  readonly signOffs: readonly SignOffState[]
  readonly merge?: MergePlan
  readonly onNoGo?: NoGoPlan
  /** What the program says follows from this verdict. */
  readonly actions: readonly string[]
  readonly next?: { readonly checkpoint: string; readonly at: string }
}

export interface Finding {
  readonly criterion: string
  readonly subject: string
  readonly title: string
  readonly tier: Tier
  readonly status: Status
  readonly because: string
  readonly flip?: string
  readonly who: readonly string[]
}

export interface StreamDecision {
  readonly stream: string
  readonly name: string
  readonly lead: string
  readonly health: Health
  readonly healthRule: { readonly id: string; readonly title: string; readonly because: string }
  /** Ready to merge: nothing critical of this stream is open. */
  readonly ready: boolean
  readonly matrix?: {
    readonly id: string
    readonly title: string
    readonly immediate: readonly string[]
    readonly options: readonly MatrixOption[]
    readonly recommend: readonly string[]
    readonly recommendation: string
    readonly escalateTo?: string
    /** What somebody has chosen of the options at this checkpoint. */
    readonly chosen?: Pick<OptionChosen, 'option' | 'reason'> & { readonly by: string; readonly at: string }
  }
}

export interface DueCondition {
  readonly criterion: string
  readonly subject: string
  readonly text: string
  readonly owner: string
  readonly due: string
}

export interface EscalationOwed {
  readonly rule: string
  readonly scenario: string
  readonly subject: string
  readonly owner: string
  readonly escalateTo: string
  readonly action: string
  readonly because: string
}

export interface SignOffState {
  readonly role: string
  readonly quorum: number
  readonly approved: readonly string[]
  readonly refused: readonly string[]
  /** People who could still sign. */
  readonly waitingFor: readonly string[]
}

export interface MergePlan {
  readonly target: string
  /** Days in order; `date` is `YYYY-MM-DD` in the program's zone. */
  readonly days: readonly { readonly date: string; readonly weekday: string; readonly streams: readonly string[] }[]
  readonly merged: readonly string[]
  readonly held: readonly { readonly stream: string; readonly because: string }[]
  /** These four are there where it is known which streams collide; see `LandingPlan`. */
  readonly waves?: LandingPlan['waves']
  readonly rework?: LandingPlan['rework']
  readonly atLeast?: number
  readonly optimal?: boolean
  /** Streams that did not land in this order although no pair of theirs collides. */
  readonly surprises?: readonly { readonly stream: string; readonly files: readonly RecordedFile[] }[]
}

export interface NoGoPlan {
  readonly blocked: readonly { readonly stream: string; readonly because: readonly string[] }[]
  readonly continuing: readonly string[]
  /** Instant until which the blocked streams have time; absent when the program gives none. */
  readonly extendedUntil?: string
  readonly reevaluateAt?: string
}
