import type { NoticeKind } from '#core/program/model.ts'

/**
 * What Muster says by itself, before it is put into the form of a channel. Every number in it comes
 * from a decision or from the ledger; templates only arrange it.
 */
export interface Notice {
  readonly kind: NoticeKind
  /** What it is about, and what it continues: `checkpoint:sprint-end`, `blocker:b-1`, `escalation:e-3`. */
  readonly thread: string
  /** Instant of what is told. */
  readonly at: string
  /** Ids of people whom it concerns: mentioned, written to, invited. */
  readonly people: readonly string[]
  /** Breaks quiet hours and limits, and is never part of a digest. */
  readonly urgent: boolean
  /** Replaces what was said last in the thread where the channel can edit, rather than continuing it. */
  readonly edits: boolean
  /** What a template may use: plain JSON, the same names as in the report of a check. */
  readonly data: Readonly<Record<string, unknown>>
}
