import { Temporal } from 'temporal-polyfill'
import { WEEKDAYS, type Calendar, type Weekday } from '#core/program/model.ts'

/**
 * Wall times live in the program's zone, instants are UTC strings. A wall time that the clocks
 * skip means the shifted instant, one that they repeat means the first.
 */

/** Milliseconds since 1970 in UTC. @throws RangeError for what is no instant. */
export const epoch = (instant: string): number => canonicalEpoch(instant) ?? Temporal.Instant.from(instant).epochMilliseconds

/**
 * The form in which instants are recorded, `2026-02-25T15:00:00Z` or with milliseconds, read without
 * Temporal: ledgers have millions of them. Undefined for any other form.
 */
function canonicalEpoch(text: string): number | undefined {
  const { length } = text
  if ((length !== 20 && length !== 24) || text.charCodeAt(10) !== 84 || text.charCodeAt(length - 1) !== 90) return undefined
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined
  if (length === 24 && text.charCodeAt(19) !== 46) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  const milliseconds = length === 24 ? digits(text, 20, 3) : 0
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  // A leap second, and whatever else is doubtful, is for the one who knows all rules.
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milliseconds < 0) return undefined
  // Days from the civil calendar, years beginning in March: Howard Hinnant, chrono-compatible low-level date algorithms.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  const days = era * 146_097 + dayOfEra - 719_468
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milliseconds
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31

/** The number that so many digits write; negative where one of them is none. */
function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let index = from; index < from + count; index += 1) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** The instant of so many milliseconds since 1970, as it is recorded: no fraction that is zero. @throws RangeError for no whole number. */
export function instantOf(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY)
  // Years of four digits; the rest is Temporal's, which also refuses what is no instant.
  if (!Number.isInteger(milliseconds) || days < FIRST_DAY || days > LAST_DAY)
    return Temporal.Instant.fromEpochMilliseconds(milliseconds).toString()
  const rest = milliseconds - days * DAY
  const fraction = rest % 1000 === 0 ? '' : `.${padded(rest % 1000, 3).replace(/0+$/, '')}`
  const time = `${padded(Math.floor(rest / 3_600_000), 2)}:${padded(Math.floor(rest / 60_000) % 60, 2)}:${padded(Math.floor(rest / 1000) % 60, 2)}`
  return `${dateOfDays(days)}T${time}${fraction}Z`
}

const DAY = 86_400_000
/** Of the years of four digits, counted from 1970. */
const [FIRST_DAY, LAST_DAY] = [-719_468, 2_932_896]
const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** The other way of `canonicalEpoch`: a date from days since 1970 (Howard Hinnant, chrono-compatible low-level date algorithms). */
function dateOfDays(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1
  const year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
  return `${padded(year, 4)}-${padded(month < 10 ? month + 3 : month - 9, 2)}-${padded(day, 2)}`
}

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
  const milliseconds = epoch(instant)
  const local = milliseconds + offsetAt(milliseconds, zone)
  const days = Math.floor(local / DAY)
  if (days < FIRST_DAY || days > LAST_DAY) return farWallOf(milliseconds, zone)
  const minutes = Math.floor((local - days * DAY) / 60_000)
  return {
    date: dateOfDays(days),
    time: `${padded(Math.floor(minutes / 60), 2)}:${padded(minutes % 60, 2)}`,
    weekday: WEEKDAYS[(((days + 3) % 7) + 7) % 7] as Weekday,
  }
}

function farWallOf(milliseconds: number, zone: string): ReturnType<typeof wallOf> {
  const zoned = Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO(zone)
  const date = zoned.toPlainDate().toString()
  return { date, time: zoned.toPlainTime().toString({ smallestUnit: 'minute' }), weekday: weekdayOf(date) }
}

/**
 * Offsets of zones by hour: looking one up asks the zone's whole history, and a ledger asks for the
 * same weeks again and again. `undefined` for an hour in which the clocks change.
 */
const OFFSETS = new Map<string, number | undefined>()
const MOST_OFFSETS = 50_000
const HOUR = 3_600_000

/** Milliseconds that walls of a zone are ahead of UTC at a time. */
export function offsetAt(milliseconds: number, zone: string): number {
  const hour = Math.floor(milliseconds / HOUR)
  const key = `${hour} ${zone}`
  if (!OFFSETS.has(key)) {
    if (OFFSETS.size >= MOST_OFFSETS) OFFSETS.clear()
    const first = lookedUpOffset(hour * HOUR, zone)
    OFFSETS.set(key, first === lookedUpOffset((hour + 1) * HOUR - 1, zone) ? first : undefined)
  }
  return OFFSETS.get(key) ?? lookedUpOffset(milliseconds, zone)
}

const lookedUpOffset = (milliseconds: number, zone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6

/** `Wed 2026-02-25 16:00`, the same in every locale. */
export function formatInstant(instant: string, zone: string): string {
  const { date, time } = wallOf(instant, zone)
  return `${formatDate(date)} ${time}`
}

/** `Wed 2026-02-25 16:00 Europe/Berlin`: for a sentence that is read by itself. */
export const formatZoned = (instant: string, zone: string): string => `${formatInstant(instant, zone)} ${zone}`

/**
 * For one text that people read: the first time in it names its zone, because whoever reads it elsewhere
 * must see whose it is; more than once would bury what the text says.
 */
export function zoneOnce(zone: string): (time: string) => string {
  let isNamed = false
  return (time) => {
    if (isNamed) return time
    isNamed = true
    return `${time} ${zone}`
  }
}

/** `formatInstant` for the times of one text, from the first to the last. */
export function timesIn(zone: string): (instant: string) => string {
  const named = zoneOnce(zone)
  return (instant) => named(formatInstant(instant, zone))
}

/** `Wed 2026-02-25` of `2026-02-25`. */
export const formatDate = (date: string): string => `${weekdayName(weekdayOf(date)).slice(0, 3)} ${date}`

/** `Wednesday`, as people write it. */
export const weekdayName = (weekday: Weekday): string => `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)}`

/**
 * `Midweek, Wed 2026-02-25 16:00`. The name of a time that comes again ends in its date: that is said once, and where
 * it was moved to another day the name keeps the old one: `Midweek, Wed 2026-02-25, now Thu 2026-02-26 14:00`.
 */
export function formatNamed(name: string, instant: string, zone: string): string {
  const { date, time } = wallOf(instant, zone)
  if (name.endsWith(` ${formatDate(date)}`)) return `${name} ${time}`
  return `${name}, ${/ [A-Z][a-z]{2} \d{4}-\d\d-\d\d$/.test(name) ? 'now ' : ''}${formatDate(date)} ${time}`
}

/** ISO with the zone's offset at that instant: `2026-02-25T16:00:00+01:00`. */
export const isoWithOffset = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toString({ timeZoneName: 'never', smallestUnit: 'second' })

export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString()

export const isWorkDay = (date: string, calendar: Calendar): boolean =>
  calendar.workDays.includes(weekdayOf(date)) && !calendar.holidays.includes(date)

/** Within the working hours of a work day. */
export function isWorkTime(instant: string, calendar: Calendar): boolean {
  const { date, time } = wallOf(instant, calendar.zone)
  return isWorkDay(date, calendar) && time >= calendar.hours.start && time <= calendar.hours.end
}

/** First work day on or after a date. Gives the date itself when the calendar has no work day within two years. */
export function nextWorkDay(date: string, calendar: Calendar): string {
  for (let days = 0; days < 731; days += 1) {
    const candidate = addDays(date, days)
    if (isWorkDay(candidate, calendar)) return candidate
  }
  return date
}
