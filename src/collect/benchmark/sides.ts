import { globProblem, matcher } from '#core/evidence/glob.ts'
import { MAX_SAMPLES, MIN_SAMPLES } from '#core/evidence/statistics.ts'
import { nameMatcher } from '#collect/source-code/name-glob.ts'
import type { ReadFile } from '#collect/reports/report.ts'
import { joinCriterion } from './criterion.ts'
import type { BenchmarkOptions } from './kind.ts'
import type { Benchmark, BenchmarkFile } from './model.ts'
import { directionOf, isTime } from './unit.ts'

export interface Side {
  readonly samples: readonly number[]
  readonly doubt?: string
  readonly isAggregate?: true
}

/** One benchmark on both sides; without a baseline that side has no samples. */
export interface Pair {
  readonly name: string
  readonly metric: string
  readonly unit: string
  /** Absent where neither the source nor the unit tells. */
  readonly better?: 'lower' | 'higher'
  readonly baseline: Side
  readonly current: Side
}

/** What is compared, or why there is nothing to compare. */
export type Sides =
  | {
      readonly ok: true
      readonly pairs: readonly Pair[]
      readonly remarks: readonly string[]
      /** Why there is no baseline: the current side is known alone. */
      readonly lacking?: string
    }
  | Refusal

interface Refusal {
  readonly ok: false
  readonly status: 'missing' | 'errored'
  readonly reason: string
}

/** Comparing one costs some milliseconds. */
export const MAX_PAIRS = 200
/** On all sides together. */
const ALL_SAMPLES = 400_000

type Files = readonly ReadFile<BenchmarkFile>[]
type Chosen = Pick<BenchmarkOptions, 'baseline' | 'current' | 'benchmark' | 'metric' | 'better' | 'base'>

interface Entry {
  readonly path: string
  readonly isHistory: boolean
  readonly benchmark: Benchmark
}

/**
 * Finds the sides, by the first of these that is there: reports of the target branch; the options
 * `baseline` and `current`; what the files say themselves. Benchmarks of the same name are compared,
 * or the only ones of both sides.
 */
export function sidesOf(files: Files, options: Chosen, base?: Files): Sides {
  const entries = entriesOf(files, options)
  if ('ok' in entries) return entries
  if (options.base) {
    if (!base) return alone(present(entries), options, 'there is no report of the target branch')
    const before = entriesOf(base, options)
    return 'ok' in before ? { ...before, reason: `base: ${before.reason}` } : pairsOf(present(before), present(entries), options)
  }
  if (options.baseline !== undefined || options.current !== undefined) {
    const baseline = pick(entries, 'baseline', options.baseline)
    if ('ok' in baseline) return baseline
    const current = pick(entries, 'current', options.current)
    if ('ok' in current) return current
    if (baseline.some((one) => current.includes(one))) return errored('the options "baseline" and "current" name the same result')
    return pairsOf(baseline, current, options)
  }
  const [baseline, current] = (['baseline', 'current'] as const).map((side) => entries.filter(({ benchmark }) => benchmark.side === side))
  if (!baseline?.length && !current?.length)
    return alone(
      entries,
      options,
      'there is no baseline: name two benchmarks, or files, with "baseline" and "current"; or with "base" the reports of the target',
    )
  if (!baseline?.length) return alone(entries, options, 'there is no baseline')
  return current?.length ? pairsOf(baseline, current, options) : missing('there is a baseline alone')
}

