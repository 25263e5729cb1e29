import type { History, Series, Stop } from '#core/forecast/history.ts'
import type { NoNumber } from '#core/forecast/report.ts'
import { workDays, type WorkDays } from '#core/forecast/work-days.ts'
import type { Deliverable, Program, Stream } from '#core/program/model.ts'
import { count } from '#core/forecast/words.ts'
import { epoch, laterOf, wallOf } from '#core/schedule/time.ts'

/** Fewer say nothing: of progress, of how long blockers last, of how good forecasts were. */
export const MIN_OBSERVATIONS = 5
/** Work days after which a measurement says too little of today. */
const STALE_DAYS = 10
/** Work days that are simulated after the last checkpoint: beyond, a history of weeks says nothing. */
export const DAYS_AFTER = 60

/** What history makes of a program at one instant: what can be drawn, and why what cannot be. */
export interface Model {
  readonly program: Program
  /** Instant in UTC. */
  readonly at: string
  readonly days: WorkDays
  /** First day beyond the simulation. */
  readonly end: number
  /** Work day and position of the clock. */
  readonly today: number
  readonly now: number
  readonly streams: ReadonlyMap<string, StreamModel>
}

export interface StreamModel {
  readonly stream: Stream
  /** Number of the stream in the program. */
  readonly lane: number
  /** Metric -> what was measured of it. */
  readonly series: ReadonlyMap<string, Measured>
  /** Work days that usually lie between two measurements. */
  readonly block: number
  readonly openStops: readonly Stop[]
  /** Lengths that blockers had, in work days, with how long each open one has lasted; or why they cannot be drawn. */
  readonly stops: { readonly ok: true; readonly until: readonly Float64Array[] } | { readonly ok: false; readonly reason: string }
}

export interface Measured {
  readonly metric: string
  /** By number of the work day, ascending. */
  readonly points: readonly { readonly day: number; readonly value: number }[]
  /** Measured changes from one work day to a later one. */
  readonly observations: number
  /** Change of each work day; those between two measurements share what they brought. */
  readonly paces: Float64Array
  /** Why it cannot be forecast. */
  readonly fault?: { readonly why: NoNumber; readonly reason: string }
}

/** The axis of days on which a history and all that lies ahead has its place. */
export function axisOf(program: Program, history: History): WorkDays {
  const dates = [
    ...history.series.flatMap(({ days }) => days.slice(0, 1).map(({ date }) => date)),
    ...history.stops.slice(0, 1).map(({ from }) => wallOf(from, program.calendar.zone).date),
    ...history.confidences.slice(0, 1).map(({ at }) => wallOf(at, program.calendar.zone).date),
    ...program.checkpoints.slice(0, 1).map(({ at }) => wallOf(at, program.calendar.zone).date),
    wallOf(history.at, program.calendar.zone).date,
  ]
  const last = program.checkpoints.reduce((latest, { at }) => laterOf(latest, at), history.at)
  return workDays(
    program.calendar,
    dates.reduce((a, b) => (a < b ? a : b)),
    wallOf(last, program.calendar.zone).date,
    DAYS_AFTER + 1,
  )
}

/** The model as it was at an instant. With `before`, only work days before that one count as measured. */
export function modelOf(program: Program, history: History, days: WorkDays, at: string, before = Infinity): Model {
  const now = days.position(at)
  const ended = history.stops.flatMap(({ from, to }) =>
    to !== undefined && epoch(to) <= epoch(at) ? [days.position(to) - days.position(from)] : [],
  )
  const today = Math.min(days.of(at), before)
  const streams = new Map<string, StreamModel>()
  for (const [lane, stream] of program.streams.entries()) {
    const own = history.series.filter((one) => one.stream === stream.id && program.metrics[one.metric]?.unit === one.unit)
    const series = new Map(own.map((one) => [one.metric, measuredOf(one, days, before, today)]))
    const openStops = history.stops.filter(
      ({ stream: id, from, to }) => id === stream.id && epoch(from) <= epoch(at) && (to === undefined || epoch(to) > epoch(at)),
    )
    const gaps = [...series.values()].flatMap(({ points }) => points.slice(1).map(({ day }, index) => day - (points[index]?.day ?? day)))
    streams.set(stream.id, {
      stream,
      lane,
      series,
      block: Math.max(1, gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1),
      openStops,
      stops: stopsOf(openStops, ended, days, now),
    })
  }
  return { program, at, days, end: days.dates.length, today, now, streams }
}

