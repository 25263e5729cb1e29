import type { Calendar } from '#core/program/model.ts'
import { addDays, isWorkDay, minutesOfDay, wallOf } from '#core/schedule/time.ts'

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

/** Share of the working hours of its date that is over, 0-1. */
function dayShare(time: string, { hours }: Calendar): number {
  const start = minutesOfDay(hours.start) ?? 0
  const end = minutesOfDay(hours.end) ?? 1440
  const now = minutesOfDay(time) ?? 0
  return end > start ? Math.min(1, Math.max(0, (now - start) / (end - start))) : now >= start ? 1 : 0
}

/** Date of the work day that an instant belongs to. */
export function workDayOf(instant: string, calendar: Calendar): string {
  const { date, time } = wallOf(instant, calendar.zone)
  return isWorkDay(date, calendar) && dayShare(time, calendar) >= 0.5 ? date : before(date, calendar)
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
    return dates[index] === date ? index + dayShare(time, calendar) : index
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
