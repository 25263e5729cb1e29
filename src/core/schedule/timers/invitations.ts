import type { Invited } from '#core/ledger/events.ts'
import { liesAhead, meetingOf } from '#core/schedule/invited.ts'
import { agreedSession, hasHeld } from '#core/schedule/look-up.ts'
import type { Look } from '#core/schedule/look.ts'
import { weeklyOf } from '#core/schedule/answers.ts'
import { invitationFor, syncInvitationFor, type PlannedCheckpoint, type PlannedSync } from '#core/schedule/planned.ts'
import { syncSpan, syncTimes, type SyncTimes } from '#core/schedule/sync-times.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'

/**
 * Invitations say what is so, not what changed: one goes out whenever the last one said something
 * else, with the number of those that went before as its sequence. What people hold an invitation
 * to, and what does not lie ahead any more, is taken back: cancelled, moved into the past, or gone
 * from the program file. Nothing is said of what is past.
 */
export function lookAtInvitations(look: Look): void {
  const { checkpoints, starts, syncs, invitedAll } = look.planned
  const { series, state, invitations: sent } = look.history
  // Where everybody knew everything and nothing was said since, there is nothing to say: time alone takes none back.
  if (state.moves === undefined && invitedAll.get(series) === sent) return
  const before = look.actions.length
  // A program without any says nothing of what people are invited to: see `isEmptied`.
  if (checkpoints.length > 0) takeBack(look)
  if (!look.hasCome(look.planned.inviteFrom)) return
  for (let index = checkpoints.length - 1; index >= 0; index -= 1) {
    // Nobody is invited to what has begun; as long as none was moved, the rest has as well.
    if (state.moves === undefined && (starts[index] ?? 0) <= look.now) break
    lookAtCheckpoint(look, checkpoints[index] as PlannedCheckpoint)
  }
  for (const one of syncs) lookAtSync(look, one)
  if (state.moves === undefined && look.actions.length === before) invitedAll.set(series, sent)
}

function takeBack(look: Look): void {
  for (const [series, invited] of look.history.invited) {
    if (!liesAhead(series, invited, look.now) || stands(look, series)) continue
    const { kind, id } = meetingOf(series)
    invite(look, series, `${series}@cancelled/`, takenBackAt(look, series), {
      [kind]: id,
      startsAt: invited.startsAt,
      cancelled: true,
      people: invited.people,
      invited: { ...invited, people: [] },
    })
  }
}

/** Whether it takes place at a time to come. */
function stands(look: Look, series: string): boolean {
  const { kind, id } = meetingOf(series)
  const { checkpoints, syncs } = look.planned
  if (kind === 'sync') {
    const sync = syncs.find((one) => one.sync.id === id)
    const times = sync && timesOf(look, sync)
    // Whoever sits in the last one has it taken back no more than in any other.
    return times !== undefined && epoch(times.overAt) > look.now
  }
  const one = checkpoints.find((each) => each.id === id)
  const agreed = one && agreedSession(look, one)
  return agreed !== undefined && agreed.session.start > look.now
}

/** Since when it is known: a checkpoint was moved or cancelled, and with it the days of a sync may be gone. */
function takenBackAt({ history, planned }: Look, series: string): number {
  const { moves = {} } = history.state
  const { kind, id } = meetingOf(series)
  if (kind === 'sync') return Math.max(Number.NEGATIVE_INFINITY, ...Object.values(moves).map((one) => epoch(one.at)))
  const move = planned.checkpoints.some((one) => one.id === id) && Object.hasOwn(moves, id) ? moves[id] : undefined
  return move === undefined ? Number.NEGATIVE_INFINITY : epoch(move.at)
}

function lookAtCheckpoint(look: Look, one: PlannedCheckpoint): void {
  const agreed = agreedSession(look, one)
  if (!agreed) return
  const { session, knownAt } = agreed
  // Nobody is invited to what has begun.
  if (session.start <= look.now) return
  const stem = session === one.session ? one.invitation : invitationFor(one.id, session.startsAt, one.says)
  if (look.history.series.get(one.invitations)?.key.startsWith(stem) || hasHeld(look.history.held.get(one.id), session)) return
  const { name, attendees, durationSeconds } = one.checkpoint
  const { startsAt } = session
  invite(look, one.invitations, stem, knownAt, {
    checkpoint: one.id,
    startsAt,
    people: attendees,
    invited: { name, people: attendees, startsAt, endsAt: addSeconds(startsAt, durationSeconds) },
  })
}

function lookAtSync(look: Look, one: PlannedSync): void {
  const times = timesOf(look, one)
  // Nobody is invited once the last one has begun.
  if (!times || epoch(times.until) <= look.now) return
  const { id, name, attendees } = one.sync
  const { startsAt, overAt } = times
  invite(look, one.invitations, syncInvitationFor(one, times), takenBackAt(look, one.invitations), {
    sync: id,
    startsAt,
    people: attendees,
    invited: { name, people: attendees, startsAt, endsAt: overAt, weekly: weeklyOf(look.program, one.sync) },
  })
}

function timesOf({ program, planned, history }: Look, { sync }: PlannedSync): SyncTimes | undefined {
  const span = syncSpan(program, history.state.moves)
  if (!span) return undefined
  const name = `${sync.id}@${span.from}/${span.until}`
  if (!planned.syncTimes.has(name)) {
    // A ledger has few moves; this only bounds what many ledgers looked at with one program keep.
    if (planned.syncTimes.size > 1000) planned.syncTimes.clear()
    planned.syncTimes.set(name, syncTimes(program, sync, span))
  }
  return planned.syncTimes.get(name)
}

function invite(
  look: Look,
  series: string,
  stem: string,
  knownAt: number,
  about: {
    readonly people: readonly string[]
    readonly invited: Invited
    readonly checkpoint?: string
    readonly sync?: string
    readonly startsAt: string
    readonly cancelled?: true
  },
): void {
  const { history, planned, now } = look
  const last = history.series.get(series)
  if (last?.key.startsWith(stem)) return
  const sequence = last?.sent ?? 0
  const since = Math.max(knownAt, planned.inviteFrom, history.programAt === undefined ? Number.NEGATIVE_INFINITY : epoch(history.programAt))
  const before = history.invited.get(series)
  const holders = about.cancelled || !before || !liesAhead(series, before, now) ? [] : before.people
  const withdrawn = holders.filter((id) => !about.people.includes(id))
  const addresses = about.cancelled ? undefined : addressesOf(look, about.people)
  const readdressed = holders.filter((id) => {
    const address = before?.addresses?.[id]
    return address !== undefined && about.people.includes(id) && address !== addresses?.[id]
  })
  look.say(Math.min(now, Number.isFinite(since) ? since : now), `${stem}${sequence}`, {
    kind: 'invite',
    sequence,
    ...about,
    ...(addresses && { invited: { ...about.invited, addresses } }),
    ...(withdrawn.length > 0 && { withdrawn }),
    ...(readdressed.length > 0 && { readdressed }),
    ...(before && withdrawn.length + readdressed.length > 0 && { before }),
  })
}

/** Where invitations are mailed to; undefined where no channel mails them. */
function addressesOf({ program }: Look, people: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (!program.channels.some((one) => one.send === 'calendar')) return undefined
  return Object.fromEntries(program.people.flatMap(({ id, email }) => (people.includes(id) && email !== undefined ? [[id, email]] : [])))
}