function measuredOf(series: Series, days: WorkDays, before: number, today: number): Measured {
  const points = series.days.map(({ date, value }) => ({ day: days.at(date), value })).filter(({ day }) => day >= 0 && day < before)
  const paces: number[] = []
  for (const [index, { day, value }] of points.entries()) {
    const last = points[index - 1]
    if (last) for (let one = last.day; one < day; one += 1) paces.push((value - last.value) / (day - last.day))
  }
  const observations = Math.max(0, points.length - 1)
  const latest = points.at(-1)
  const age = today - (latest?.day ?? today)
  const fault =
    latest === undefined
      ? ({ why: 'unmeasured', reason: 'it was never measured' } as const)
      : observations < MIN_OBSERVATIONS
        ? ({
            why: 'too-little-history',
            reason: `${count(observations, 'change')} from work day to work day measured, and at least ${MIN_OBSERVATIONS} are needed`,
          } as const)
        : age > STALE_DAYS
          ? ({ why: 'stale', reason: `last measured on ${days.date(latest.day)}, ${age} work days ago` } as const)
          : undefined
  return { metric: series.metric, points, observations, paces: Float64Array.from(paces), ...(fault && { fault }) }
}

/** An open blocker lasts as long as one of those that lasted longer than it has; where none did, as long again as any. */
function stopsOf(open: readonly Stop[], ended: readonly number[], days: WorkDays, now: number): StreamModel['stops'] {
  const [first] = open
  if (!first) return { ok: true, until: [] }
  if (ended.length < MIN_OBSERVATIONS) {
    return {
      ok: false,
      reason: `blocker ${first.blocker} is open, and ${count(ended.length, 'blocker')} that stopped a stream ${ended.length === 1 ? 'has' : 'have'} ended: at least ${MIN_OBSERVATIONS} are needed to say how long it lasts`,
    }
  }
  return {
    ok: true,
    until: open.map(({ from }) => {
      const age = now - days.position(from)
      const longer = ended.filter((length) => length > age).map((length) => length - age)
      return Float64Array.from(longer.length > 0 ? longer : ended, (length) => now + length).sort()
    }),
  }
}

/** What the stream has measured of a metric. */
export const measured = (model: StreamModel, metric: string): Measured =>
  model.series.get(metric) ?? {
    metric,
    points: [],
    observations: 0,
    paces: new Float64Array(0),
    fault: { why: 'unmeasured', reason: 'it was never measured' },
  }

/**
 * Why a metric of a stream is no amount that grows with work, or undefined. Lines, tests and files
 * accumulate; a count or a share does only where it measures something to be written.
 */
export function notAnAmount(program: Program, stream: Stream, name: string): string | undefined {
  const metric = program.metrics[name]
  if (!metric) return `nothing brings ${name}`
  if (metric.unit === 'boolean') return 'it is done or not'
  if (metric.better !== 'higher') return 'it is no amount that grows with work'
  if (metric.unit === 'lines' || metric.unit === 'tests' || metric.unit === 'files') return undefined
  const kinds = stream.deliverables.filter((one) => one.measure === name).map((one) => one.kind)
  if (metric.unit === 'count' && kinds.some((kind) => kind !== 'performance' && kind !== 'review')) return undefined
  if (metric.unit === 'ratio' && metric.signed !== true && kinds.includes('documentation')) return undefined
  return metric.unit === 'ratio' || metric.unit === 'change'
    ? 'it is a ratio, which does not accumulate'
    : 'it is no amount that grows with work'
}

/** Why a deliverable is no amount that grows with work, or undefined. */
export function notAnAmountOf(program: Program, stream: Stream, { measure, full, kind }: Deliverable): string | undefined {
  if (measure === undefined) return 'a person signs that it is done'
  if (full === undefined) return 'it is done or not'
  if (kind === 'performance' || kind === 'review')
    return `it is ${kind === 'review' ? 'a review' : 'a performance'}, which does not accumulate`
  return notAnAmount(program, stream, measure)
}
