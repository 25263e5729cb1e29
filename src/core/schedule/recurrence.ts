import { RRuleTemporal } from 'rrule-temporal'
import { WEEKDAYS, type Calendar, type Weekday } from '#core/program/model.ts'
import { addDays, isDate, minutesOfDay, weekdayOf } from '#core/schedule/time.ts'

/**
 * Times that come again: "Wed 16:00 and Fri 15:30", or an RRULE of RFC 5545. They are wall times:
 * an hour that the clocks skip or repeat is for whoever turns them into instants.
 */
export interface Recurrence {
  /** `YYYY-MM-DD`, or `YYYY-MM-DD HH:MM` where an RRULE needs a time of day. */
  readonly from: string
  /** Last date: `YYYY-MM-DD`. */
  readonly until?: string
  readonly count?: number
}

export type RecurrenceResult =
  /** `YYYY-MM-DD HH:MM`, in time; holidays are left out. */
  | { readonly ok: true; readonly times: readonly string[] }
  | { readonly ok: false; readonly at: 'every' | 'from' | 'until'; readonly reason: string; readonly remedy: string }

export const MOST_OCCURRENCES = 200

/** No plan reaches further; it also ends the search for days that never come. */
const FARTHEST_DAYS = 3 * 366

const EXAMPLE = 'write for example: Wed 16:00 and Fri 15:30'

export function readRecurrence(every: string, { from, until, count }: Recurrence, calendar: Calendar): RecurrenceResult {
  const [date = '', time] = from.trim().split(/[ T]/)
  if (!isDate(date) || (time !== undefined && minutesOfDay(time) === undefined))
    return no('from', `"${from}" is not a date`, 'write YYYY-MM-DD')
  if (until !== undefined && (!isDate(until) || until < date))
    return no(
      'until',
      isDate(until) ? `it ends on ${until}, before it begins on ${date}` : `"${until}" is not a date`,
      'write a later date: YYYY-MM-DD',
    )
  const isRule = /\bFREQ\s*=/i.test(every)
  if (until === undefined && count === undefined && !(isRule && /\b(?:UNTIL|COUNT)\s*=/i.test(every)))
    return no('every', `"${every}" never ends`, 'add until: YYYY-MM-DD, or count: 8')
  const last = until ?? addDays(date, FARTHEST_DAYS)
  const found = isRule ? ofRule(every, date, time, last, calendar) : ofWords(every, date, last, calendar)
  if (!found.ok) return found
  const times = found.times.slice(0, count)
  if (times.length > MOST_OCCURRENCES)
    return no('every', `"${every}" comes more than ${MOST_OCCURRENCES} times`, 'end it earlier with until or count')
  if (times.length === 0) return no('every', `"${every}" never comes${until === undefined ? '' : ` from ${date} to ${until}`}`, EXAMPLE)
  return { ok: true, times }
}

const no = (at: 'every' | 'from' | 'until', reason: string, remedy: string): Extract<RecurrenceResult, { ok: false }> => ({
  ok: false,
  at,
  reason,
  remedy,
})

/** Days that share the time that follows them: `Wed 16:00 and Fri 15:30`, `Mon, Thu 09:00`, `work day EOD`. */
function ofWords(every: string, from: string, last: string, calendar: Calendar): RecurrenceResult {
  const parts = every
    .trim()
    .replace(/^every\s+|\s+every week$/gi, '')
    .split(/\s*(?:[,;&]|\band\b)\s*/i)
  const times = new Map<Weekday, Set<string>>()
  let waiting: Weekday[] = []
  for (const part of parts) {
    const match = /^([a-z ]+?)s?(?:\s+(?:at\s+)?(\d{1,2}:\d{2}|EOD))?$/i.exec(part)
    const days = match ? daysNamed(match[1] ?? '', calendar) : undefined
    if (!days) return no('every', `"${part}" is no day of the week and time`, `${EXAMPLE}; or an RRULE: FREQ=WEEKLY;BYDAY=WE`)
    waiting.push(...days)
    if (match?.[2] === undefined) continue
    const time = /^eod$/i.test(match[2]) ? calendar.hours.end : match[2].padStart(5, '0')
    if (minutesOfDay(time) === undefined) return no('every', `a day has no ${match[2]}`, EXAMPLE)
    for (const day of waiting) times.set(day, (times.get(day) ?? new Set()).add(time))
    waiting = []
  }
  if (waiting.length > 0) return no('every', `"${every}" gives no time for ${waiting.join(', ')}`, EXAMPLE)
  const found: string[] = []
  for (
    let date = from, days = 0;
    date <= last && days <= FARTHEST_DAYS && found.length <= MOST_OCCURRENCES;
    date = addDays(date, 1), days += 1
  ) {
    if (calendar.holidays.includes(date)) continue
    for (const time of [...(times.get(weekdayOf(date)) ?? [])].toSorted()) found.push(`${date} ${time}`)
  }
  return { ok: true, times: found }
}

