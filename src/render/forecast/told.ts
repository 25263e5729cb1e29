import type {
  Change,
  Chance,
  CheckpointForecast,
  ForecastReport,
  NoNumber,
  OptionEffect,
  OptionForecast,
  Score,
} from '#core/forecast/report.ts'
import { formatNumber, formatValue } from '#core/program/quantity.ts'
import { formatDate, formatInstant, formatZoned } from '#core/schedule/time.ts'
import { count, type Tone } from '#render/words.ts'

/** A forecast in words, the same for every sink: no escaping, no layout. */

export interface View {
  readonly report: ForecastReport
  readonly checkpoints: readonly CheckpointForecast[]
  readonly name: (stream: string) => string
}

export function viewOf(report: ForecastReport, checkpoint: string | undefined): View {
  const names = new Map(report.streams.map(({ id, name }) => [id, name]))
  return {
    report,
    checkpoints: report.checkpoints.filter(({ id }) => checkpoint === undefined || id === checkpoint),
    name: (stream) => names.get(stream) ?? stream,
  }
}

/** `62 %`; of what was drawn nothing is certain, so never the whole and never nothing. */
export function shareWords(share: number): string {
  if (share < 0.01) return 'under 1 %'
  if (share > 0.99) return 'over 99 %'
  return `${Math.round(share * 100)} %`
}

/** `62 %`, `reached`, or nothing to say. */
export const chanceWords = (chance: Chance): string =>
  chance.kind === 'number'
    ? chance.probability === undefined
      ? '–'
      : shareWords(chance.probability)
    : chance.kind === 'reached'
      ? 'reached'
      : 'no number'

export const chanceTone = (chance: Chance): Tone => {
  if (chance.kind === 'none') return 'unknown'
  if (chance.kind === 'reached' || (chance.probability ?? 0) >= 0.85) return 'good'
  return (chance.probability ?? 0) >= 0.5 ? 'warn' : 'bad'
}

/** P50 and P85; a date beyond the horizon is `later`. */
export function dateWords(chance: Chance, which: 'p50' | 'p85'): string {
  const date = dateOf(chance, which)
  return date === '–' || date === 'later' ? date : formatDate(date)
}

const DATES = ['p50', 'p85'] as const

/** The date itself, `later` beyond the horizon, `–` where there is none to say. */
const dateOf = (chance: Chance, which: 'p50' | 'p85'): string =>
  chance.kind === 'number' ? (chance[which] ?? 'later') : chance.kind === 'reached' && which === 'p50' ? chance.on : '–'

/** One sentence on a checkpoint. */
export function checkpointWords({ chance }: CheckpointForecast, horizon: string): string {
  if (chance.kind === 'none') return `No number: ${chance.reason}`
  if (chance.kind === 'reached') return `Every amount that is due was there on ${formatDate(chance.on)}`
  const by = (date: string | undefined): string => (date === undefined ? `later than ${formatDate(horizon)}` : `by ${formatDate(date)}`)
  return `${shareWords(chance.probability ?? 0)} in time; in half of the runs ${by(chance.p50)}, in 85 % ${by(chance.p85)}`
}

/** Which stream decides the date. */
export const decidingWords = ({ decidedBy }: CheckpointForecast, { name }: View): string | undefined =>
  decidedBy.length < 2
    ? undefined
    : `The date is decided by ${decidedBy.map(({ stream, share }) => `${name(stream)} in ${shareWords(share)}`).join(', ')} of the runs`

/** Criteria without a number, each reason once; first those that may have one some day. */
export function withoutNumber(
  { criteria }: CheckpointForecast,
  { name }: View,
): readonly { readonly reason: string; readonly titles: readonly string[] }[] {
  const passing = new Map<string, Set<string>>()
  const never = new Set<string>()
  for (const { title, stream, chance } of criteria) {
    if (chance.kind !== 'none') continue
    if (!isPassing(chance.why)) never.add(title)
    else if (passing.get(chance.reason)?.add(`${title}${of(stream, name)}`) === undefined)
      passing.set(chance.reason, new Set([`${title}${of(stream, name)}`]))
  }
  return [
    ...[...passing].map(([reason, titles]) => ({ reason: `No number, ${reason}`, titles: [...titles] })),
    ...(never.size > 0 ? [{ reason: 'Left out, no amounts that grow with work', titles: [...never] }] : []),
  ]
}

const of = (stream: string | undefined, name: View['name']): string => (stream === undefined ? '' : ` (${name(stream)})`)

/** These may have a number some day; the others never. */
const isPassing = (why: NoNumber): boolean => why !== 'not-an-amount' && why !== 'nothing-due'

export interface DeliverableRow {
  readonly stream: string
  readonly title: string
  readonly now: string
  readonly full: string
  readonly pace: string
  readonly p50: string
  readonly p85: string
}

