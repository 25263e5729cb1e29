import type { Unit } from '#core/evidence/evidence.ts'
import type { Tier } from '#core/program/model.ts'

/**
 * A forecast: plain JSON that every renderer and the dashboard read. Nothing in it is a promise, and
 * where the ledger holds too little to draw from there is no number but the reason.
 */
export interface ForecastReport {
  readonly schemaVersion: 1
  readonly program: { readonly id: string; readonly name: string; readonly zone: string }
  /** Clock: instant in UTC. Nothing later was read. */
  readonly at: string
  readonly seed: number
  readonly runs: number
  /** Runs that the bands were made from. */
  readonly bandRuns: number
  /** Last work day that was simulated. */
  readonly horizon: string
  /** What every number here rests on, in words. */
  readonly assumptions: readonly string[]
  readonly checkpoints: readonly CheckpointForecast[]
  readonly streams: readonly StreamForecast[]
  readonly options: OptionsForecast
  readonly past: PastForecast
}

/** Why there is no number. */
export type NoNumber =
  /** A sign-off, a feature, a ratio that does not accumulate. */
  | 'not-an-amount'
  /** Never measured. */
  | 'unmeasured'
  | 'too-little-history'
  /** Measured too long ago. */
  | 'stale'
  /** A blocker is open, and too few have ended to say how long it lasts. */
  | 'blocked'
  | 'nothing-due'

export type Chance =
  | {
      readonly kind: 'number'
      /** That it is there in time, 0-1; absent where no time is set. */
      readonly probability?: number
      /** Work day by which it is there in half of the runs, and in 85 % of them; absent when later than the horizon. */
      readonly p50?: string
      readonly p85?: string
    }
  /** Measured, and there: no forecast. `on` is the work day of the measurement. */
  | { readonly kind: 'reached'; readonly on: string }
  | { readonly kind: 'none'; readonly why: NoNumber; readonly reason: string }

export interface CheckpointForecast {
  readonly id: string
  readonly name: string
  /** Instant in UTC. */
  readonly at: string
  /** Last work day whose work counts. */
  readonly due: string
  /** That every criterion with a number is met in time. What has none because it is no amount is left out, and counted. */
  readonly chance: Chance
  readonly leftOut: number
  /** In how many of the runs this stream is the last, 0-1, the likeliest first. */
  readonly decidedBy: readonly { readonly stream: string; readonly share: number }[]
  readonly streams: readonly { readonly stream: string; readonly chance: Chance; readonly lead?: Confidence }[]
  readonly criteria: readonly CriterionForecast[]
}

export interface CriterionForecast {
  readonly id: string
  readonly title: string
  /** Stream id; absent: the program. */
  readonly stream?: string
  readonly tier: Tier
  readonly chance: Chance
}

/** What a lead said, beside the forecast and never part of it. */
export interface Confidence {
  readonly value: number
  /** The week's targets, or the program's. */
  readonly of: 'week' | 'program'
  /** Person id. */
  readonly by: string
  /** Instant in UTC. */
  readonly at: string
}

export interface StreamForecast {
  readonly id: string
  readonly name: string
  /** When all of its amounts are whole. */
  readonly chance: Chance
  /** Open blockers that stop it. */
  readonly stoppedBy: readonly { readonly blocker: string; readonly title: string; readonly since: string; readonly deadline: string }[]
  readonly deliverables: readonly DeliverableForecast[]
}

export interface DeliverableForecast {
  readonly id: string
  readonly title: string
  readonly unit?: Unit
  /** Whole amount. */
  readonly full?: number
  /** Measured changes from one work day to a later one: what is drawn from. */
  readonly observations: number
  /** Mean change a work day. */
  readonly pace?: number
  /** By work day, oldest first: the last value measured. */
  readonly measured: readonly { readonly date: string; readonly value: number }[]
  /** By work day ahead, until the last checkpoint: in 15, 50 and 85 % of the runs at most this. Empty without a number. */
  readonly band: readonly { readonly date: string; readonly p15: number; readonly p50: number; readonly p85: number }[]
  readonly chance: Chance
}

/** What the options of the decision matrices would change, for streams that are likely to be late or are stopped. */
export interface OptionsForecast {
  /** Absent when no checkpoint lies ahead. */
  readonly checkpoint?: string
  /** Why there is none, where there is none. */
  readonly reason?: string
  readonly list: readonly OptionForecast[]
}

export interface OptionForecast {
  readonly matrix: string
  readonly stream: string
  readonly option: string
  readonly title: string
  readonly recommended: boolean
  /** What is assumed of it, in words; or why there is no number for it. */
  readonly assumption: string
  /** At the checkpoint that was asked for, and at each later one for which something is due of the stream; none where the option has no number. */
  readonly effects: readonly OptionEffect[]
}

export interface OptionEffect {
  readonly checkpoint: string
  /** Of the stream's part of it, and of all of it. */
  readonly stream: Change
  readonly whole: Change
}

export interface Change {
  readonly before: Chance
  readonly after: Chance
}

/** For checkpoints that are past: what the forecast and the leads said, and what happened. */
export interface PastForecast {
  readonly rows: readonly PastRow[]
  /** Rows that nothing measured decides; they are not in `rows`. */
  readonly undecided: number
  readonly forecast: Score
  readonly leads: Score
  /** Both on the rows that have both. */
  readonly together?: { readonly rows: number; readonly forecast: number; readonly leads: number }
}

export interface PastRow {
  readonly checkpoint: string
  readonly stream: string
  /** Instant at which both are asked: the lead's check-in, else the evening before. */
  readonly asked: string
  /** From nothing but what was known before that work day. */
  readonly forecast?: number
  readonly lead?: number
  /** The amounts due were there in time. */
  readonly met: boolean
}

export interface Score {
  readonly rows: number
  /** Mean squared distance between what was said and what happened: 0 is perfect, 0.25 is what saying 50 % always gets. */
  readonly brier?: number
  /** Why there is no score. */
  readonly reason?: string
  readonly reliability: readonly ReliabilityBin[]
}

export interface ReliabilityBin {
  readonly from: number
  readonly to: number
  readonly rows: number
  /** Mean of what was said, and share of what happened. */
  readonly said: number
  readonly happened: number
}
