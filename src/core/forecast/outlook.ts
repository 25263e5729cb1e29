import { measured, type Model, type StreamModel } from '#core/forecast/model.ts'
import { amount, dependencies, every, markBook, needOf, none, seriesOf, together, type MarkBook, type Need } from '#core/forecast/needs.ts'
import { NEVER, race, type Course, type Raced } from '#core/forecast/race.ts'
import type { Chance } from '#core/forecast/report.ts'
import type { Scenario } from '#core/forecast/scenario.ts'
import { notAnAmountOf } from '#core/forecast/model.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { wallOf } from '#core/schedule/time.ts'

export interface Luck {
  readonly seed: number
  readonly runs: number
  /** Runs of which the values of each day are kept; none when absent. */
  readonly bandRuns?: number
}

/** One model under one scenario, simulated. */
export interface Outlook {
  readonly checkpoints: readonly CheckpointOutlook[]
  /** When all amounts of a stream are whole, by stream. */
  readonly finishes: ReadonlyMap<string, Need>
  /** When one deliverable is whole: by stream, in the order of its deliverables. */
  readonly wholes: ReadonlyMap<string, readonly Need[]>
  /** With how likely what a need asks for is there by the end of a work day; without one, when it is. */
  chance(need: Need, due?: number): Chance
  /** By run: number of the day on which it comes to pass. */
  passed(need: Need): Int16Array
  /** Values of a deliverable's measure on the days ahead: `bandRuns` of the first day, of the second, and so on. */
  band(stream: string, metric: string): Float64Array | undefined
}

export interface CheckpointOutlook {
  readonly checkpoint: Checkpoint
  /** Number of the last work day that counts. */
  readonly due: number
  readonly need: Need
  readonly leftOut: number
  /** The part of each stream for which something with a number, or that will have one, is due. */
  readonly streams: readonly { readonly stream: string; readonly need: Need }[]
  /** In the order of the checkpoint's criteria and their subjects. */
  readonly criteria: readonly { readonly criterion: string; readonly subject: string; readonly need: Need }[]
}

export interface Wanted {
  readonly checkpoints: readonly Checkpoint[]
  /** Wholes of deliverables and streams, too. */
  readonly wholes: boolean
  /** First and one beyond the last day of the bands. */
  readonly band?: { readonly from: number; readonly to: number }
}

export function outlook(model: Model, scenario: Scenario, wanted: Wanted, luck: Luck): Outlook {
  const book = markBook()
  const checkpoints = wanted.checkpoints.map((checkpoint) => checkpointNeeds(model, scenario, book, checkpoint))
  const wholes = new Map<string, readonly Need[]>()
  const finishes = new Map<string, Need>()
  if (wanted.wholes) {
    for (const stream of model.streams.values()) {
      const needs = stream.stream.deliverables.map((one): Need => {
        const reason = notAnAmountOf(model.program, stream.stream, one)
        if (reason !== undefined || one.measure === undefined || !one.full) return none('not-an-amount', reason ?? 'it is no amount')
        return amount({ model, scenario, book }, stream, one.measure, { value: one.full.low, strict: false })
      })
      wholes.set(stream.stream.id, needs)
      finishes.set(
        stream.stream.id,
        together(stream.stream.deliverables.map(({ title }, at) => ({ title, need: needs[at] ?? NOTHING }))).need,
      )
    }
  }
  const raced = raceAll(model, scenario, book, wanted, luck)
  const known = new Map<Need, Int16Array>()
  const passed = (need: Need): Int16Array => {
    const before = known.get(need)
    if (before) return before
    const found = passing(need, raced, luck.runs, passed)
    known.set(need, found)
    return found
  }
  return {
    checkpoints,
    finishes,
    wholes,
    passed,
    chance: (need, due) => chanceOf(model, need, passed, due),
    band: (stream, metric) => {
      const at = book.metrics.get(stream)?.indexOf(metric) ?? -1
      return at < 0 ? undefined : raced.get(stream)?.bands[at]
    },
  }
}

const NOTHING: Need = none('nothing-due', 'nothing is due')

export function checkpointNeeds(model: Model, scenario: Scenario, book: MarkBook, checkpoint: Checkpoint): CheckpointOutlook {
  const context = { model, scenario, book, checkpoint }
  const criteria = checkpoint.criteria.flatMap((criterion) =>
    criterion.subjects.map((subject) => ({
      criterion: criterion.id,
      subject,
      title: criterion.title,
      counts: criterion.tier !== 'advisory',
      need: needOf(context, criterion.condition, subject),
    })),
  )
  const counting = criteria.filter(({ counts }) => counts)
  const streams = [...model.streams.values()].flatMap((stream) => {
    const own = counting.filter(({ subject }) => subject === streamSubject(stream.stream.id))
    const part = together(own)
    if (part.need.kind === 'none' && part.need.why === 'nothing-due') return []
    // Streams merge in the order of their dependencies.
    const waits = checkpoint.merge ? dependencies(context, stream).filter((one) => one.kind !== 'none' || one.why !== 'not-an-amount') : []
    return [{ stream: stream.stream.id, need: every([part.need, ...waits]) }]
  })
  const overall = together(counting.filter(({ subject }) => subject === 'program'))
  const isOverall = overall.need.kind !== 'none' || overall.need.why !== 'nothing-due'
  const parts = [
    ...streams.map(({ stream, need }) => ({ title: model.streams.get(stream)?.stream.name ?? stream, need })),
    ...(isOverall ? [{ title: 'Program', need: overall.need }] : []),
  ]
  const at = scenario.moved?.checkpoint === checkpoint.id ? scenario.moved.at : checkpoint.at
  return {
    checkpoint,
    due: model.days.of(at),
    need: together(parts).need,
    leftOut: together(counting).leftOut,
    streams,
    criteria: criteria.map(({ criterion, subject, need }) => ({ criterion, subject, need })),
  }
}

