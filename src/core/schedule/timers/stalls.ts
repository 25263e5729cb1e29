import { peopleOf, runsUntil } from '#core/schedule/look-up.ts'
import type { Look } from '#core/schedule/look.ts'
import { addDays, epoch, isWorkDay, wallOf, wallToInstant } from '#core/schedule/time.ts'

/**
 * Streams of which nothing that is measured came nearer to its whole for the set number of work
 * days. Evidence must have been seen at the end of them: silence is not standstill. Each
 * standstill is told once.
 */
export function lookAtStalls(look: Look): void {
  const { stallDays } = look.program.schedule
  if (stallDays === undefined || look.history.progress.size === 0) return
  const until = runsUntil(look)
  for (const { id, lead } of look.program.streams) {
    const progress = look.history.progress.get(id)
    if (!progress || progress.done) continue
    const at = stallsAt(look, progress.movedAt, stallDays)
    const key = `stall:${id}@${progress.movedAt}`
    if (at < until && look.isDue(at, key) && epoch(progress.measuredAt) >= at)
      look.say(at, key, { kind: 'stall', stream: id, people: [...new Set([lead, ...peopleOf(look, 'phase-lead')])] })
  }
}

/** The same time of day, so many work days later. */
function stallsAt({ program, planned }: Look, from: string, workDays: number): number {
  const known = planned.stalls.get(from)
  if (known !== undefined) return known
  const { calendar } = program
  const { date, time } = wallOf(from, calendar.zone)
  let day = date
  // No calendar leaves more than a year without a work day that anybody would wait for.
  for (let left = workDays, tries = 0; left > 0 && tries < 1000; tries += 1) {
    day = addDays(day, 1)
    if (isWorkDay(day, calendar)) left -= 1
  }
  const at = epoch(wallToInstant(`${day} ${time}`, calendar.zone) ?? from)
  if (planned.stalls.size > 10_000) planned.stalls.clear()
  planned.stalls.set(from, at)
  return at
}
