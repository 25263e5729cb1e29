import type { History } from '#core/schedule/history.ts'
import type { Program } from '#core/program/model.ts'

/**
 * What ought to have happened by now and has not: a pure function of the program, the ledger and
 * the clock. Doing what it says and recording it makes it say so no more, so it may be asked twice,
 * late, after sleep, or on two machines.
 */

export const DUE_KINDS = [
  /** The checkpoint opens: who attends is told, evidence is looked at. */
  'open',
  /** The checkpoint is held: gather, judge, decide, record, tell. */
  'hold',
  /** Evidence is looked at between checkpoints, and escalations are raised and cleared. */
  'watch',
  'invite',
  'remind',
  'check-in',
  'stand-up',
  'nudge',
  'sync',
  /** A blocker was opened, or its acknowledgement or its deadline has run out. */
  'blocker',
  /** The next step of an escalation. */
  'step',
  'stall',
  'waiver',
  'sign-off',
] as const
export type DueKind = (typeof DUE_KINDS)[number]

export interface DueAction {
  /** Deterministic: `<kind>:<what>@<instant>`; the `fired` event that records it has the id `fired:<key>`. */
  readonly key: string
  readonly kind: DueKind
  /** Instant at which it was due: not after `now`. */
  readonly due: string
  /** What it is about. */
  readonly checkpoint?: string
  readonly sync?: string
  readonly stream?: string
  readonly blocker?: string
  readonly escalation?: string
  /** Number of the step, from 0. */
  readonly step?: number
  readonly waiver?: string
  /** Ids of people to tell. */
  readonly people: readonly string[]
  /** Too late to be of use: it is recorded, and nothing is sent. */
  readonly dropped?: string
  /** It opens or is held after its time. */
  readonly late?: true
}

/** Oldest first; equal instants in the order of `DUE_KINDS`, then by key. */
export type Due = (program: Program, history: History, now: string) => readonly DueAction[]