function raceAll(model: Model, scenario: Scenario, book: MarkBook, { wholes, band }: Wanted, luck: Luck): ReadonlyMap<string, Raced> {
  const raced = new Map<string, Raced>()
  for (const stream of model.streams.values()) {
    const { id, deliverables } = stream.stream
    if (wholes && (stream.stops.ok || scenario.unblocked?.stream === id)) {
      for (const { measure } of deliverables)
        if (measure !== undefined && measured(stream, measure).fault === undefined) seriesOf(book, id, measure)
    }
    const metrics = book.metrics.get(id) ?? []
    if (metrics.length === 0) continue
    const course: Course = {
      seed: luck.seed,
      runs: luck.runs,
      end: model.end,
      ...(band && luck.bandRuns !== undefined && { band: { ...band, runs: Math.min(luck.bandRuns, luck.runs) } }),
    }
    const pace = scenario.paces && Object.hasOwn(scenario.paces, id) ? scenario.paces[id] : undefined
    raced.set(
      id,
      race(
        {
          lane: stream.lane,
          block: stream.block,
          series: metrics.map((metric) => {
            const { points, paces } = measured(stream, metric)
            const last = points.at(-1)
            return { first: (last?.day ?? 0) + 1, value: last?.value ?? 0, paces }
          }),
          stops: stopsUnder(model, scenario, stream),
          pace: pace ? { before: pace.before, times: pace.times, from: model.today + 1 + pace.days } : { before: 1, times: 1, from: 0 },
          marks: book.marks.get(id) ?? [],
        },
        course,
      ),
    )
  }
  return raced
}

function stopsUnder(model: Model, { unblocked }: Scenario, stream: StreamModel): readonly Float64Array[] {
  if (unblocked?.stream === stream.stream.id) return [Float64Array.of(model.days.position(unblocked.at))]
  return stream.stops.ok ? stream.stops.until : []
}

/** Reached counts as before every day that is simulated. */
const REACHED = -1

function passing(need: Need, raced: ReadonlyMap<string, Raced>, runs: number, passed: (need: Need) => Int16Array): Int16Array {
  if (need.kind === 'mark') return raced.get(need.stream)?.passed[need.mark] ?? new Int16Array(runs).fill(NEVER)
  if (need.kind === 'none') return new Int16Array(runs).fill(NEVER)
  if (need.kind === 'reached') return new Int16Array(runs).fill(REACHED)
  const isAll = need.kind === 'all'
  // The same mark, asked for twice, gives the same table.
  const [first, ...others] = new Set(need.of.filter((one) => !isAll || one.kind !== 'reached').map(passed))
  const result = first ? first.slice() : new Int16Array(runs).fill(isAll ? REACHED : NEVER)
  for (const days of others) {
    for (let run = 0; run < runs; run += 1) {
      const day = days[run] as number
      if (isAll ? day > (result[run] as number) : day < (result[run] as number)) result[run] = day
    }
  }
  return result
}

function chanceOf(model: Model, need: Need, passed: (need: Need) => Int16Array, due: number | undefined): Chance {
  const state = stateOf(need)
  if (state.kind === 'none') return { kind: 'none', why: state.why, reason: state.reason }
  if (state.kind === 'reached') return { kind: 'reached', on: model.days.date(state.day) }
  const days = passed(need)
  const { end } = model
  /** By day, from REACHED on; last what never comes to pass. */
  const counts = new Int32Array(end + 2)
  for (let run = 0; run < days.length; run += 1) {
    const slot = Math.min(end, days[run] as number) + 1
    counts[slot] = (counts[slot] as number) + 1
  }
  const inTime = due === undefined ? 0 : counts.subarray(0, Math.min(end, due + 1) + 1).reduce((sum, many) => sum + many, 0)
  const { date: earliest } = wallOf(model.at, model.program.calendar.zone)
  const dateOf = (share: number): string | undefined => {
    let sum = counts[0] ?? 0
    for (let day = 0; day < end; day += 1) {
      sum += counts[day + 1] ?? 0
      if (sum < share * days.length) continue
      const date = model.days.date(day)
      return date < earliest ? earliest : date
    }
    return undefined
  }
  const p50 = dateOf(0.5)
  const p85 = dateOf(0.85)
  return {
    kind: 'number',
    ...(due !== undefined && { probability: inTime / days.length }),
    ...(p50 !== undefined && { p50 }),
    ...(p85 !== undefined && { p85 }),
  }
}

/** A need of parts that are all reached is reached; one part without a number leaves none. */
export function stateOf(need: Need): { readonly kind: 'open' } | Extract<Need, { kind: 'reached' | 'none' }> {
  if (need.kind === 'reached' || need.kind === 'none') return need
  if (need.kind === 'mark') return { kind: 'open' }
  const parts = need.of.map(stateOf)
  const missing = parts.find((one) => one.kind === 'none')
  if (missing?.kind === 'none') return missing
  const reached = parts.filter((one) => one.kind === 'reached')
  if (need.kind === 'any' && reached[0]) return reached[0]
  return reached.length === parts.length ? { kind: 'reached', day: Math.max(...reached.map(({ day }) => day)) } : { kind: 'open' }
}
