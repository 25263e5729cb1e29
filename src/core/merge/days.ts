import { listOf } from '#core/merge/bits.ts'
import { at, placesOf, type Lanes } from '#core/merge/lanes.ts'
import type { PlanInput } from '#core/merge/landing.ts'
import { addDays, nextWorkDay, weekdayOf } from '#core/schedule/time.ts'

export interface LandingDay {
  readonly date: string
  readonly weekday: string
  readonly streams: readonly number[]
}

/**
 * Spreads a sequence over work days, each stream on the first day that has room for it: not before
 * it is ready, not before what it depends on (later on the same day will do), not before whom it
 * would spoil, and not before the work day after the last one that spoils it: it needs the time to
 * rebase.
 */
export function daysOf(
  lanes: Lanes,
  sequence: readonly number[],
  { calendar, perDay, from }: NonNullable<PlanInput['days']>,
): LandingDay[] {
  const waits = waitsOf(lanes, sequence)
  const dayOf: (number | undefined)[] = []
  const days: { readonly date: string; readonly weekday: string; readonly streams: number[] }[] = []
  let date = nextWorkDay(from, calendar)
  let waiting: readonly number[] = sequence
  while (waiting.length > 0) {
    const today: number[] = []
    let soonest: string | undefined
    const later: number[] = []
    for (const stream of waiting) {
      const { readyOn } = at(lanes.streams, stream)
      const isFree = at(waits, stream).every(({ stream: other, overnight }) => {
        const day = dayOf[other]
        return day !== undefined && (!overnight || day < days.length)
      })
      const isReady = readyOn === undefined || readyOn <= date
      if (isFree && !isReady && (soonest === undefined || readyOn < soonest)) soonest = readyOn
      if (isFree && isReady && today.length < Math.max(1, perDay)) {
        dayOf[stream] = days.length
        today.push(stream)
      } else later.push(stream)
    }
    if (today.length > 0) days.push({ date, weekday: weekdayOf(date), streams: today })
    const next = today.length === 0 && soonest !== undefined ? soonest : addDays(date, 1)
    date = nextWorkDay(next, calendar)
    waiting = later
  }
  return days
}

interface Wait {
  readonly stream: number
  readonly overnight: boolean
}

/** For each stream whom it lands after, and whether a night must lie between. */
function waitsOf({ before, spoilers }: Lanes, sequence: readonly number[]): Wait[][] {
  const placeOf = placesOf(sequence)
  const waits = before.map((row): Wait[] => listOf(row).map((stream) => ({ stream, overnight: false })))
  for (const [stream, others] of spoilers.entries())
    for (const other of listOf(others)) {
      if ((at(placeOf, other) as number) < (at(placeOf, stream) as number)) at(waits, stream).push({ stream: other, overnight: true })
      else at(waits, other).push({ stream, overnight: false })
    }
  return waits
}
