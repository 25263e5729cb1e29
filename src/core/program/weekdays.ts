import type { Weekday } from '#core/program/model.ts'
import { addDays, isDate, weekdayOf } from '#core/schedule/time.ts'

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Why a text is not a date or time, as the end of a sentence. */
export function dateProblem(text: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}))?/.exec(text.trim())
  if (!match) return 'it is not written as year, month and day'
  const [, year = '', month = '', day = '', hour, minute] = match
  const days = DAYS_IN_MONTH[Number(month) - 1]
  if (days === undefined) return `a year has no month ${month}`
  if (month === '02' && Number(day) > 28 && !isDate(`${year}-${month}-${day}`))
    return `February ${year} has ${isDate(`${year}-02-29`) ? 29 : 28} days`
  if (Number(day) < 1 || Number(day) > days) return `that month has ${days} days`
  if (hour === undefined) return 'the time of day is missing'
  if (Number(hour) > 23 || Number(minute) > 59) return `a day has no ${hour}:${minute}`
  return 'something else stands behind it'
}

/** The date with that weekday that is nearest to a date; the earlier one of two. */
export function nearestWeekday(date: string, weekday: Weekday): string {
  const offsets = [-1, 1, -2, 2, -3, 3]
  return offsets.map((days) => addDays(date, days)).find((candidate) => weekdayOf(candidate) === weekday) ?? date
}

/**
 * The year, at most five from the one written, in which every date has the weekday that stands
 * beside it: a plan drawn up with another year's calendar. One pair alone says nothing.
 */
export function yearOf(dated: readonly { readonly date: string; readonly meant: Weekday }[]): number | undefined {
  const [first] = dated
  if (!first || dated.length < 2) return undefined
  const written = Number(first.date.slice(0, 4))
  const moved = (date: string, by: number): string => `${String(Number(date.slice(0, 4)) + by).padStart(4, '0')}${date.slice(4)}`
  const by = [-1, 1, -2, 2, -3, 3, -4, 4, -5, 5].find((years) =>
    dated.every(({ date, meant }) => isDate(moved(date, years)) && weekdayOf(moved(date, years)) === meant),
  )
  return by === undefined ? undefined : written + by
}
