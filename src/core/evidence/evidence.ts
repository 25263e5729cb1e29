import type { ProbeRecord } from '#core/merge/probe.ts'

/**
 * Evidence: one observed fact about a stream or about the whole program. Collectors make it, the
 * ledger keeps it, `evaluate` judges it. Plain printable data.
 */

/** What a fact is about: `program`, or `stream:<stream id>`. */
export type Subject = 'program' | `stream:${string}`

export const streamSubject = (id: string): Subject => `stream:${id}`

/**
 * Units. `ratio` is 0-1 and shown in percent; `change` is a signed ratio against a baseline
 * (-0.08 is 8 % less); `seconds` and `bytes` are what they say; the rest are counts of things.
 */
export const UNITS = ['boolean', 'ratio', 'change', 'count', 'lines', 'tests', 'files', 'bytes', 'seconds'] as const
export type Unit = (typeof UNITS)[number]

/** Which way a measure gets better; `none` where more is neither better nor worse. */
export type Direction = 'higher' | 'lower' | 'none'

/**
 * How far a fact can be trusted. `measured`: Muster ran it or read it at that tree itself.
 * `reported`: a CI service sent it under its own identity. `claimed`: a person said so.
 */
export const PROVENANCES = ['claimed', 'reported', 'measured'] as const
export type Provenance = (typeof PROVENANCES)[number]

/**
 * `observed`: `value` holds. `missing`: looked for, nothing there. `errored`: something is there
 * that cannot be read or could not be run. `inconclusive`: read, but it proves nothing (one
 * sample). Only `observed` can ever satisfy a criterion.
 */
export const EVIDENCE_STATUSES = ['observed', 'missing', 'errored', 'inconclusive'] as const
export type EvidenceStatus = (typeof EVIDENCE_STATUSES)[number]

export interface Evidence {
  readonly subject: Subject
  /** `<source id>.<fact>`, for example `tests.passed`. */
  readonly metric: string
  readonly status: EvidenceStatus
  readonly unit: Unit
  /** Present exactly when observed. Booleans are `true` and `false`; numbers are finite. */
  readonly value?: number | boolean
  /** Confidence interval of a statistic, in the unit of `value`; absent for exact counts. */
  readonly interval?: { readonly low: number; readonly high: number; readonly level: number }
  readonly provenance: Provenance
  /** Object ids of the commit and tree the fact is about; absent when it is about no commit. */
  readonly commit?: string
  readonly tree?: string
  /** When it was observed: ISO 8601 in UTC. */
  readonly observedAt: string
  /** Where it was read: a path, a command line, `git`, `ledger`. Never a secret. */
  readonly source: string
  /** Lower-case hex sha256 of the bytes that were read; absent when nothing was. */
  readonly sha256?: string
  /** Name of the machine that observed it, where a rule may ask for one. */
  readonly host?: string
  /** Why there is no value, or a remark on it: one sentence, with the position where one is known. */
  readonly reason?: string
  /** Up to twenty particulars that a reader asks for next: failing cases, touched files, log lines. */
  readonly details?: readonly string[]
}

/** Where a stream (or, for `program`, the target branch) stands when evidence is gathered. */
export type SubjectState =
  | {
      readonly state: 'present'
      /** Full ref name, for example `refs/heads/feature/psi`. */
      readonly ref: string
      readonly commit: string
      readonly tree: string
      /** Committer time of the head: ISO 8601 in UTC. */
      readonly committedAt: string
      /** The branch is gone: this is where it was recorded last, and its work is in the target. */
      readonly deleted?: true
    }
  /** `absent`: the repository was read and has no such branch. `unavailable`: it could not be read. */
  | { readonly state: 'absent' | 'unavailable'; readonly reason: string }

/** All that was gathered for one check. */
export interface Snapshot {
  readonly subjects: Readonly<Record<string, SubjectState>>
  readonly evidence: readonly Evidence[]
  /** How the streams merge; absent when git was not asked. */
  readonly probe?: ProbeRecord
}

/** What one collector says it can bring: the catalogue that programs are checked against. */
export interface MetricDefinition {
  readonly unit: Unit
  readonly better: Direction
  /** A ratio that may lie below 0 or above 1, such as a reduction that turned out to be a growth. */
  readonly signed?: boolean
  /** One line for people: what is counted. */
  readonly title: string
  /** Absent: as its kind says. False for what is known without any tree, such as that the branch is not there. */
  readonly boundToTree?: false
}