/** The benchmarks that are asked for, each in the quantity that is asked for. */
function entriesOf(files: Files, { benchmark, metric }: Chosen): readonly Entry[] | Refusal {
  const all = joinCriterion(files).flatMap(({ path, value }) =>
    value.benchmarks.map((one): Entry => ({
      path,
      isHistory: value.isHistory === true,
      benchmark: one.name === '' ? { ...one, name: path } : one,
    })),
  )
  if (all.length === 0) return missing('the files hold no samples')
  const globs = benchmark === undefined ? undefined : [benchmark].flat().map(nameMatcher)
  const named = globs ? all.filter(({ benchmark: one }) => globs.some((matches) => namesBy(one).some(matches))) : all
  if (named.length === 0) return missing(`no benchmark matches ${[benchmark].flat().join(', ')}; there are ${namesOf(all)}`)
  if (metric !== undefined) {
    const found = named.filter(({ benchmark: one }) => one.metric === metric || one.unit === metric)
    const known = [...new Set(named.map(({ benchmark: one }) => one.metric))].slice(0, 10)
    return found.length > 0 ? found : missing(`no benchmark gives ${JSON.stringify(metric)}; there are ${known.join(', ')}`)
  }
  const first = new Map<string, string>()
  for (const { benchmark: one } of named) if (!first.has(one.name)) first.set(one.name, one.metric)
  return named.filter(({ benchmark: one }) => first.get(one.name) === one.metric)
}

/** Of files that know two sides, what they measured; of a history, all of it. */
const present = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ benchmark, isHistory }) => isHistory || benchmark.side !== 'baseline')

const namesBy = ({ name, short }: Benchmark): readonly string[] => (short === undefined ? [name] : [name, short])

const namesOf = (entries: readonly Entry[]): string => {
  const names = [...new Set(entries.map(({ benchmark }) => JSON.stringify(benchmark.name.slice(0, 60))))]
  return names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '')
}

/** By the name of a benchmark, or else by file. */
function pick(entries: readonly Entry[], side: 'baseline' | 'current', wanted: string | undefined): readonly Entry[] | Refusal {
  if (wanted === undefined) return errored(`the option "${side}" must name one of ${namesOf(entries)}, or files`)
  const byName = entries.filter(({ benchmark }) => namesBy(benchmark).includes(wanted))
  if (new Set(byName.map(({ benchmark }) => benchmark.name)).size > 1)
    return errored(`${byName.length} benchmarks are called ${JSON.stringify(wanted)}: ${namesOf(byName)}`)
  if (byName.length > 0) return byName
  const matches = globProblem(wanted) === undefined ? matcher([wanted]) : () => false
  const found = present(entries.filter(({ path }) => path === wanted || matches(path)))
  return found.length > 0 ? found : missing(`no benchmark or file is ${JSON.stringify(wanted)}; there are ${namesOf(entries)}`)
}

function pairsOf(baseline: readonly Entry[], current: readonly Entry[], { better }: Chosen): Sides {
  const [before, after] = [grouped(baseline), grouped(current)]
  const twice = [...before.values(), ...after.values()].find(isAmbiguous)
  if (twice) return errored(ambiguous(twice))
  const names = [...before.keys()].filter((name) => after.has(name))
  // Two commands that differ in name are still the two sides of one comparison.
  const isOnly = names.length === 0 && before.size === 1 && after.size === 1
  const gone = isOnly ? [] : [...before.keys()].filter((name) => !after.has(name))
  if (gone.length > 0)
    return missing(
      `${gone.length} of ${before.size} benchmarks of the baseline have no current result: ${namesOf(gone.flatMap((name) => before.get(name) ?? []))}`,
    )
  const pairs = isOnly
    ? [pairOf([...before.values()][0] ?? [], [...after.values()][0] ?? [], better)]
    : names.map((name) => pairOf(before.get(name) ?? [], after.get(name) ?? [], better))
  const odd = pairs.find((pair): pair is string => typeof pair === 'string')
  if (odd !== undefined) return errored(odd)
  const whole = pairs.filter((pair) => typeof pair !== 'string')
  const added = isOnly ? [] : [...after.keys()].filter((name) => !before.has(name))
  const remarks =
    added.length === 0 ? [] : [`not compared, because the baseline has none: ${namesOf(added.flatMap((name) => after.get(name) ?? []))}`]
  return within(whole, { remarks })
}

