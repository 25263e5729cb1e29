import type { MergePlan } from '#core/decide/model.ts'
import type { Dependency, Program, Stream } from '#core/program/model.ts'
import { addDays, nextWorkDay, wallOf, weekdayOf } from '#core/schedule/time.ts'

/** What the plan needs to know of a stream beside the program. */
export interface Readiness {
  readonly stream: string
  readonly merged: boolean
  readonly ready: boolean
  /** Share of its whole that is done, 0-1; absent when it cannot be said. */
  readonly progress?: number
  /** Why it is not ready; empty when it is. */
  readonly because: readonly string[]
}

/**
 * Spreads the streams that are ready over the work days after a checkpoint, at most `perDay` on
 * one, a stream never before one that it depends on; within a day in the program's order. A stream
 * that depends on one which is held, or was not looked at, is held too, and says so; where a share
 * of the other is enough (`reaches`) and is reached, it is not.
 */
export function planMerges(program: Program, readiness: readonly Readiness[], after: string): MergePlan {
  const byId = new Map(readiness.map((one) => [one.stream, one]))
  const held = new Map<string, string>()
  for (const one of readiness) if (!one.merged && !one.ready) held.set(one.stream, one.because[0] ?? 'it is not ready')
  const stops = ({ stream, reaches }: Dependency): boolean => {
    const other = byId.get(stream)
    const isReached = reaches < 1 && other?.progress !== undefined && other.progress >= reaches
    return (other === undefined || held.has(stream)) && !isReached
  }
  let open = program.streams.filter((stream) => byId.get(stream.id)?.ready === true && byId.get(stream.id)?.merged === false)
  for (let changed = true; changed;) {
    changed = false
    for (const stream of open) {
      const wait = stream.dependsOn.find(stops)
      if (!wait) continue
      held.set(stream.id, `it depends on ${wait.stream}, which ${byId.has(wait.stream) ? 'is held' : 'was not looked at'}`)
      changed = true
    }
    open = open.filter((stream) => !held.has(stream.id))
  }
  const planned = days(program, open, after)
  const isPlanned = new Set(planned.flatMap((day) => day.streams))
  for (const { id } of open) if (!isPlanned.has(id)) held.set(id, 'it waits for a stream that waits for it')
  return {
    target: program.target,
    days: planned,
    merged: readiness.filter((one) => one.merged).map((one) => one.stream),
    held: [...held].map(([stream, because]) => ({ stream, because })),
  }
}

function days(program: Program, streams: readonly Stream[], after: string): MergePlan['days'] {
  const waiting = new Set(streams.map((stream) => stream.id))
  const planned: { date: string; weekday: string; streams: string[] }[] = []
  let date = nextWorkDay(addDays(wallOf(after, program.calendar.zone).date, 1), program.calendar)
  while (waiting.size > 0) {
    const today: string[] = []
    // One day may hold a chain: a stream after the one it waits for.
    for (let changed = true; changed && today.length < program.merge.perDay;) {
      const next = streams.find((stream) => waiting.has(stream.id) && !stream.dependsOn.some((one) => waiting.has(one.stream)))
      changed = next !== undefined
      if (!next) break
      waiting.delete(next.id)
      today.push(next.id)
    }
    if (today.length === 0) break
    planned.push({ date, weekday: weekdayOf(date), streams: today })
    date = nextWorkDay(addDays(date, 1), program.calendar)
  }
  return planned
}
