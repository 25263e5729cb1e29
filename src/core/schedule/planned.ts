import type { Checkpoint, Matrix, Program, Sync } from '#core/program/model.ts'
import { fingerprint } from '#core/schedule/fingerprint.ts'
import type { SyncTimes } from '#core/schedule/sync-times.ts'
import { addSpan, epoch, instantOf } from '#core/schedule/time.ts'
import { Weekly } from '#core/schedule/weekly.ts'

/**
 * What the times of a program come to, computed once for a program object: instants in
 * milliseconds and keys, so that a look at the clock compares numbers.
 */
export interface Planned {
  /** In time. */
  readonly checkpoints: readonly PlannedCheckpoint[]
  /** When each of them starts, as the program plans it. */
  readonly starts: readonly number[]
  /** Before this nothing is due of the checkpoint at that place or of a later one, as the program plans them. */
  readonly quietUntil: readonly number[]
  readonly syncs: readonly PlannedSync[]
  readonly standUp?: { readonly times: Weekly; readonly nudges: Weekly; readonly nudgeMs: number }
  readonly watchMs?: number
  /** When the last checkpoint is over; infinite where there is none. */
  readonly endsAt: number
  readonly inviteFrom: number
  /** Series of a ledger -> number of its invitations at which all that was to be said had been. */
  readonly invitedAll: WeakMap<object, number>
  readonly leads: readonly string[]
  /** What is done about a stream that a critical blocker stops. */
  readonly protocol?: Matrix
  /** People who hold a role. */
  readonly holders: ReadonlyMap<string, readonly string[]>
  readonly people: ReadonlySet<string>
  /** Whether a NO-GO at any checkpoint is followed by another decision at a time of its own. */
  readonly decidesAgain: boolean
  /** Those that somebody signs. */
  readonly signed: readonly PlannedCheckpoint[]
  /** Sessions of checkpoints that were moved, and instants at which a standstill is a stall, as they are asked for. */
  readonly moved: Map<string, Agreed>
  readonly stalls: Map<string, number>
  /** Times of syncs, by the span that moves of checkpoints leave them. */
  readonly syncTimes: Map<string, SyncTimes | undefined>
}

/** A time that holds, and since when it was known. */
export interface Agreed {
  readonly session: Session
  /** The decision taken again after a NO-GO. */
  readonly again?: Session
  readonly knownAt: number
}

export interface PlannedSync {
  readonly sync: Sync
  readonly times: Weekly
  /** Of its meetings, and of its invitations. */
  readonly series: string
  readonly invitations: string
  /** What an invitation says beside the days. */
  readonly says: readonly unknown[]
}

export interface PlannedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly id: string
  /** Of its invitations. */
  readonly invitations: string
  /** Fingerprint of what an invitation says beside the time. */
  readonly says: string
  /** Key of an invitation for the planned time, up to its sequence. */
  readonly invitation: string
  readonly endsAt: number
  readonly session: Session
  /** As the program plans it. */
  readonly agreed: Agreed
}

/** One time at which a checkpoint is held, and what leads up to it. */
export interface Session {
  readonly startsAt: string
  readonly start: number
  readonly open: Timer
  readonly hold: Timer
  /** Longest first; each is of use until the next one, or the start. */
  readonly reminders: readonly (Timer & { readonly until: number })[]
  readonly checkIns?: Timer
  /** The first of all these. */
  readonly first: number
}

interface Timer {
  readonly at: number
  readonly key: string
}

const PLANNED = new WeakMap<Program, Planned>()

export function plannedOf(program: Program): Planned {
  const known = PLANNED.get(program)
  if (known) return known
  const made = plan(program)
  PLANNED.set(program, made)
  return made
}

