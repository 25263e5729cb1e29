import type { Calendar } from '#core/program/model.ts'
import { addDays, isWorkDay, minutesOfDay, offsetAt, wallOf } from '#core/schedule/time.ts'

/**
 * Work days as a forecast counts them. The day an instant belongs to is the last work day whose
 * working hours were half over: what is measured in the morning is the work of the day before, and a
 * checkpoint in the morning does not wait for that day's work.
 */

/** No calendar has a longer break; one that has counts as having none. */
const LONGEST_BREAK = 400

const before = (date: string, calendar: Calendar): string => {
  let day = addDays(date, -1)
  for (let tries = 0; tries < LONGEST_BREAK && !isWorkDay(day, calendar); tries += 1) day = addDays(day, -1)
  return day
}

/** Share of the working hours of its date that is over, 0-1, at so many minutes since midnight. */
function dayShare(now: number, { hours }: Calendar): number {
  const start = minutesOfDay(hours.start) ?? 0
  const end = minutesOfDay(hours.end) ?? 1440
  return end > start ? Math.min(1, Math.max(0, (now - start) / (end - start))) : now >= start ? 1 : 0
}

const [DAY, MINUTE, MINUTES, MOST_DAYS] = [86_400_000, 60_000, 1440, 10_000]

/** Finds the date of the work day that an instant, in milliseconds since 1970, belongs to. For millions of them: zone and calendar are asked once a day. */
export function workDayFinder(calendar: Calendar): (milliseconds: number) => string {
  const offset = remembered((day) => offsetAt(day * DAY, calendar.zone))
  const dates = remembered((day) => {
    const date = addDays('1970-01-01', day)
    const last = before(date, calendar)
    return { late: isWorkDay(date, calendar) ? date : last, early: last }
  })
  let half = 0
  while (half < MINUTES && dayShare(half, calendar) < 0.5) half += 1
  return (milliseconds) => {
    const day = Math.floor(milliseconds / DAY)
    // On a day on which the clocks change, the zone has to say for each instant.
    const ahead = offset(day) === offset(day + 1) ? offset(day) : offsetAt(milliseconds, calendar.zone)
    const minutes = Math.floor((milliseconds + ahead) / MINUTE)
    const date = Math.floor(minutes / MINUTES)
    const { late, early } = dates(date)
    return minutes - date * MINUTES >= half ? late : early
  }
}

function remembered<T>(find: (day: number) => T): (day: number) => T {
  const known = new Map<number, T>()
  return (day) => {
    let found = known.get(day)
    if (found === undefined) {
      if (known.size >= MOST_DAYS) known.clear()
      known.set(day, (found = find(day)))
    }
    return found
  }
}

export interface WorkDays {
  /** Ascending, without gaps. */
  readonly dates: readonly string[]
  /** Number of the work day that an instant belongs to. */
  of(instant: string): number
  /** Number of a date that is a work day; of the last one before it otherwise. */
  at(date: string): number
  /** Working time since the beginning of the first work day, in work days. */
  position(instant: string): number
  /** How many of them lie before the date of an instant. */
  before(instant: string): number
  date(index: number): string
}

/** The work days from one date to another, and `more` after it. */
export function workDays(calendar: Calendar, from: string, to: string, more: number): WorkDays {
  const dates: string[] = []
  let after = 0
  let idle = 0
  for (let day = from; after < more && idle < LONGEST_BREAK; day = addDays(day, 1)) {
    idle += 1
    if (!isWorkDay(day, calendar)) continue
    idle = 0
    dates.push(day)
    if (day > to) after += 1
  }
  /** How many work days lie before a date. */
  const count = (date: string): number => {
    let low = 0
    let high = dates.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((dates[middle] ?? '') < date) low = middle + 1
      else high = middle
    }
    return low
  }
  const position = (instant: string): number => {
    const { date, time } = wallOf(instant, calendar.zone)
    const index = count(date)
    return dates[index] === date ? index + dayShare(minutesOfDay(time) ?? 0, calendar) : index
  }
  return {
    dates,
    position,
    before: (instant) => count(wallOf(instant, calendar.zone).date),
    of: (instant) => Math.floor(position(instant) + 0.5) - 1,
    at: (date) => (dates[count(date)] === date ? count(date) : count(date) - 1),
    date: (index) => dates[Math.min(Math.max(0, index), dates.length - 1)] ?? from,
  }
}
