import type { Invited } from '#core/ledger/events.ts'
import type { History } from '#core/schedule/history.ts'
import type { Program } from '#core/program/model.ts'
import { Look } from '#core/schedule/look.ts'
import { lookAtBlockers } from '#core/schedule/timers/blockers.ts'
import { lookAtCheckpoints } from '#core/schedule/timers/checkpoints.ts'
import { lookAtEscalations } from '#core/schedule/timers/escalations.ts'
import { lookAtInvitations } from '#core/schedule/timers/invitations.ts'
import { lookAtRoutines } from '#core/schedule/timers/routines.ts'
import { lookAtSignOffs } from '#core/schedule/timers/sign-offs.ts'
import { lookAtStalls } from '#core/schedule/timers/stalls.ts'
import { lookAtWaivers } from '#core/schedule/timers/waivers.ts'
import { epoch, instantOf } from '#core/schedule/time.ts'

/**
 * What ought to have happened by now and has not: a pure function of the program, the ledger and
 * the clock. Doing what it says and recording it makes it say so no more, so it may be asked twice,
 * late, after sleep, or on two machines.
 */

export const DUE_KINDS = [
  /** The checkpoint opens: who attends is told. */
  'open',
  /** The checkpoint is held: gather, judge, decide, record, tell. */
  'hold',
  /** Evidence is looked at when a checkpoint has opened, and between them; escalations are raised and cleared. */
  'watch',
  /** A checkpoint or sync is new, has moved, was changed or cancelled, or is gone from the program. */
  'invite',
  'remind',
  'check-in',
  'stand-up',
  'nudge',
  'sync',
  /** A blocker was opened, or one of its `BLOCKER_STAGES` has come. */
  'blocker',
  /** The next step of an escalation. */
  'step',
  'stall',
  'waiver',
  'sign-off',
] as const
export type DueKind = (typeof DUE_KINDS)[number]

/**
 * `raised`: it has become critical since it was opened.
 * `sync`, `workarounds`, `decision` and `again` are the protocol of a critical blocker: an emergency
 * sync, workarounds written down, the decision, and the decision asked for again until there is an
 * outcome.
 */
export const BLOCKER_STAGES = ['opened', 'raised', 'deadline', 'acknowledgement', 'sync', 'workarounds', 'decision', 'again'] as const
export type BlockerStage = (typeof BLOCKER_STAGES)[number]

export interface DueAction {
  /**
   * Deterministic: `<kind>:<what>@<instant>`, for invitations `@<what is said>/<sequence>`. The
   * `fired` event that records it has the id `fired:<key>`.
   */
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
  readonly waiver?: string
  /** When what it is about begins, moves included: of a checkpoint (or of its decision taken again) or of a sync. */
  readonly startsAt?: string
  /** The decision is taken again, after a NO-GO. */
  readonly reevaluation?: true
  /** Which of the things to be said of a blocker (`BLOCKER_STAGES`) or waiver (`soon`, `lapsed`) it is. */
  readonly stage?: BlockerStage | 'soon' | 'lapsed'
  /** Number of the step, from 0, and what it asks for. */
  readonly step?: number
  readonly action?: string
  /** Of an invitation: how often this has been sent before, and that it takes back what was sent. */
  readonly sequence?: number
  readonly cancelled?: true
  /** What it leaves in calendars. */
  readonly invited?: Invited
  /** Ids of people who were invited before and are not any more: the event is taken back from them, as it stood `before`. */
  readonly withdrawn?: readonly string[]
  /** Ids of people who are invited at another address than before: it is taken back from the old one. */
  readonly readdressed?: readonly string[]
  readonly before?: Invited
  /** Blockers that are open at a checkpoint that opens or is held: they are asked about again. */
  readonly blockers?: readonly string[]
  /** Ids of people to tell. */
  readonly people: readonly string[]
  /** Too late to be of use, or of no use: it is recorded, and nothing is sent. */
  readonly dropped?: string
  /** It opens after its start, or is held more than five minutes after it. */
  readonly late?: true
}

/**
 * `program` is the program as its file says it: what the ledger moved or cancelled is applied here,
 * and the same object asked again needs no calendar. What was done may make more due at once (a
 * decision asks for signatures), so ask until it says nothing.
 *
 * Oldest first; equal instants in the order of `DUE_KINDS`, then by key.
 */
export type Due = (program: Program, history: History, now: string) => readonly DueAction[]

export const due: Due = (program, history, now) => {
  const { actions } = looked(program, history, now)
  return actions.length > 1 ? actions.toSorted(inOrder).map(({ action }) => action) : actions.map(({ action }) => action)
}

/** The earliest instant after `now` at which `due` could say more than now, as long as the ledger stays as it is. */
export function nextWakeAt(program: Program, history: History, now: string): string | undefined {
  const { next } = looked(program, history, now)
  return Number.isFinite(next) ? instantOf(next) : undefined
}

function looked(program: Program, history: History, now: string): Look {
  const look = new Look(program, history, epoch(now))
  lookAtCheckpoints(look)
  lookAtInvitations(look)
  lookAtRoutines(look)
  lookAtBlockers(look)
  lookAtEscalations(look)
  lookAtStalls(look)
  lookAtWaivers(look)
  lookAtSignOffs(look)
  return look
}

const inOrder = (a: Look['actions'][number], b: Look['actions'][number]): number =>
  a.at - b.at || DUE_KINDS.indexOf(a.action.kind) - DUE_KINDS.indexOf(b.action.kind) || compareText(a.action.key, b.action.key)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
