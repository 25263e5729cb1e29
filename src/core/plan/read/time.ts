import { WEEKDAYS, type Weekday } from '#core/program/model.ts'
import { addDays, isDate, weekdayOf } from '#core/schedule/time.ts'

/** A time as written, before a year or an anchor is known. */
export interface WrittenTime {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly year?: number
  readonly month?: number
  readonly day?: number
  readonly weekday?: Weekday
  readonly time?: string
  readonly endOfDay?: boolean
  readonly week?: number
  /** `Day 2`, of `Day 1-2` the last. */
  readonly dayNumber?: number
  readonly hourNumber?: number
  /** `T-7`: -7. */
  readonly fromLaunch?: number
  /** `fromLaunch` was written in hours or minutes. */
  readonly clocked?: true
}

const MONTHS: readonly string[] = [
  'jan|ene',
  'feb',
  'mar|mär|mrz',
  'apr|abr',
  'may|mai|mayo',
  'jun',
  'jul',
  'aug|ago',
  'sep',
  'oct|okt',
  'nov',
  'dec|dez|dic',
]
const MONTH_WORD =
  '(jan(?:uary|uar)?|enero|ene|feb(?:ruary|ruar|rero)?|mar(?:ch|zo)?|märz|mrz|apr(?:il)?|abril|abr|may|mai|mayo|june?|juni|junio|july?|juli|julio|aug(?:ust)?|agosto|ago|sept?(?:ember|iembre)?|oct(?:ober|ubre)?|oktober|okt|nov(?:ember|iembre)?|dec(?:ember)?|dezember|dez|diciembre|dic)'
