import { agreedSession, hasHeld } from '#core/schedule/look-up.ts'
import type { Look } from '#core/schedule/look.ts'
import { invitationFor, type PlannedCheckpoint } from '#core/schedule/planned.ts'
import { epoch } from '#core/schedule/time.ts'

const CANCELLED = 'cancelled/'

/**
 * Invitations say what is so, not what changed: one goes out whenever the last one said something
 * else, with the number of those that went before as its sequence.
 */
export function lookAtInvitations(look: Look): void {
  if (!look.hasCome(look.planned.inviteFrom)) return
  for (const one of look.planned.checkpoints) lookAtCheckpoint(look, one)
  for (const { sync, invitations, invitation } of look.planned.syncs)
    invite(look, invitations, invitation, Number.NEGATIVE_INFINITY, { sync: sync.id, people: sync.attendees })
}

function lookAtCheckpoint(look: Look, one: PlannedCheckpoint): void {
  const agreed = agreedSession(look, one)
  if (!agreed) {
    cancel(look, one)
    return
  }
  const { session, knownAt } = agreed
  // Nobody is invited to what has begun.
  if (session.start <= look.now) return
  const stem = session === one.session ? one.invitation : invitationFor(one.id, session.startsAt, one.says)
  if (look.history.series.get(one.invitations)?.key.startsWith(stem) || hasHeld(look.history.held.get(one.id), session)) return
  invite(look, one.invitations, stem, knownAt, {
    checkpoint: one.id,
    startsAt: session.startsAt,
    people: one.checkpoint.attendees,
  })
}

/** Takes back what was sent, where it still lies ahead. */
function cancel(look: Look, one: PlannedCheckpoint): void {
  const { series, state } = look.history
  const key = series.get(one.invitations)?.key
  const startsAt = key === undefined ? undefined : /@([^#]+)#/.exec(key)?.[1]
  if (startsAt === undefined || epoch(startsAt) <= look.now) return
  const move = state.moves?.[one.id]
  invite(look, one.invitations, `${one.invitations}@${CANCELLED}`, move === undefined ? look.now : epoch(move.at), {
    checkpoint: one.id,
    startsAt,
    cancelled: true,
    people: one.checkpoint.attendees,
  })
}

function invite(
  look: Look,
  series: string,
  stem: string,
  knownAt: number,
  about: {
    readonly people: readonly string[]
    readonly checkpoint?: string
    readonly sync?: string
    readonly startsAt?: string
    readonly cancelled?: true
  },
): void {
  const last = look.history.series.get(series)
  if (last?.key.startsWith(stem)) return
  const sequence = last?.sent ?? 0
  const { programAt } = look.history
  const since = Math.max(knownAt, look.planned.inviteFrom, programAt === undefined ? Number.NEGATIVE_INFINITY : epoch(programAt))
  look.say(Math.min(look.now, Number.isFinite(since) ? since : look.now), `${stem}${sequence}`, { kind: 'invite', sequence, ...about })
}
