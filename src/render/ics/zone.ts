import { Temporal } from 'temporal-polyfill'
import { epoch } from '#core/schedule/time.ts'
import { contentLine } from '#render/ics/line.ts'

const YEAR_SECONDS = 366 * 86_400
/** More changes of the clock than any zone has in the years a program runs. */
const MOST_CHANGES = 200

/**
 * The zone as a calendar holds it: one observance for each change of the clock from a year before
 * the first instant to a year after the last, so that the times between them are right everywhere.
 */
export function zoneLines(zone: string, from: string, until: string): string {
  const last = Temporal.Instant.fromEpochMilliseconds(epoch(until) + YEAR_SECONDS * 1000)
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(epoch(from) - YEAR_SECONDS * 1000).toZonedDateTimeISO(zone)
  let before = at.offsetNanoseconds
  const observances = [observance('STANDARD', at, before)]
  for (let count = 0; count < MOST_CHANGES; count += 1) {
    at = at.getTimeZoneTransition('next')
    if (!at || Temporal.Instant.compare(at.toInstant(), last) > 0) break
    observances.push(observance(at.offsetNanoseconds > before ? 'DAYLIGHT' : 'STANDARD', at, before))
    before = at.offsetNanoseconds
  }
  return [contentLine('BEGIN:VTIMEZONE'), contentLine(`TZID:${zone}`), ...observances, contentLine('END:VTIMEZONE')].join('')
}

/** Its start is in the wall time before the change. */
function observance(kind: 'STANDARD' | 'DAYLIGHT', at: Temporal.ZonedDateTime, before: number): string {
  const start = at.toInstant().toZonedDateTimeISO(offsetOf(before)).toPlainDateTime()
  return [
    `BEGIN:${kind}`,
    `DTSTART:${start.toString({ smallestUnit: 'second' }).replace(/[-:]/g, '')}`,
    `TZOFFSETFROM:${offsetOf(before).replaceAll(':', '')}`,
    `TZOFFSETTO:${offsetOf(at.offsetNanoseconds).replaceAll(':', '')}`,
    `END:${kind}`,
  ]
    .map(contentLine)
    .join('')
}

/** `+01:00`; zones of today have whole minutes. */
function offsetOf(nanoseconds: number): string {
  const minutes = Math.round(nanoseconds / 60e9)
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}
