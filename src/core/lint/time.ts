import { beside, finding, groupBy, type Rule } from '#core/lint/rule.ts'
import type { Plan, PlanTime } from '#core/plan/model.ts'
import { nearestWeekday, yearOf } from '#core/program/weekdays.ts'
import type { Problem } from '#core/problems.ts'
import { isDate, minutesOfDay, weekdayOf, weekdayName } from '#core/schedule/time.ts'

/** A weekday beside a date that has another one: both ways out, and the year in which all of them agree. */
export const weekdayMismatch: Rule = (plan) => {
  const times = groupBy(
    [...plan.checkpoints.flatMap((one) => one.when ?? []), ...(plan.dates ?? [])],
    (one) => `${one.file}:${one.line}:${one.column}`,
  )
  const dated = times.flatMap(([one]) =>
    one?.date !== undefined && one.weekday !== undefined && isDate(one.date)
      ? [{ one, date: one.date, weekday: one.weekday, meant: one.weekday.value }]
      : [],
  )
  const year = yearOf(dated)
  const agree = year === undefined ? '' : `; in ${year} all ${dated.length} weekdays agree with their dates`
  return dated.flatMap(({ one, date, weekday, meant }) => {
    const real = weekdayOf(date)
    if (real === meant) return []
    const remedy = `write ${weekdayName(real)} to keep the date, or ${nearestWeekday(date, meant)} to keep the ${weekdayName(meant)}${agree}`
    return [
      finding(weekday, 'weekday-mismatch', 'error', `${date} is a ${weekdayName(real)}, not a ${weekdayName(meant)}`, remedy, [
        beside(one, `the date is ${date}`),
      ]),
    ]
  })
}

/** The date of a time, unless its weekday says another one: then nobody knows which day is meant. */
export const certainDate = (when: PlanTime | undefined): string | undefined => {
  if (when?.date === undefined || !isDate(when.date)) return undefined
  return when.weekday === undefined || weekdayOf(when.date) === when.weekday.value ? when.date : undefined
}

/** A checkpoint on a holiday or on a day of the week on which the plan says that nobody works. */
export const dayOff: Rule = (plan) => oncePerPlace(plan.checkpoints.flatMap((checkpoint) => dayOffOf(plan, checkpoint)))

/** What comes again stands at one place, and is wrong there once. */
export const oncePerPlace = (problems: readonly Problem[]): readonly Problem[] =>
  groupBy(problems, ({ file, line, column, related: [other] }) =>
    JSON.stringify([file, line, column, other?.file, other?.line, other?.column]),
  ).flatMap((group) => group.slice(0, 1))

function dayOffOf(plan: Plan, checkpoint: Plan['checkpoints'][number]): readonly Problem[] {
  const date = certainDate(checkpoint.when)
  if (date === undefined || !checkpoint.when) return []
  const weekday = weekdayOf(date)
  const why = plan.holidays.includes(date)
    ? 'which the calendar calls a holiday'
    : plan.workDays?.includes(weekday) === false
      ? `a ${weekdayName(weekday)}, which is no work day`
      : undefined
  if (why === undefined) return []
  return [
    finding(
      checkpoint.when,
      'day-off',
      'warning',
      `${checkpoint.name} is on ${date}, ${why}`,
      'move the checkpoint to a work day, or correct the calendar',
    ),
  ]
}

/** A checkpoint that begins before or ends after the working hours that the plan gives. */
export const outsideHours: Rule = (plan) => {
  const { hours } = plan
  const [opens, closes] = [minutesOfDay(hours?.start ?? ''), minutesOfDay(hours?.end ?? '')]
  if (!hours || opens === undefined || closes === undefined) return []
  return plan.checkpoints.flatMap((checkpoint) => {
    const start = minutesOfDay(checkpoint.when?.time ?? '')
    if (start === undefined || !checkpoint.when) return []
    const end = start + (checkpoint.durationSeconds?.value ?? 0) / 60
    // Who writes EOD means it.
    if ((start >= opens && end <= closes) || (start === closes && /\bEOD\s*$/i.test(checkpoint.when.text))) return []
    const what =
      start >= opens && start < closes
        ? `begins at ${checkpoint.when.time} and lasts until ${clock(end)}`
        : `begins at ${checkpoint.when.time}`
    return [
      finding(
        checkpoint.when,
        'outside-hours',
        'warning',
        `${checkpoint.name} ${what}; work is from ${hours.start} to ${hours.end}`,
        'move the checkpoint into the working hours, or correct the hours',
      ),
    ]
  })
}

/** `HH:MM` of minutes since midnight; past midnight the next day is said. */
const clock = (minutes: number): string => {
  const text = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${text((minutes % 1440) / 60)}:${text(minutes % 60)}${minutes >= 1440 ? ' the next day' : ''}`
}

/** An agenda whose items take longer than the meeting. */
export const agendaTooLong: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) => {
    const meeting = checkpoint.meetingSeconds ?? checkpoint.durationSeconds
    const needed = agendaSeconds(plan, checkpoint)
    if (!meeting || meeting.value <= 0 || needed <= meeting.value) return []
    const each = checkpoint.agenda.some((one) => one.each === 'stream') ? `, ${plan.units.length} streams one after the other` : ''
    return [
      finding(
        meeting,
        'agenda-too-long',
        'error',
        `the agenda takes ${minutes(needed)}${each}; the meeting has ${minutes(meeting.value)}`,
        'lengthen the meeting or shorten an item',
        checkpoint.agenda.slice(0, 1).map((one) => beside(one, `the agenda begins here and takes ${minutes(needed)}`)),
      ),
    ]
  })

const agendaSeconds = (plan: Plan, checkpoint: Plan['checkpoints'][number]): number =>
  checkpoint.agenda.reduce((sum, item) => sum + item.seconds * (item.each === 'stream' ? Math.max(1, plan.units.length) : 1), 0)

const minutes = (seconds: number): string => `${Math.round(seconds / 6) / 10} min`
