import { WEEKDAYS, type Calendar } from '#core/program/model.ts'
import { parseQuantity } from '#core/program/quantity.ts'
import { addDays, addSeconds, epoch, formatZoned, toInstant, wallOf, wallToInstant, weekdayOf } from '#core/schedule/time.ts'

export type DeadlineResult = { readonly ok: true; readonly at: string } | { readonly ok: false; readonly reason: string }

/** Nothing that is promised for longer is a promise; it also keeps instants inside the calendar. */
const MOST_SECONDS = 3 * 366 * 86_400

/**
 * A time to come, as people write it: a duration from now (`2h` is elapsed time, `3 days` are
 * calendar days in the zone), a wall time in the zone, the end of the working hours (`EOD`, `Fri EOD`),
 * or an instant. Must lie after `from`.
 */
export function readDeadline(text: string, from: string, { zone, hours }: Pick<Calendar, 'zone' | 'hours'>): DeadlineResult {
  const at = afterDays(text, from, zone) ?? afterDuration(text, from) ?? onDay(text, from, zone, hours.end) ?? toInstant(text, zone)
  if (at === undefined)
    return {
      ok: false,
      reason: `"${text}" is neither a duration nor a time; write 2h, 3 days, EOD, "Fri EOD", "2026-02-25 16:00" (${zone}) or 2026-02-25T15:00:00Z`,
    }
  if (epoch(at) <= epoch(from)) return { ok: false, reason: `${text} is not in the future: it was ${formatZoned(at, zone)}` }
  if (epoch(at) - epoch(from) > MOST_SECONDS * 1000) return { ok: false, reason: `${text} is more than three years away` }
  return { ok: true, at }
}

/** A time that has been: a duration until now (`24h`, `2 days`), a wall time in the zone, or an instant. Must lie before `until`. */
export function readSince(text: string, until: string, zone: string): DeadlineResult {
  const at = afterDays(text, until, zone, -1) ?? afterDuration(text, until, -1) ?? toInstant(text, zone)
  if (at === undefined)
    return {
      ok: false,
      reason: `"${text}" is neither a duration nor a time; write 24h, 2 days, "2026-02-25 09:45" (${zone}) or 2026-02-25T08:45:00Z`,
    }
  return epoch(at) < epoch(until) ? { ok: true, at } : { ok: false, reason: `${text} is not in the past` }
}

function afterDays(text: string, from: string, zone: string, sign: 1 | -1 = 1): string | undefined {
  const match = /^(\d{1,4})\s*(d|day|days|w|week|weeks)$/.exec(text.trim())
  if (!match) return undefined
  const days = sign * Number(match[1]) * (match[2]?.startsWith('w') ? 7 : 1)
  const { date, time } = wallOf(from, zone)
  const minute = wallToInstant(`${addDays(date, days)} ${time}`, zone)
  return minute === undefined ? undefined : addSeconds(minute, (epoch(from) % 60_000) / 1000)
}

/** `EOD`, `Fri EOD`, `EOD tomorrow`, `Fri 16:00`, `2026-02-25 EOD`. A weekday is the next one on which that time is still to come. */
function onDay(text: string, from: string, zone: string, end: string): string | undefined {
  const match = /^(?:(EOD|[a-z]+|\d{4}-\d{2}-\d{2})\s+)?(EOD|[a-z]+|\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2})$/i.exec(text.trim())
  const words = [match?.[1], match?.[2]].map((one) => one?.toLowerCase())
  const time = words.find((one) => one === 'eod' || /^\d{1,2}:/.test(one ?? ''))
  if (time === undefined || words[0] === words[1]) return undefined
  const day = words.find((one) => one !== time) ?? 'today'
  const { date: today } = wallOf(from, zone)
  const on = (date: string): string | undefined => wallToInstant(`${date} ${time === 'eod' ? end : time.padStart(5, '0')}`, zone)
  if (/^\d/.test(day)) return on(day)
  if (day === 'today') return on(today)
  if (day === 'tomorrow') return on(addDays(today, 1))
  const weekday = day.length < 3 ? undefined : WEEKDAYS.find((one) => one.startsWith(day))
  if (weekday === undefined) return undefined
  const ahead = (WEEKDAYS.indexOf(weekday) - WEEKDAYS.indexOf(weekdayOf(today)) + 7) % 7
  const next = on(addDays(today, ahead))
  return ahead === 0 && next !== undefined && epoch(next) <= epoch(from) ? on(addDays(today, 7)) : next
}

function afterDuration(text: string, from: string, sign: 1 | -1 = 1): string | undefined {
  const parsed = parseQuantity(text)
  if (!parsed.ok || parsed.quantity.unit !== 'seconds' || parsed.quantity.low !== parsed.quantity.high || parsed.quantity.of !== undefined)
    return undefined
  // Far outside the calendar; a day past the limit says the same and stays inside it.
  return addSeconds(from, sign * Math.min(Math.max(parsed.quantity.low, -MOST_SECONDS), MOST_SECONDS + 86_400))
}
