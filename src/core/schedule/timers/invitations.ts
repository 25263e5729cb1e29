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
  const { checkpoints, starts, syncs, invitedAll } = look.planned
  const { series, state, invitations: sent } = look.history
  // Where everybody knew everything and nothing was said since, there is nothing to say: time alone takes none back.
  if (state.moves === undefined && invitedAll.get(series) === sent) return
  const before = look.actions.length
  for (let index = checkpoints.length - 1; index >= 0; index -= 1) {
    // Nobody is invited to what has begun; as long as none was moved, the rest has as well.
    if (state.moves === undefined && (starts[index] ?? 0) <= look.now) break
    lookAtCheckpoint(look, checkpoints[index] as PlannedCheckpoint)
  }
  for (const { sync, invitations, invitation } of syncs)
    invite(look, invitations, invitation, Number.NEGATIVE_INFINITY, { sync: sync.id, people: sync.attendees })
  if (state.moves === undefined && look.actions.length === before) invitedAll.set(series, sent)
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