function plan(program: Program): Planned {
  const { calendar, schedule } = program
  const holders = new Map<string, string[]>()
  for (const { id, roles } of program.people) for (const role of roles) holders.set(role, [...(holders.get(role) ?? []), id])
  const checkpoints = program.checkpoints.map((one) => planCheckpoint(program, one)).toSorted((a, b) => a.session.start - b.session.start)
  const quietUntil = checkpoints.map((one) => Math.min(one.session.first, one.agreed.again?.first ?? Number.POSITIVE_INFINITY))
  for (let index = quietUntil.length - 2; index >= 0; index -= 1)
    quietUntil[index] = Math.min(quietUntil[index] ?? 0, quietUntil[index + 1] ?? 0)
  const protocol = program.policy.matrices.find((one) => one.health.includes('BLOCKED'))
  return {
    checkpoints,
    starts: checkpoints.map((one) => one.session.start),
    quietUntil,
    syncs: program.syncs.map((sync) => planSync(program, sync)),
    ...(schedule.standUp && {
      standUp: {
        times: new Weekly(calendar, schedule.standUp.days, schedule.standUp.time),
        nudges: new Weekly(calendar, schedule.standUp.days, schedule.standUp.time),
        nudgeMs: schedule.standUp.nudgeSeconds * 1000,
      },
    }),
    ...(schedule.watchSeconds !== undefined && { watchMs: Math.max(60, schedule.watchSeconds) * 1000 }),
    endsAt: checkpoints.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...checkpoints.map((one) => one.endsAt)),
    inviteFrom: schedule.inviteAt === undefined ? Number.NEGATIVE_INFINITY : epoch(schedule.inviteAt),
    invitedAll: new WeakMap(),
    leads: [...new Set(program.streams.map((one) => one.lead))],
    ...(protocol && { protocol }),
    holders,
    people: new Set(program.people.map((one) => one.id)),
    decidesAgain: checkpoints.some((one) => one.agreed.again !== undefined),
    signed: checkpoints.filter((one) => one.checkpoint.signOff.length > 0),
    moved: new Map(),
    stalls: new Map(),
    syncTimes: new Map(),
  }
}

function planSync(program: Program, sync: Sync): PlannedSync {
  const { calendar } = program
  const { id, name, days, time, durationSeconds, attendees, format, topics } = sync
  return {
    sync,
    times: new Weekly(calendar, days, time),
    series: `sync:${id}`,
    invitations: `invite:sync:${id}`,
    says: [name, days, time, durationSeconds, invitees(program, attendees), format, topics, calendar.zone],
  }
}

/** Whom an invitation reaches, and where: an address that is new has none yet. */
const invitees = ({ people, channels }: Program, ids: readonly string[]): readonly unknown[] => [
  ids.map((id) => [id, people.find((one) => one.id === id)?.email]),
  channels.some((one) => one.send === 'calendar'),
]

/** Key of an invitation to a sync, up to its sequence. */
export const syncInvitationFor = ({ invitations, says }: PlannedSync, { startsAt, until, except }: SyncTimes): string =>
  `${invitations}@${fingerprint([...says, startsAt, until, except])}/`

/** Key of the timer by which a checkpoint opens for that start. */
export const openingOf = (checkpoint: string, startsAt: string): string => `open:${checkpoint}@${startsAt}`

export const invitationFor = (checkpoint: string, startsAt: string, says: string): string =>
  `invite:checkpoint:${checkpoint}@${startsAt}#${says}/`

function planCheckpoint(program: Program, checkpoint: Checkpoint): PlannedCheckpoint {
  const { id, name, durationSeconds, attendees, agenda, decision, noGo } = checkpoint
  const session = sessionOf(program, checkpoint, checkpoint.at)
  // Its keys in one order: a program file and the record of it have them in different ones.
  const items = agenda.map(({ title, seconds, each, topics }) => ({ title, seconds, ...(each && { each }), topics }))
  const says = fingerprint([name, durationSeconds, invitees(program, attendees), items, decision])
  const again = noGo.reevaluateAt === undefined ? undefined : sessionOf(program, checkpoint, noGo.reevaluateAt)
  return {
    checkpoint,
    id,
    invitations: `invite:checkpoint:${id}`,
    says,
    invitation: invitationFor(id, session.startsAt, says),
    endsAt: session.start + durationSeconds * 1000,
    session,
    agreed: { session, ...(again && { again }), knownAt: Number.NEGATIVE_INFINITY },
  }
}

/** A checkpoint held at an instant: its own, the one it was moved to, or that at which it is decided again. */
export function sessionOf({ schedule, calendar }: Program, { id }: Checkpoint, at: string): Session {
  const start = epoch(at)
  const startsAt = instantOf(start)
  const before = (seconds: number): number => epoch(addSpan(startsAt, -seconds, calendar.zone))
  const timer = (what: string, instant: number): Timer => ({ at: instant, key: `${what}@${startsAt}` })
  const open: Timer = { at: before(schedule.openSeconds), key: openingOf(id, startsAt) }
  // What opens at that very instant needs no reminder, and takes the place of one that is sent too late.
  const reminders = schedule.remindSeconds
    .map((seconds) => timer(`remind:${id}/${seconds}`, before(seconds)))
    .map((one, index, all) => ({ ...one, until: all[index + 1]?.at ?? start }))
    .filter((one) => one.at !== open.at)
  const checkIns = schedule.claimsSeconds === undefined ? undefined : timer(`check-in:${id}`, before(schedule.claimsSeconds))
  return {
    startsAt,
    start,
    open,
    hold: timer(`hold:${id}`, start),
    reminders,
    ...(checkIns && { checkIns }),
    first: Math.min(start, open.at, checkIns?.at ?? start, ...reminders.map((one) => one.at)),
  }
}