const ISO = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/
const MONTH_FIRST = new RegExp(
  String.raw`(?<![\p{L}])${MONTH_WORD}\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d|:\d|%)(?:,?\s+(\d{4}))?(?!\d|:\d)`,
  'iu',
)
const DAY_FIRST = new RegExp(
  String.raw`(?<![\d.:/])(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?${MONTH_WORD}(?![\p{L}])\.?(?:,?\s+(?:de\s+)?(\d{4}))?(?!\d|:\d)`,
  'iu',
)
const DOTTED = /(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})?(?!\d)/
const CJK = /(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日/
const SLASHED = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/

const WEEKDAY_WORDS: readonly string[] = [
  'mon(?:day)?|montags?|lunes|周一|星期一',
  'tue(?:s(?:day)?)?|dienstags?|martes|周二|星期二',
  'wed(?:s|nesday)?|mittwochs?|miércoles|miercoles|周三|星期三',
  'thu(?:r(?:s(?:day)?)?)?|donnerstags?|jueves|周四|星期四',
  'fri(?:day)?|freitags?|viernes|周五|星期五',
  'sat(?:urday)?|samstags?|sábado|周六|星期六',
  'sun(?:day)?|sonntags?|domingo|周日|星期日',
]
const WEEKDAY = new RegExp(
  String.raw`(?<![\p{sc=Latn}\d])(?:${WEEKDAY_WORDS.map((words) => `(${words})`).join('|')})(?![\p{sc=Latn}\d])`,
  'iu',
)
const ALL_WEEKDAYS = new RegExp(WEEKDAY.source, 'giu')

const TWELVE = /(?<![\d:])(\d{1,2})(?::(\d{2}))?\s?([ap])\.?m\.?(?![\p{L}])/iu
const CLOCK = /(?<![\d:.-])([01]?\d|2[0-3]):([0-5]\d)(?!\d)/
const UHR = /(?<![\d:])(\d{1,2})(?:[:.](\d{2}))?\s?(?:Uhr|h)(?![\p{L}])/u
const END_OF_DAY = /(?<![\p{L}])(?:EOD|COB|end of day|ende des tages|feierabend|fin del día|下班)(?![\p{L}])/iu
const NOON = /(?<![\p{L}])(noon|mittags?|mediodía|midnight)(?![\p{L}])/iu
const WEEK = /(?<![\p{L}])(?:week|wk|woche|kw|semana|semaine)\s?#?(\d{1,2})(?!\d)|第\s?(\d{1,2})\s?周/iu
const DAY = /(?<![\p{L}])(?:day|tag|día|dia|jour)\s?#?(\d{1,3})(?:\s?[-–]\s?(\d{1,3}))?(?!\d)|第\s?(\d{1,3})\s?天/iu
const HOUR = /(?<![\p{L}])(?:hour|stunde|hora)\s?#?(\d{1,3})(?:\s?[-–]\s?(\d{1,3}))?(?!\d)/iu
/** Also a span, `T+15 to T+45 minutes`: it begins when its first time says, in the unit of its second. */
const LAUNCH =
  /(?<![\p{L}\d])T\s?([-+−])\s?(\d{1,3})(?:\s?(?:to|bis|-|–)\s?T\s?[-+−]\s?\d{1,3})?(?:\s?(d|days?|m|mins?|minutes?|h|hrs?|hours?|weeks?|w))?(?![\p{L}\d])/u

/** What a text says of a day and a time; undefined when it says nothing. */
export function findTime(text: string): WrittenTime | undefined {
  if (!/\d|EOD|day|tag|mittwoch|lunes|martes|rcoles|jueves|viernes|noon|[周星期]|fri|mon|tue|wed|thu/i.test(text)) return undefined
  let start = text.length
  let end = 0
  const mark = (match: RegExpExecArray | null): RegExpExecArray | null => {
    if (match) {
      start = Math.min(start, match.index)
      end = Math.max(end, match.index + match[0].length)
    }
    return match
  }
  const date = readDate(text, mark)
  const weekday = mark(WEEKDAY.exec(text))
  const endOfDay = mark(END_OF_DAY.exec(text)) !== null
  // The `3 h` of `T+3 h` is no time of day.
  const time = readClock(
    text.replace(LAUNCH, (span) => '_'.repeat(span.length)),
    mark,
  )
  const week = mark(WEEK.exec(text))
  const day = date ? null : mark(DAY.exec(text))
  const hour = date ? null : mark(HOUR.exec(text))
  const launch = mark(LAUNCH.exec(text))
  if (end === 0) return undefined
  const launchUnit = launch?.[3]?.[0] ?? 'd'
  const launchDays = { w: 7, h: 1 / 24, m: 1 / 1440 }[launchUnit] ?? 1
  return {
    text: text.slice(start, end),
    start,
    end,
    ...date,
    ...(weekday && { weekday: weekdayAt(weekday) }),
    ...(time !== undefined && { time }),
    ...(endOfDay && { endOfDay }),
    ...(week && { week: Number(week[1] ?? week[2]) }),
    ...(day && { dayNumber: Number(day[2] ?? day[1] ?? day[3]) }),
    ...(hour && { hourNumber: Number(hour[2] ?? hour[1]) }),
    ...(launch && {
      fromLaunch: (launch[1] === '+' ? 1 : -1) * Number(launch[2]) * launchDays,
      ...(launchDays < 1 && { clocked: true as const }),
    }),
  }
}

/** Every weekday a text names: `Thu & Fri each week`. */
export function findWeekdays(text: string): readonly Weekday[] {
  if (/(?<![\p{L}])(?:daily|every day|täglich|diari[oa]|每天|每日)(?![\p{sc=Latn}])/iu.test(text)) return WEEKDAYS.slice(0, 5)
  const found = [...text.matchAll(ALL_WEEKDAYS)].map(weekdayAt)
  const span = found.length === 2 && /(?:-|–|to|bis|a)\s*\p{L}+/iu.test(text) && /\p{L}\s?(?:-|–| to | bis )\s?\p{L}/iu.test(text)
  const [from, to] = found
  if (span && from && to && WEEKDAYS.indexOf(from) < WEEKDAYS.indexOf(to))
    return WEEKDAYS.slice(WEEKDAYS.indexOf(from), WEEKDAYS.indexOf(to) + 1)
  return [...new Set(found)]
}

const weekdayAt = (match: RegExpMatchArray): Weekday => WEEKDAYS[match.slice(1).findIndex((group) => group !== undefined)] ?? 'monday'

type Mark = (match: RegExpExecArray | null) => RegExpExecArray | null

function readDate(text: string, mark: Mark): { readonly year?: number; readonly month: number; readonly day: number } | undefined {
  const iso = mark(ISO.exec(text))
  if (iso) return parts(iso[1], iso[2], iso[3])
  const cjk = mark(CJK.exec(text))
  if (cjk) return parts(cjk[1], cjk[2], cjk[3])
  const monthFirst = mark(MONTH_FIRST.exec(text))
  if (monthFirst) return parts(monthFirst[3], monthOf(monthFirst[1] ?? ''), monthFirst[2])
  const dayFirst = mark(DAY_FIRST.exec(text))
  if (dayFirst) return parts(dayFirst[3], monthOf(dayFirst[2] ?? ''), dayFirst[1])
  const dotted = mark(DOTTED.exec(text))
  if (dotted && Number(dotted[2]) <= 12 && Number(dotted[1]) <= 31) return parts(dotted[3], dotted[2], dotted[1])
  const slashed = mark(SLASHED.exec(text))
  if (slashed) return Number(slashed[1]) > 12 ? parts(slashed[3], slashed[2], slashed[1]) : parts(slashed[3], slashed[1], slashed[2])
  return undefined
}

const parts = (year: string | undefined, month: string | number | undefined, day: string | undefined) => ({
  ...(year !== undefined && { year: Number(year) }),
  month: Number(month),
  day: Number(day),
})

const monthOf = (word: string): number =>
  MONTHS.findIndex((words) => words.split('|').some((one) => word.toLowerCase().startsWith(one))) + 1

function readClock(text: string, mark: Mark): string | undefined {
  const twelve = mark(TWELVE.exec(text))
  if (twelve) {
    const hour = (Number(twelve[1]) % 12) + (twelve[3]?.toLowerCase() === 'p' ? 12 : 0)
    return Number(twelve[1]) <= 12 ? clock(hour, twelve[2]) : undefined
  }
  const uhr = mark(UHR.exec(text))
  if (uhr && Number(uhr[1]) < 24) return clock(Number(uhr[1]), uhr[2])
  const plainClock = mark(CLOCK.exec(text))
  if (plainClock) return clock(Number(plainClock[1]), plainClock[2])
  const noon = mark(NOON.exec(text))
  return noon ? (/midnight/i.test(noon[0]) ? '00:00' : '12:00') : undefined
}

const clock = (hour: number, minute: string | undefined): string => `${String(hour).padStart(2, '0')}:${(minute ?? '00').padStart(2, '0')}`

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/** `2026-02-26`; undefined where the calendar has no such day. */
export function dateText(year: number, month: number, day: number): string | undefined {
  const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}`
  return isDate(text) ? text : undefined
}

/** A relative time against the day the plan begins; `T-7` counts from it as from the launch. */
export function relativeDate(written: WrittenTime, anchor: string): { readonly date: string; readonly time?: string } | undefined {
  if (written.fromLaunch !== undefined && written.clocked) {
    // The launch day begins at nine, as the hours of a plan do.
    const minutes = 9 * 60 + Math.round(written.fromLaunch * 1440)
    const within = ((minutes % 1440) + 1440) % 1440
    return { date: addDays(anchor, Math.floor(minutes / 1440)), time: `${pad(Math.floor(within / 60))}:${pad(within % 60)}` }
  }
  if (written.fromLaunch !== undefined) return { date: addDays(anchor, Math.floor(written.fromLaunch)) }
  if (written.hourNumber !== undefined && written.hourNumber <= 24 * 60) {
    const hours = 9 + written.hourNumber
    return { date: addDays(anchor, Math.floor(hours / 24)), time: `${pad(hours % 24)}:00` }
  }
  const monday = addDays(anchor, -WEEKDAYS.indexOf(weekdayOf(anchor)))
  if (written.week !== undefined) {
    const first = addDays(monday, (written.week - 1) * 7)
    if (written.dayNumber !== undefined && written.dayNumber >= 1 && written.dayNumber <= 7)
      return { date: addDays(first, written.dayNumber - 1) }
    return { date: addDays(first, written.weekday ? WEEKDAYS.indexOf(written.weekday) : 4) }
  }
  if (written.dayNumber !== undefined) return { date: addDays(anchor, Math.max(0, written.dayNumber - 1)) }
  if (written.weekday !== undefined)
    return { date: addDays(anchor, (WEEKDAYS.indexOf(written.weekday) - WEEKDAYS.indexOf(weekdayOf(anchor)) + 7) % 7) }
  return undefined
}

/** Whether it names a day of the calendar by itself. */
export const isDated = (written: WrittenTime | undefined): boolean => written?.month !== undefined && written.day !== undefined

/** Whether it names a day once an anchor is known. */
export const isRelative = (written: WrittenTime | undefined): boolean =>
  written !== undefined &&
  !isDated(written) &&
  (written.week !== undefined || written.dayNumber !== undefined || written.hourNumber !== undefined || written.fromLaunch !== undefined)

const DURATION =
  /(\d{1,3}(?:\.\d)?)\s?(?:-|–|to|bis)?\s?(\d{1,3}(?:\.\d)?)?\s?(s|secs?|seconds?|m|mins?|minutes?|minuten|minutos?|分钟|h|hrs?|hours?|stunden?|horas?|小时|d|days?|tage?n?|d[ií]as?|天|weeks?|wochen?|semanas?)(?![\p{sc=Latn}])/iu

/** Seconds of the first duration in a text: `30 minutes`, `4-6 hours` (the longer), `>2hr`. */
export function findDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (!match) return undefined
  const word = (match[3] ?? '').toLowerCase()
  const factor =
    word.startsWith('s') && !/^(?:stu|sem)/.test(word)
      ? 1
      : /^(?:h|stu|小)/.test(word)
        ? 3600
        : /^(?:d|t|天)/.test(word)
          ? 86_400
          : /^(?:w|sem)/.test(word)
            ? 604_800
            : 60
  return Math.round(Number(match[2] ?? match[1]) * factor)
}
