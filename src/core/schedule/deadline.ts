import { parseQuantity } from '#core/program/quantity.ts'
import { addDays, addSeconds, epoch, toInstant, wallOf, wallToInstant } from '#core/schedule/time.ts'

export type DeadlineResult = { readonly ok: true; readonly at: string } | { readonly ok: false; readonly reason: string }

/** Nothing that is promised for longer is a promise; it also keeps instants inside the calendar. */
const MOST_SECONDS = 3 * 366 * 86_400

/**
 * A time to come, as people write it: a duration from now (`2h` is elapsed time, `3 days` are
 * calendar days in the zone), a wall time in the zone, or an instant. Must lie after `from`.
 */
export function readDeadline(text: string, from: string, zone: string): DeadlineResult {
  const at = afterDays(text, from, zone) ?? afterDuration(text, from) ?? toInstant(text, zone)
  if (at === undefined)
    return {
      ok: false,
      reason: `"${text}" is neither a duration nor a time; write 2h, 3 days, "2026-02-25 16:00" (${zone}) or 2026-02-25T15:00:00Z`,
    }
  if (epoch(at) <= epoch(from)) return { ok: false, reason: `${text} is not in the future` }
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

function afterDuration(text: string, from: string, sign: 1 | -1 = 1): string | undefined {
  const parsed = parseQuantity(text)
  if (!parsed.ok || parsed.quantity.unit !== 'seconds' || parsed.quantity.low !== parsed.quantity.high || parsed.quantity.of !== undefined)
    return undefined
  // Far outside the calendar; a day past the limit says the same and stays inside it.
  return addSeconds(from, sign * Math.min(Math.max(parsed.quantity.low, -MOST_SECONDS), MOST_SECONDS + 86_400))
}
