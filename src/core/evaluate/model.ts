import type { Evidence, Subject, Unit } from '#core/evidence/evidence.ts'
import type { Criterion, Health } from '#core/program/model.ts'

/** What the evidence says, before any waiver. */
export const RAW_STATUSES = ['satisfied', 'unsatisfied', 'missing', 'stale', 'errored', 'inconclusive', 'not-applicable'] as const
export type RawStatus = (typeof RAW_STATUSES)[number]

/** What counts for the verdict: the raw status after waivers and overrides. */
export const STATUSES = [...RAW_STATUSES, 'waived', 'overridden'] as const
export type Status = (typeof STATUSES)[number]

/** One criterion judged for one subject. The sentences are made on demand: `explain`. */
export interface Judgement {
  readonly criterion: Criterion
  readonly subject: Subject
  readonly rawStatus: RawStatus
  readonly status: Status
  /** Observed value of the deciding metric; undefined when there is none to show. */
  readonly actual: number | boolean | undefined
  /** What it was held against, in the same unit (the bound that decides). */
  readonly target: number | boolean | undefined
  readonly unit: Unit | undefined
}

export interface StreamEvaluation {
  readonly stream: string
  readonly health: Health
  /** Id of the health rule that fired; `on-track` when none did. */
  readonly healthRule: string
  /** Share of the whole that is done, 0-1; undefined when it cannot be said. */
  readonly progress: number | undefined
  /** Judgements of this stream's criteria that are neither satisfied nor not applicable. */
  readonly open: number
}

export interface WaiverReport {
  readonly waiver: string
  readonly criterion: string
  readonly state: 'applied' | 'unused' | 'lapsed' | 'out-of-scope' | 'without-expiry' | 'lapses-soon'
  readonly note: string
}

export interface Evaluation {
  readonly checkpoint: string
  readonly at: string
  readonly judgements: readonly Judgement[]
  readonly streams: readonly StreamEvaluation[]
  readonly waivers: readonly WaiverReport[]
}

/** Why a status is what it is. One computation serves terminal, report, API. */
export interface Explanation {
  readonly status: Status
  /** The condition in words: `tests.passed at least 15 tests`. */
  readonly rule: string
  /** What was found, or why nothing was, in one sentence. */
  readonly because: string
  readonly evidence?: Evidence
  /** A claim that differs from the measurement. */
  readonly claim?: { readonly value: number; readonly by: string; readonly at: string; readonly differs: boolean; readonly text: string }
  /** How far off, and what would flip it; absent when satisfied. */
  readonly flip?: { readonly text: string; readonly who: readonly string[] }
  readonly children: readonly Explanation[]
}