function alone(entries: readonly Entry[], { better }: Chosen, lacking: string): Sides {
  const names = grouped(entries)
  const twice = [...names.values()].find(isAmbiguous)
  if (twice) return errored(ambiguous(twice))
  const pairs = [...names.values()].map((one) => pairOf([], one, better))
  const odd = pairs.find((pair): pair is string => typeof pair === 'string')
  if (odd !== undefined) return errored(odd)
  return within(
    pairs.filter((pair) => typeof pair !== 'string'),
    { remarks: [], lacking },
  )
}

/** More samples are thinned evenly: a part of them is a sample too, and its interval is wider. */
function within(pairs: readonly Pair[], rest: Pick<Extract<Sides, { ok: true }>, 'remarks' | 'lacking'>): Sides {
  if (pairs.length > MAX_PAIRS)
    return errored(`there are ${pairs.length} benchmarks, and at most ${MAX_PAIRS} are compared: choose with "benchmark"`)
  const most = Math.min(MAX_SAMPLES, Math.floor(ALL_SAMPLES / (2 * pairs.length)))
  const thinned = (side: Side): Side => {
    const every = Math.ceil(side.samples.length / most)
    return every <= 1 ? side : { ...side, samples: side.samples.filter((_, index) => index % every === 0) }
  }
  const isThinned = pairs.some(({ baseline, current }) => Math.max(baseline.samples.length, current.samples.length) > most)
  return {
    ok: true,
    ...rest,
    pairs: pairs.map((pair) => ({ ...pair, baseline: thinned(pair.baseline), current: thinned(pair.current) })),
    remarks: [...rest.remarks, ...(isThinned ? [`where a side has more than ${most} samples, every n-th counts`] : [])],
  }
}

const ambiguous = (entries: readonly Entry[]): string =>
  `${entries.length} results of ${entries[0]?.path ?? ''} are called ${namesOf(entries)}`

const grouped = (entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> =>
  Map.groupBy(entries, ({ benchmark }) => benchmark.name)

/** Results of several files are several runs; two of one file cannot be told apart. */
const isAmbiguous = (entries: readonly Entry[]): boolean =>
  entries.some((one, index) => !one.isHistory && entries.findIndex(({ path }) => path === one.path) !== index)

function pairOf(before: readonly Entry[], after: readonly Entry[], better: 'lower' | 'higher' | undefined): Pair | string {
  const [one] = after
  const units = new Set([...before, ...after].map(({ benchmark }) => benchmark.unit))
  if (!one || units.size > 1)
    return `${namesOf(after)} is measured in different units: ${[...units].map((unit) => unit || 'none').join(', ')}`
  const { name, metric, unit } = one.benchmark
  const way = better ?? one.benchmark.better ?? directionOf(unit)
  const [baseline, current] = [pooled(before), pooled(after)]
  const doubt =
    baseline.doubt ?? (isTime(unit) && isSameRun(baseline.samples, current.samples) ? 'it is the current run itself' : undefined)
  return { name, metric, unit, ...(way && { better: way }), baseline: { ...baseline, ...(doubt !== undefined && { doubt }) }, current }
}

/** No clock measures the same twice: a run is not compared with itself. */
const isSameRun = (samples: readonly number[], current: readonly number[]): boolean =>
  new Set(samples).size >= MIN_SAMPLES && samples.length === current.length && samples.every((sample, index) => sample === current[index])

function pooled(entries: readonly Entry[]): Side {
  const doubt = entries.find(({ benchmark }) => benchmark.doubt !== undefined)?.benchmark.doubt
  return {
    samples: entries.flatMap(({ benchmark }) => benchmark.samples),
    ...(doubt !== undefined && { doubt }),
    ...(entries.some(({ benchmark }) => benchmark.isAggregate) && { isAggregate: true }),
  }
}

const errored = (reason: string): Refusal => ({ ok: false, status: 'errored', reason })
const missing = (reason: string): Refusal => ({ ok: false, status: 'missing', reason })
