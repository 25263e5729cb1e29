import { DROPPED, MOST_DROPPED, type Look, type Said } from '#core/schedule/look.ts'
import { lackingCheckIn, runsUntil } from '#core/schedule/look-up.ts'
import type { PlannedSync } from '#core/schedule/planned.ts'
import type { Weekly } from '#core/schedule/weekly.ts'
import { addDays, epoch, instantOf, wallOf, wallToInstant } from '#core/schedule/time.ts'

/** What comes again and again until the program is over: looks at evidence, stand-ups, syncs. */
export function lookAtRoutines(look: Look): void {
  const { standUp, syncs, watchMs } = look.planned
  const { openedAt } = look.history
  if (!standUp && syncs.length === 0 && watchMs === undefined && openedAt === undefined) return
  const until = runsUntil(look)
  watch(look, watchMs, until)
  for (const one of syncs) sync(look, one, until)
  if (!standUp) return
  const { times, nudges, nudgeMs } = standUp
  recur(look, { series: 'stand-up', times, offset: 0, until }, (at) => {
    const people = lackingCheckIn(look, beginOfDay(look, at))
    const dropped = look.now >= at + nudgeMs ? DROPPED.overtaken : people.length === 0 ? DROPPED.nobody : undefined
    return { kind: 'stand-up', people, ...(dropped !== undefined && { dropped }) }
  })
  recur(look, { series: 'nudge', times: nudges, offset: nudgeMs, until }, (at) => {
    const people = lackingCheckIn(look, beginOfDay(look, at - nudgeMs))
    const dropped = look.now >= beginOfDay(look, at, 1) ? DROPPED.over : people.length === 0 ? DROPPED.nobody : undefined
    return { kind: 'nudge', people, ...(dropped !== undefined && { dropped }) }
  })
}

/** Whoever nudges all the time makes Muster look no more often. */
const LEAST_BETWEEN_LOOKS_MS = 60_000

/**
 * Evidence is looked at when a checkpoint has opened; where it is looked at between checkpoints, also once in each span of
 * time, and once more when somebody nudged. Spans begin at the same instants on every machine.
 */
function watch(look: Look, every: number | undefined, until: number): void {
  const { watchedAt, openedAt, nudgedAt } = look.history
  const seen = watchedAt === undefined ? Number.NEGATIVE_INFINITY : epoch(watchedAt)
  let at = openedAt === undefined ? Number.NEGATIVE_INFINITY : epoch(openedAt)
  if (every !== undefined) {
    const span = Math.floor(look.now / every) * every
    if (span + every < until) look.hasCome(span + every)
    const asked = nudgedAt === undefined ? Number.NEGATIVE_INFINITY : Math.max(epoch(nudgedAt), seen + LEAST_BETWEEN_LOOKS_MS)
    at = Math.max(at, span, look.hasCome(asked) ? asked : Number.NEGATIVE_INFINITY)
  }
  if (!look.hasCome(at) || at >= until || seen >= at) return
  const key = `watch@${instantOf(at)}`
  if (look.isDue(at, key)) look.say(at, key, { kind: 'watch', people: [] })
}

function sync(look: Look, { sync: one, times, series }: PlannedSync, until: number): void {
  recur(look, { series, times, offset: 0, until }, (at) => ({
    kind: 'sync',
    sync: one.id,
    startsAt: instantOf(at),
    people: one.attendees,
    ...(look.now >= at + one.durationSeconds * 1000 && { dropped: DROPPED.over }),
  }))
}

interface Recurring {
  readonly series: string
  readonly times: Weekly
  /** Milliseconds after each time. */
  readonly offset: number
  readonly until: number
}

/** The newest of a series that has come; those between it and the last that fired are dropped. */
function recur(look: Look, { series, times, offset, until }: Recurring, say: (at: number) => Said): void {
  const asked = look.now - offset
  const following = times.following(asked)
  if (following < until) look.hasCome(following + offset)
  const time = times.latest(asked)
  if (!Number.isFinite(time) || time >= until) return
  const keyOf = (at: number): string => `${series}@${at === time ? times.latestText(asked) : instantOf(at)}`
  if (!look.isDue(time + offset, keyOf(time))) return
  const said = say(time + offset)
  // Nobody missed what was over before Muster ran.
  if (said.dropped !== undefined && (look.history.ranAt === undefined || time + offset < epoch(look.history.ranAt))) return
  look.say(time + offset, keyOf(time), said)
  const last = look.history.series.get(series)
  if (!last) return
  const since = epoch(last.due) - offset
  let missed = times.before(time)
  for (let count = 0; count < MOST_DROPPED && missed > since; count += 1) {
    const key = keyOf(missed)
    if (look.isDue(missed + offset, key))
      look.say(missed + offset, key, {
        ...said,
        ...(said.startsAt !== undefined && { startsAt: instantOf(missed) }),
        dropped: DROPPED.overtaken,
      })
    missed = times.before(missed)
  }
}

/** Midnight of the day of an instant in the program's zone, or of a day after it. */
function beginOfDay({ program }: Look, at: number, days = 0): number {
  const { zone } = program.calendar
  const date = addDays(wallOf(instantOf(at), zone).date, days)
  return epoch(wallToInstant(date, zone) ?? instantOf(at))
}
