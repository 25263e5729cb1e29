import type { DueAction } from '#core/schedule/due.ts'
import { sessionName } from '#core/schedule/history.ts'
import { DROPPED, type Look } from '#core/schedule/look.ts'
import { agreedSession, hasHeld, lackingCheckIn, openBlockers } from '#core/schedule/look-up.ts'
import type { PlannedCheckpoint, Session } from '#core/schedule/planned.ts'
import { epoch } from '#core/schedule/time.ts'

/** The clock is looked at every few seconds; a checkpoint held within this is held in time. */
const LATE_MS = 5 * 60_000

/** Opening, reminders, check-ins and the holding of each checkpoint, and of a decision that is taken again. */
export function lookAtCheckpoints(look: Look): void {
  const { planned, history } = look
  const { moves } = history.state
  for (const [index, one] of planned.checkpoints.entries()) {
    if (moves === undefined && !look.hasCome(planned.quietUntil[index] ?? 0)) return
    const agreed = agreedSession(look, one)
    if (!agreed) continue
    const { session, again, knownAt } = agreed
    const held = history.held.get(one.id)
    // A time that had passed when the file was given it is no other meeting of a checkpoint that was held.
    const isHeld = hasHeld(held, session) || (held !== undefined && session.start <= plannedAt(look, one, session))
    if (!isHeld) lookAtSession(look, one, session, knownAt)
    const last = held?.at(-1)
    // Decided after the time at which it was to be decided again, it is decided.
    if (
      again &&
      isHeld &&
      last?.verdict === 'NO-GO' &&
      last.due !== again.startsAt &&
      again.start > Math.max(session.start, epoch(last.at))
    )
      lookAtSession(look, one, again, epoch(last.at), true)
  }
}

/** `knownAt`: when this time was set; what would have been due before is not caught up with. */
function lookAtSession(look: Look, one: PlannedCheckpoint, session: Session, knownAt: number, again?: true): void {
  if (!look.hasCome(session.first)) return
  const { now } = look
  const begun = session.start <= now
  const about = { checkpoint: one.id, startsAt: session.startsAt, ...(again && { reevaluation: again }) }
  const { attendees } = one.checkpoint

  if (look.isDue(session.open.at, session.open.key))
    look.say(session.open.at, session.open.key, { kind: 'open', ...about, ...meeting(look, one, session), ...(begun && { late: true }) })

  for (const { at, key, until } of session.reminders) {
    if (!look.isDue(at, key)) continue
    const dropped = begun ? DROPPED.begun : at < knownAt ? DROPPED.moved : until <= now ? DROPPED.overtaken : undefined
    look.say(at, key, { kind: 'remind', ...about, people: attendees, ...(dropped !== undefined && { dropped }) })
  }

  const { checkIns } = session
  if (checkIns && look.isDue(checkIns.at, checkIns.key)) {
    const people = lackingCheckIn(look, previousStart(look, session.start))
    const dropped = begun ? DROPPED.begun : people.length === 0 ? DROPPED.nobody : undefined
    look.say(checkIns.at, checkIns.key, { kind: 'check-in', ...about, people, ...(dropped !== undefined && { dropped }) })
  }

  if (look.isDue(session.hold.at, session.hold.key))
    look.say(session.hold.at, session.hold.key, {
      kind: 'hold',
      ...about,
      ...meeting(look, one, session),
      ...(now - session.start > LATE_MS && { late: true }),
    })
}

/** Who is told when it opens or is held: who attends, and who owns a blocker that is still open. */
function meeting(look: Look, one: PlannedCheckpoint, session: Session): Pick<DueAction, 'people' | 'blockers' | 'dropped'> {
  const open = openBlockers(look)
  const dropped = overBefore(look, one, session)
  return {
    people: [...new Set([...one.checkpoint.attendees, ...open.map((blocker) => blocker.owner)])],
    ...(open.length > 0 && { blockers: open.map(({ blocker }) => blocker) }),
    ...(dropped !== undefined && { dropped }),
  }
}

/** When the file was given a time; what it said when Muster first ran was always so. */
function plannedAt({ history: { plannedSince, ranAt } }: Look, { id }: PlannedCheckpoint, { startsAt }: Session): number {
  const since = plannedSince.get(sessionName(id, startsAt))
  return since === undefined || ranAt === undefined || epoch(since) <= epoch(ranAt) ? Number.NEGATIVE_INFINITY : epoch(since)
}

/** Of what was over before it was planned, or before Muster ran, only the last is still of interest, unless it was decided by hand. */
function overBefore(look: Look, one: PlannedCheckpoint, session: Session): string | undefined {
  const { history } = look
  const ranAt = history.ranAt === undefined ? look.now : epoch(history.ranAt)
  const known = Math.max(ranAt, plannedAt(look, one, session))
  if (session.start >= known) return undefined
  const decided = history.decided.get(one.id)
  if (decided !== undefined && epoch(decided) >= session.start) return DROPPED.decided
  const isOvertaken = look.planned.checkpoints.some((other) => {
    const start = agreedSession(look, other)?.session.start
    return start !== undefined && start > session.start && start <= known
  })
  const isHeldSince = [...history.held.values()].flat().some(({ at }) => epoch(at) >= session.start)
  return isOvertaken || isHeldSince ? (known > ranAt ? DROPPED.planned : DROPPED.before) : undefined
}

/** Start of the checkpoint before: what leads said before it says nothing of this one. */
function previousStart(look: Look, start: number): number {
  let latest = Number.NEGATIVE_INFINITY
  for (const other of look.planned.checkpoints) {
    const at = agreedSession(look, other)?.session.start
    if (at !== undefined && at < start && at > latest) latest = at
  }
  return latest
}
