import type { Attendee, CheckReport, CriterionReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import type { Status } from '#core/evaluate/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { BlockerOutcome } from '#core/ledger/events.ts'
import type { Troubles } from '#core/ledger/state.ts'
import type { Evidence, Unit } from '#core/evidence/evidence.ts'
import type { Amount, Health, Tier, Verdict } from '#core/program/model.ts'
import { formatInstant, wallOf, zoneOnce } from '#core/schedule/time.ts'

/** What all renderers call things: shapes, words, short forms. No escaping: that is the sink's. */

/** How a thing is doing; colour is a second sign of it, never the only one. */
export type Tone = 'good' | 'warn' | 'bad' | 'unknown' | 'muted'

export interface Sign {
  readonly shape: string
  readonly tone: Tone
}

export const VERDICT_SIGNS: Readonly<Record<Verdict, Sign>> = {
  GO: { shape: '●', tone: 'good' },
  'CONDITIONAL GO': { shape: '◐', tone: 'warn' },
  'NO-GO': { shape: '✖', tone: 'bad' },
  INCONCLUSIVE: { shape: '?', tone: 'unknown' },
}

export const HEALTH_SIGNS: Readonly<Record<Health, Sign>> = {
  AHEAD: { shape: '▲', tone: 'good' },
  'ON TRACK': { shape: '●', tone: 'good' },
  'MINOR DELAY': { shape: '◐', tone: 'warn' },
  BEHIND: { shape: '▼', tone: 'bad' },
  BLOCKED: { shape: '■', tone: 'bad' },
  UNKNOWN: { shape: '?', tone: 'unknown' },
}

export const STATUS_SIGNS: Readonly<Record<Status, Sign>> = {
  satisfied: { shape: '✓', tone: 'good' },
  unsatisfied: { shape: '✗', tone: 'bad' },
  missing: { shape: '?', tone: 'unknown' },
  stale: { shape: '↻', tone: 'unknown' },
  errored: { shape: '!', tone: 'bad' },
  inconclusive: { shape: '~', tone: 'unknown' },
  'not-applicable': { shape: '–', tone: 'muted' },
  waived: { shape: '◌', tone: 'warn' },
  overridden: { shape: '◆', tone: 'warn' },
}

/** `Fri 2026-02-27 15:30, 3 times until Sat 2026-02-28 09:00`: since when and how often Muster could not do something. */
export const troubleTimes = ({ from, until, times }: Troubles, report: CheckReport): string =>
  `${when(from, report)}${times === 1 ? '' : `, ${times} times until ${when(until, report)}`}`

/** The four ways in which a blocker ends. */
export const OUTCOME_WORDS: Readonly<Record<BlockerOutcome, string>> = {
  resolved: 'Resolved',
  workaround: 'Workaround found',
  'scope-reduced': 'Scope reduced',
  'deadline-extended': 'Deadline extended',
}

export { isSettled } from '#core/decide/risk.ts'

/** `unsatisfied`, or `waived (unsatisfied)` where a waiver or an override covers what was found. */
export const statusWords = (status: Status, rawStatus: Status): string => (status === rawStatus ? status : `${status} (${rawStatus})`)

/** `40 %`, or `5 % to 15 %` for a range. */
export function formatAmount(amount: Amount): string {
  if (amount.low === amount.high) return formatValue(amount.low, amount.unit)
  return `${formatValue(amount.low, amount.unit)} to ${formatValue(amount.high, amount.unit)}`
}

/** `none` where nothing was observed: never a zero. */
export const formatActual = (value: number | boolean | undefined, unit: Unit | undefined): string =>
  value === undefined ? 'none' : formatValue(value, unit)

/** `measured 312 lines, due 400 lines, claimed 400 lines`; of what no metric measures why it stands as it does. */
export function deliverableWords(deliverable: DeliverableReport): string {
  const { measured, unit, interval, due, full, claimed, status, because } = deliverable
  if (measured === undefined && due === undefined && status !== undefined && because !== undefined) return because
  return [
    measured === undefined
      ? 'not measured'
      : `measured ${formatActual(measured, unit)}${interval && unit ? intervalWords({ interval, unit }) : ''}`,
    ...(due ? [`due ${formatAmount(due)}`] : []),
    ...(full && (!due || due.low !== full.low || due.high !== full.high) ? [`in full ${formatAmount(full)}`] : []),
    ...(claimed === undefined ? [] : [`claimed ${formatValue(claimed, unit)}`]),
  ].join(', ')
}

/** `8 tests, target 18 tests`; undefined when the criterion compares no value. */
export function actualAndTarget(criterion: Pick<CriterionReport, 'actual' | 'target' | 'unit'>): string | undefined {
  const { actual, target, unit } = criterion
  if (target === undefined) return actual === undefined ? undefined : formatValue(actual, unit)
  return `${formatActual(actual, unit)}, target ${formatValue(target, unit)}`
}

/** First characters of an object id or digest. */
export const short = (id: string, length = 7): string => id.slice(0, length)

const ANSWERED = [
  ['accepted', '✓ coming: '],
  ['tentative', '~ maybe: '],
  ['declined', '✗ not coming: '],
  [undefined, '? no answer: '],
] as const

/** Who comes, and who has not said so; all together, without a word, where nobody has answered. */
export function attendance(attendees: readonly Attendee[]): readonly { readonly said: string; readonly names: readonly string[] }[] {
  const groups = attendees.some((one) => one.says) ? ANSWERED : []
  const parted = groups.map(([says, said]) => ({ said, names: attendees.filter((one) => one.says === says).map((one) => one.name) }))
  return groups.length === 0 ? [{ said: '', names: attendees.map((one) => one.name) }] : parted.filter((one) => one.names.length > 0)
}

/** `✓ coming: Ada, Vera; ? no answer: Sam`. */
export const attendanceWords = (attendees: readonly Attendee[]): string =>
  attendance(attendees)
    .map(({ said, names }) => `${said}${people(names)}`)
    .join('; ')

export const people = (names: readonly string[]): string => names.join(', ')

/** `program`, or the stream's name. */
export function subjectName(report: CheckReport, subject: string): string {
  const id = subject.replace(/^stream:/, '')
  return report.streams.find((stream) => stream.id === id)?.name ?? id
}

/** `Mon 2 Mar` of `2026-03-02` and its weekday. */
export function formatDay(date: string, weekday: string): string {
  const [, month = '', day = ''] = date.split('-')
  return `${capital(weekday.slice(0, 3))} ${Number(day)} ${MONTHS[Number(month) - 1] ?? month}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `Fri 2026-02-27 15:30`; `?` and the text itself where it is no instant, so that a report is always made. */
export function when(instant: string, report: CheckReport): string {
  try {
    return formatInstant(instant, report.program.zone)
  } catch {
    return `? ${instant}`
  }
}

/** The same for the first time of a document, and for what is read by itself. */
export const zoned = (instant: string, report: CheckReport): string => zoneOnce(report.program.zone)(when(instant, report))

/** The same for the times of one text, from the first to the last. */
export function timesOf(report: CheckReport): (instant: string) => string {
  const named = zoneOnce(report.program.zone)
  return (instant) => named(when(instant, report))
}

/** `moved from Fri 2026-02-27 15:30 by Boss: the room is taken`; undefined where the checkpoint is held when the file says. */
export function movedWords({ checkpoint: { moved }, ...report }: CheckReport): string | undefined {
  return moved && `moved from ${formatInstant(moved.from, report.program.zone)} by ${moved.by}: ${moved.reason}`
}

/** `set by Boss, Fri 2026-02-27 15:30: the customer waits. Computed: NO-GO, a critical criterion is not met`. */
export const setWords = (set: { readonly by: string; readonly when: string; readonly reason: string; readonly computed: string }): string =>
  `set by ${set.by}, ${set.when}: ${sentence(set.reason)} Computed: ${set.computed}`

/** How a verdict came about: the rule that fired or, where somebody set it, who did. */
export function decidedWords(report: CheckReport, time = zoned): string {
  const { override, computedVerdict, rule } = report.decision
  const fired = `${rule.title} (rule ${rule.id})`
  return override ? setWords({ ...override, when: time(override.at, report), computed: `${computedVerdict}, ${fired}` }) : fired
}

/** `15:30` in the program's zone. */
export const timeOfDay = (instant: string, report: CheckReport): string => wallOf(instant, report.program.zone).time

export const confidenceWords = (stream: StreamReport): string | undefined => {
  const { week, program } = stream.checkIn?.confidence ?? {}
  const parts = [
    ...(week === undefined ? [] : [`${formatValue(week, 'ratio')} for the week`]),
    ...(program === undefined ? [] : [`${formatValue(program, 'ratio')} for the program`]),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

/** `1 criterion`, `2 criteria`. */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** `Critical, missing: 33 criteria`, and how many of them are shown with others. */
export function groupTitle(
  group: { readonly tier: Tier; readonly status: Status; readonly count: number; readonly elsewhere: number },
  suffix = '',
): string {
  const { elsewhere } = group
  const shown =
    elsewhere === 0 ? '' : elsewhere === group.count ? ', shown beneath another' : `, ${elsewhere} of them shown beneath another`
  return `${capital(group.tier)}, ${group.status}${suffix}: ${count(group.count, 'criterion', 'criteria')}${shown}`
}

/** `99.1 %`: a share in a narrow column. Never rounded up to the whole or down to nothing. */
export function formatShare(value: number): string {
  const rounded = Math.round(value * 1000) / 1000
  const isWhole = Number.isInteger(rounded) && rounded !== value
  return formatValue(isWhole ? value : rounded, 'ratio')
}

/** ` (95 % interval -12 % to -5 %)`, or nothing. */
export function intervalWords(evidence: Pick<Evidence, 'interval' | 'unit'>): string {
  if (!evidence.interval) return ''
  const { low, high, level } = evidence.interval
  return ` (${formatActual(level, 'ratio')} interval ${formatActual(low, evidence.unit)} to ${formatActual(high, evidence.unit)})`
}

/** What evidence says of itself, where the explanation above it has not said that already. */
export const remarkOf = ({ reason }: Pick<Evidence, 'reason'>, because: string): string | undefined =>
  reason === undefined || because.includes(reason) ? undefined : reason

/** `Fri 2026-02-27 14:50 · commit 1a2b3c4 · tree 5d6e7f8 · sha256 00112233aabb`. */
export function provenanceWords(evidence: Evidence, time: (instant: string) => string): string {
  return [
    time(evidence.observedAt),
    ...(evidence.commit === undefined ? [] : [`commit ${short(evidence.commit)}`]),
    ...(evidence.tree === undefined ? [] : [`tree ${short(evidence.tree)}`]),
    ...(evidence.sha256 === undefined ? [] : [`sha256 ${short(evidence.sha256, 12)}`]),
    ...(evidence.host === undefined ? [] : [`host ${evidence.host}`]),
  ].join(' · ')
}

/** The reason behind a yes, which goes without saying where only what holds is listed. */
export const withoutYes = (text: string): string => text.replace(/^yes; /, '')

/** A capital first and a full stop last, unless it already ends as a sentence does. */
export const sentence = (text: string): string => `${capital(text)}${/[.!?…]$/.test(text) ? '' : '.'}`
