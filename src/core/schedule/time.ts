import { Temporal } from 'temporal-polyfill'
import { WEEKDAYS, type Calendar, type Weekday } from '#core/program/model.ts'

/**
 * Wall times live in the program's zone, instants are UTC strings. A wall time that the clocks
 * skip means the shifted instant, one that they repeat means the first.
 */

export const epoch = (instant: string): number => Temporal.Instant.from(instant).epochMilliseconds

export const instantOf = (milliseconds: number): string => Temporal.Instant.fromEpochMilliseconds(milliseconds).toString()

/** To the nearest millisecond: `1.001 * 1000` is no whole number. */
export const addSeconds = (instant: string, seconds: number): string => instantOf(Math.round(epoch(instant) + seconds * 1000))

/** Adds a span as the program file means it: whole days are calendar days in the zone, anything else is elapsed time. */
export function addSpan(instant: string, seconds: number, zone: string): string {
  if (seconds % 86_400 !== 0) return addSeconds(instant, seconds)
  return Temporal.Instant.from(instant)
    .toZonedDateTimeISO(zone)
    .add({ days: seconds / 86_400 })
    .toInstant()
    .toString()
}

export function isInstant(text: string): boolean {
  try {
    return Number.isFinite(epoch(text))
  } catch {
    return false
  }
}

/** The later of two instants. */
export const laterOf = (a: string, b: string): string => (epoch(b) > epoch(a) ? b : a)

/** `2026-02-25 16:00` in a zone -> instant; undefined where the calendar has no such date or time. */
export function wallToInstant(text: string, zone: string): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text.trim())
  if (!match) return undefined
  try {
    const date = Temporal.PlainDate.from(match[1] ?? '', { overflow: 'reject' })
    const time = Temporal.PlainTime.from(match[2] ?? '00:00', { overflow: 'reject' })
    return date.toZonedDateTime({ timeZone: zone, plainTime: time }).toInstant().toString()
  } catch {
    return undefined
  }
}

/** An instant as ISO text with offset or Z, or a wall time in the zone -> instant; undefined if neither. */
export function toInstant(text: string, zone: string): string | undefined {
  if (!/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text.trim())) return wallToInstant(text, zone)
  try {
    return Temporal.Instant.from(text.trim().replace(' ', 'T')).toString()
  } catch {
    return undefined
  }
}

/** `2026-02-25 EOD` as a wall time: the end of the working hours. Any other text stays as it is. */
export const atEndOfDay = (text: string, { hours }: Pick<Calendar, 'hours'>): string =>
  text.replace(/^(\s*\d{4}-\d{2}-\d{2})\s+EOD\s*$/i, (_, date: string) => `${date} ${hours.end}`)

export function isZone(zone: string): boolean {
  // An offset such as +01:00 is a valid Temporal zone but knows no daylight saving: not what a plan means.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
    return true
  } catch {
    return false
  }
}

export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && wallToInstant(text, 'UTC') !== undefined

/** Minutes since midnight of `HH:MM`; undefined if that is no time of day. */
export function minutesOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}

export const weekdayOf = (date: string): Weekday => WEEKDAYS[Temporal.PlainDate.from(date).dayOfWeek - 1] as Weekday

/** `{ date: '2026-02-25', time: '16:00', weekday: 'wednesday' }` of an instant in a zone. */
export function wallOf(instant: string, zone: string): { readonly date: string; readonly time: string; readonly weekday: Weekday } {
  const zoned = Temporal.Instant.from(instant).toZonedDateTimeISO(zone)
  const date = zoned.toPlainDate().toString()
  return { date, time: zoned.toPlainTime().toString({ smallestUnit: 'minute' }), weekday: weekdayOf(date) }
}

/** `Wed 2026-02-25 16:00`, the same in every locale. */
export function formatInstant(instant: string, zone: string): string {
  const { date, time } = wallOf(instant, zone)
  return `${formatDate(date)} ${time}`
}

/** `Wed 2026-02-25` of `2026-02-25`. */
export function formatDate(date: string): string {
  const weekday = weekdayOf(date)
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1, 3)} ${date}`
}

/** ISO with the zone's offset at that instant: `2026-02-25T16:00:00+01:00`. */
export const isoWithOffset = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toString({ timeZoneName: 'never', smallestUnit: 'second' })

export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString()

export const isWorkDay = (date: string, calendar: Calendar): boolean =>
  calendar.workDays.includes(weekdayOf(date)) && !calendar.holidays.includes(date)

/** First work day on or after a date. Gives the date itself when the calendar has no work day within two years. */
export function nextWorkDay(date: string, calendar: Calendar): string {
  for (let days = 0; days < 731; days += 1) {
    const candidate = addDays(date, days)
    if (isWorkDay(candidate, calendar)) return candidate
  }
  return date
}