function daysNamed(word: string, { workDays }: Calendar): readonly Weekday[] | undefined {
  const name = word.trim().toLowerCase()
  if (name === 'day') return WEEKDAYS
  if (name === 'work day' || name === 'workday') return workDays
  const day = name.length < 3 ? undefined : WEEKDAYS.find((one) => one.startsWith(name))
  return day && [day]
}

/** Evaluated over wall times, as if the zone had no clocks to change. */
function ofRule(every: string, from: string, time: string | undefined, last: string, { holidays }: Calendar): RecurrenceResult {
  const rule = every
    .trim()
    .replace(/^RRULE\s*:/i, '')
    .replace(/\s+/g, '')
    .toUpperCase()
    // The rule's own end is a wall time as well; the library wants it in UTC, which is what stands in for the zone here.
    .replace(/\bUNTIL=(\d{8}T\d{6})(?=;|$)/, 'UNTIL=$1Z')
  const wrong = ruleProblem(rule)
  if (wrong !== undefined) return no('every', wrong, RULE_EXAMPLE)
  if (time === undefined && !/\bBYHOUR=/.test(rule))
    return no('from', `"${every}" gives no time of day`, `write from: ${from} 16:00, or add BYHOUR=16`)
  const start = `${from.replaceAll('-', '')}T${(time ?? '00:00').replace(':', '')}00`
  const found: string[] = []
  try {
    const parsed = new RRuleTemporal({
      rruleString: `DTSTART;TZID=UTC:${start}\nRRULE:${rule}`,
      maxIterations: 10_000,
      maxCandidateEvaluations: 50_000,
    })
    parsed.all((one) => {
      const wall = one.toString().slice(0, 16).replace('T', ' ')
      if (wall.slice(0, 10) > last) return false
      if (!holidays.includes(wall.slice(0, 10)) && found.at(-1) !== wall) found.push(wall)
      return found.length <= MOST_OCCURRENCES
    })
  } catch (error) {
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    // It was searched for long enough: what has been found until then is all there is.
    if (!said.startsWith('Maximum')) return no('every', `"${every}" is no RRULE: ${said}`, RULE_EXAMPLE)
  }
  return { ok: true, times: found }
}

const RULE_EXAMPLE = 'write for example: FREQ=WEEKLY;BYDAY=WE;BYHOUR=16'

/** What the library lets pass: it takes an hour 99 for midnight. */
function ruleProblem(rule: string): string | undefined {
  if (!/^[A-Z]+=[A-Z0-9,+-]+(?:;[A-Z]+=[A-Z0-9,+-]+)*;?$/.test(rule)) return `"${rule}" is no RRULE`
  if (!/\bFREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)\b/.test(rule)) return 'a checkpoint comes once a day at most'
  const parts = new Map(rule.split(';').map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']))
  for (const [key, most] of [
    ['BYHOUR', 23],
    ['BYMINUTE', 59],
  ] as const) {
    const wrong = parts
      .get(key)
      ?.split(',')
      .find((value) => !/^\d{1,2}$/.test(value) || Number(value) > most)
    if (wrong !== undefined) return `${key}=${wrong} is no time of day`
  }
  return undefined
}