/** Deliverables that are amounts. */
export const deliverableRows = ({ report }: View): readonly DeliverableRow[] =>
  report.streams.flatMap(({ name, deliverables }) =>
    deliverables
      .filter(({ chance, measured }) => measured.length > 0 || (chance.kind === 'none' && isPassing(chance.why)))
      .map(({ title, unit, full, pace, measured, chance }) => ({
        stream: name,
        title,
        now: measured.at(-1) === undefined ? 'none' : formatValue(measured.at(-1)?.value ?? 0, unit),
        full: full === undefined ? '–' : formatValue(full, unit),
        pace: pace === undefined ? '–' : unit === 'ratio' ? `${formatNumber(pace * 100, 1)} %` : formatNumber(pace, 1),
        p50: chance.kind === 'none' ? 'no number' : dateWords(chance, 'p50'),
        p85: chance.kind === 'none' ? '' : dateWords(chance, 'p85'),
      })),
  )

/** What an option changes: `12 % → 80 %, P50 …; the checkpoint 10 % → 75 %`, and a line for each later checkpoint that it changes. */
export function effectLines({ effects }: OptionForecast, { report }: View): readonly string[] {
  const [first, ...later] = effects
  if (!first) return ['no number']
  const words = ({ stream, whole }: OptionEffect): string => {
    const [part, all] = [changeWords(stream), changeWords(whole)]
    return `${part}; the checkpoint ${part === all ? 'alike' : all}`
  }
  const changed = later.filter(({ stream, whole }) => isChange(stream) || isChange(whole))
  const rest = `; ${changed.length > 0 ? 'other ' : ''}later ones stay as they are`
  return [
    `${words(first)}${changed.length < later.length ? rest : ''}`,
    ...changed.map((one) => `${report.checkpoints.find(({ id }) => id === one.checkpoint)?.name ?? one.checkpoint}: ${words(one)}`),
  ]
}

/** `12 % → 80 %, P85 later → Fri 2026-03-06`, or `stays 12 %`. */
function changeWords(change: Change): string {
  const { before, after } = change
  const [was, is] = [chanceWords(before), chanceWords(after)]
  const dates = DATES.flatMap((which) => {
    const [from, by] = [dateWords(before, which), dateWords(after, which)]
    return from === by ? [] : [`${which.toUpperCase()} ${from} → ${by}`]
  })
  return [was === is ? `stays ${is}` : `${was} → ${is}`, ...dates].join(', ')
}

/** To whoever reads it: two chances that are told alike are none. Without formatting a date, which the dashboard cannot afford. */
export const isChange = ({ before, after }: Change): boolean =>
  chanceWords(before) !== chanceWords(after) || DATES.some((which) => dateOf(before, which) !== dateOf(after, which))

export const optionTitle = ({ title, recommended }: OptionForecast): string => `${title}${recommended ? ' (recommended)' : ''}`

/** What stops streams now. */
export const stopLines = ({ report }: View): readonly string[] =>
  report.streams.flatMap(({ name, stoppedBy }) =>
    stoppedBy.map(
      ({ blocker, title, since, deadline }) =>
        `${name} is stopped by ${blocker} since ${formatInstant(since, report.program.zone)}: ${title}; due ${formatInstant(deadline, report.program.zone)}`,
    ),
  )

/** One line on how good what was said turned out. */
export const scoreWords = (score: Score): string =>
  score.brier === undefined
    ? `no score: ${score.reason ?? 'nothing is past'}`
    : `Brier score ${formatNumber(score.brier, 3)} over ${count(score.rows, 'outcome')}`

export const togetherWords = ({ report }: View): string | undefined => {
  const { together } = report.past
  return (
    together &&
    `On the ${count(together.rows, 'outcome')} that both spoke of: forecast ${formatNumber(together.forecast, 3)}, leads ${formatNumber(together.leads, 3)}; 0 is perfect, 0.25 is what saying 50 % gets`
  )
}

export interface ReliabilityRow {
  readonly said: string
  readonly forecast: string
  readonly leads: string
}

/** Said in this range: so often, and it came true in so many. */
export function reliabilityRows({ report }: View): readonly ReliabilityRow[] {
  const { forecast, leads } = report.past
  const froms = [...new Set([...forecast.reliability, ...leads.reliability].map(({ from }) => from))].toSorted((a, b) => a - b)
  const cell = (score: Score, from: number): string => {
    const bin = score.reliability.find((one) => one.from === from)
    return bin ? `${Math.round(bin.happened * bin.rows)} of ${bin.rows}` : '–'
  }
  return froms.map((from) => ({
    said: `${Math.round(from * 100)}-${Math.round(from * 100) + 20} %`,
    forecast: cell(forecast, from),
    leads: cell(leads, from),
  }))
}

export const headWords = ({ report }: View): string =>
  `${formatZoned(report.at, report.program.zone)} · ${formatNumber(report.runs)} runs, seed ${report.seed}`
