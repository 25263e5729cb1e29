import type { Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import { mannWhitney } from '#core/evidence/mann-whitney.ts'
import type { Estimate } from '#core/evidence/statistics.ts'
import { coefficientOfVariation, estimateChange, estimateMedian, median, MIN_SAMPLES } from '#core/evidence/statistics.ts'
import { parseQuantity } from '#core/program/quantity.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { About } from '#collect/reports/report.ts'
import { kind } from './kind.ts'
import type { BenchmarkOptions } from './kind.ts'
import type { Pair, Side, Sides } from './sides.ts'
import { factorOf, isTime } from './unit.ts'

/** What is found of one benchmark. */
interface Comparison {
  readonly pair: Pair
  readonly change: Estimate
  readonly improvement: Estimate
  readonly median: Estimate
  readonly p: number | undefined
  readonly method: string | undefined
  readonly variance: number
}

/**
 * The facts of all benchmarks together. Of several, each bound of an interval is the worst of all
 * bounds, so that a criterion holds exactly when it holds for each, fails when it fails for one,
 * and one benchmark that proves nothing leaves the whole inconclusive.
 */
export function factsOf(sides: Sides, { maxVariance, better }: BenchmarkOptions, about: About): readonly Fact[] {
  if (!sides.ok) {
    const { status, reason } = sides
    return Object.keys(kind.metrics).map((name) => ({ ...about.common, name, status, reason: safe(reason) }))
  }
  const limit = maxVariance === undefined ? undefined : limitOf(maxVariance)
  const found = sides.pairs.map((pair) => compared(pair, limit, about.seed))
  const isOne = found.length === 1
  const { lacking } = sides
  const remarks = [...(isOne ? [] : [`the worst of ${found.length} benchmarks`]), ...sides.remarks, ...about.remarks]
  const details = (lacking === undefined ? (isOne ? [] : found.toSorted(byWorst).map(detailOf)) : found.map(detailOfLone)).slice(
    0,
    MAX_DETAILS,
  )
  const rest = (reasons: readonly string[]): Omit<Fact, 'name' | 'status'> => {
    const reason = safe([...reasons, ...remarks].join('; '))
    return { ...about.common, ...(reason !== '' && { reason }), ...(details.length > 0 && { details }) }
  }
  const estimate = (name: string, one: Estimate): Fact =>
    one.kind === 'estimated'
      ? { ...rest([]), name, status: 'observed', value: one.value, interval: one.interval }
      : { ...rest([one.reason]), name, status: 'inconclusive' }
  const number = (name: string, value: number | undefined, remark: string | undefined, otherwise: string): Fact =>
    value === undefined || !Number.isFinite(value)
      ? { ...rest([otherwise]), name, status: 'inconclusive' }
      : { ...rest(remark === undefined ? [] : [remark]), name, status: 'observed', value }

  const all = (of: (one: Comparison) => Estimate): readonly (readonly [Pair, Estimate])[] => found.map((one) => [one.pair, of(one)])
  const least = found.reduce((least, one) => Math.min(least, runsOf(one.pair)), Number.POSITIVE_INFINITY)
  const doubtful = found.find(({ p }) => p === undefined)
  const highest = found.toSorted((a, b) => (b.p ?? 1) - (a.p ?? 1))[0]
  const units = new Set(found.map(({ pair }) => (isTime(pair.unit) ? 's' : pair.unit)))
  const way = better ?? agreed(found.map(({ pair }) => pair.better))
  const medians = all(({ median }) => median)
  const facts: readonly Fact[] = [
    estimate(
      'change',
      changeOf(
        all(({ change }) => change),
        better,
      ),
    ),
    estimate(
      'reduction',
      worst(
        all(({ change }) => turned(change)),
        'lowest',
      ),
    ),
    estimate(
      'improvement',
      worst(
        all(({ improvement }) => improvement),
        'lowest',
      ),
    ),
    units.size > 1
      ? { ...rest([`the benchmarks are measured in different units: ${[...units].join(', ')}`]), name: 'median', status: 'inconclusive' }
      : estimate('median', worst(medians, way === 'lower' ? 'highest' : way === 'higher' ? 'lowest' : 'both')),
    number('p', doubtful ? undefined : highest?.p, highest?.method, doubtful ? reasonOf(doubtful, isOne) : ''),
    number(
      'variance',
      Math.max(...found.map(({ variance }) => variance)),
      undefined,
      'the baseline has too few samples, or a mean of zero',
    ),
    number('runs', least, undefined, ''),
  ]
  if (lacking === undefined) return facts
  const reason = safe([lacking, ...about.remarks].join('; '))
  return facts.map((fact): Fact =>
    OF_CURRENT.has(fact.name) ? fact : { ...about.common, name: fact.name, status: 'missing', reason, details },
  )
}

/** What is known without a baseline. */
const OF_CURRENT: ReadonlySet<string> = new Set(['median', 'runs'])

const MAX_DETAILS = 20

/** Names of benchmarks are command lines, which others wrote. */
const safe = (text: string): string => redact(plainText(text))

/** A program reads a target of a change as a ceiling unless its source says otherwise, which for a rate would be the wrong way round. */
function changeOf(changes: readonly (readonly [Pair, Estimate])[], better: BenchmarkOptions['better']): Estimate {
  const rate = better === undefined ? changes.find(([pair]) => pair.better === 'higher') : undefined
  if (rate) {
    const reason = `${rate[0].unit} gets better upward: say "better: higher", so that targets of the change are read so`
    return { kind: 'inconclusive', reason }
  }
  return worst(changes, better === 'higher' ? 'lowest' : 'highest')
}

const limitOf = (share: string | number): number => {
  const read = parseQuantity(share)
  return read.ok ? read.quantity.low : 0
}

const agreed = (ways: readonly Pair['better'][]): Pair['better'] => (new Set(ways).size === 1 ? ways[0] : undefined)

const runsOf = ({ baseline, current }: Pair): number =>
  Math.min(baseline.samples.length || Number.POSITIVE_INFINITY, current.samples.length)

function compared(pair: Pair, limit: number | undefined, seed: number): Comparison {
  const { baseline, current, better } = pair
  const variance = coefficientOfVariation(baseline.samples)
  const reason =
    doubtOf(baseline, 'baseline: ') ??
    doubtOf(current, '') ??
    (limit !== undefined && !(variance <= limit)
      ? `the baseline varies by ${formatValue(round(variance), 'ratio')}, and at most ${formatValue(limit, 'ratio')} is allowed`
      : undefined)
  const inconclusive = (why: string): Estimate => ({ kind: 'inconclusive', reason: why })
  const change = reason === undefined ? estimateChange(baseline.samples, current.samples, { seed }) : inconclusive(reason)
  const test = change.kind === 'estimated' ? mannWhitney(baseline.samples, current.samples) : undefined
  const doubt = doubtOf(current, '')
  const factor = factorOf(pair.unit)
  return {
    pair,
    change,
    improvement:
      better === 'higher'
        ? change
        : better === 'lower' || change.kind === 'inconclusive'
          ? turned(change)
          : inconclusive(`the unit ${JSON.stringify(pair.unit)} does not tell which way is better: say "better"`),
    median:
      doubt === undefined
        ? estimateMedian(
            current.samples.map((sample) => sample * factor),
            { seed },
          )
        : inconclusive(doubt),
    p: test?.p,
    method: test && `Mann-Whitney, ${test.method}`,
    variance,
  }
}

function doubtOf({ doubt, isAggregate, samples }: Side, prefix: string): string | undefined {
  if (doubt !== undefined) return prefix + doubt
  if (isAggregate && samples.length < MIN_SAMPLES)
    return `${prefix}the file holds aggregates and no samples: one run is one sample, and there ${samples.length === 1 ? 'is' : 'are'} ${samples.length} of at least ${MIN_SAMPLES}`
  return undefined
}

const reasonOf = ({ pair, change }: Comparison, isOne: boolean): string =>
  change.kind === 'inconclusive' ? `${isOne ? '' : `${pair.name.slice(0, 100)}: `}${change.reason}` : ''

/** Each bound the worst of all bounds; of several estimates, one that is inconclusive makes the whole so. */
function worst(estimates: readonly (readonly [Pair, Estimate])[], side: 'lowest' | 'highest' | 'both'): Estimate {
  const open = estimates.find(([, one]) => one.kind === 'inconclusive')
  if (open?.[1].kind === 'inconclusive')
    return estimates.length === 1 ? open[1] : { kind: 'inconclusive', reason: `${open[0].name.slice(0, 100)}: ${open[1].reason}` }
  const known = estimates.flatMap(([, one]) => (one.kind === 'estimated' ? [one] : []))
  const of = (pick: (one: (typeof known)[number]) => number, end: 'lowest' | 'highest'): number =>
    known.reduce(
      (so, one) => (end === 'lowest' ? Math.min(so, pick(one)) : Math.max(so, pick(one))),
      end === 'lowest' ? Infinity : -Infinity,
    )
  const furthest = known.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value))[0]
  return {
    kind: 'estimated',
    value: side === 'both' ? (furthest?.value ?? Number.NaN) : of(({ value }) => value, side),
    interval: {
      low: of(({ interval }) => interval.low, side === 'highest' ? 'highest' : 'lowest'),
      high: of(({ interval }) => interval.high, side === 'lowest' ? 'lowest' : 'highest'),
      level: known[0]?.interval.level ?? Number.NaN,
    },
  }
}

/** The same with the opposite sign; subtracted from 0 because minus zero is written as 0 and is another value. */
function turned(estimate: Estimate): Estimate {
  if (estimate.kind !== 'estimated') return estimate
  const { low, high, level } = estimate.interval
  return { kind: 'estimated', value: 0 - estimate.value, interval: { low: 0 - high, high: 0 - low, level } }
}

const endOf = ({ improvement, change }: Comparison): number =>
  improvement.kind === 'estimated' ? improvement.interval.low : change.kind === 'estimated' ? -Math.abs(change.value) : -Infinity
const byWorst = (a: Comparison, b: Comparison): number => (endOf(a) < endOf(b) ? -1 : endOf(a) > endOf(b) ? 1 : 0)

function detailOf({ pair, change, p }: Comparison): string {
  const runs = `${pair.baseline.samples.length} and ${pair.current.samples.length} runs`
  const name = pair.name.slice(0, 100)
  if (change.kind === 'inconclusive') return safe(`${name}: inconclusive, ${change.reason} (${runs})`)
  const [value, low, high] = [change.value, change.interval.low, change.interval.high].map((one) => formatValue(round(one), 'change'))
  return safe(`${name}: ${value}, between ${low} and ${high}, p ${(p ?? 1).toPrecision(2)} (${runs})`)
}

/** In the unit of the file, as the tool itself tells it. */
function detailOfLone({ pair: { name, metric, unit, current } }: Comparison): string {
  const { length } = current.samples
  if (length === 0) return safe(`${name.slice(0, 100)}: ${current.doubt ?? 'no sample'}`)
  const figure = `${metric} ${round(median(current.samples))}${unit === '' || unit === metric ? '' : ` ${unit}`}`
  return safe(`${name.slice(0, 100)}: ${figure} (${current.doubt ?? (length === 1 ? '1 run' : `median of ${length} runs`)})`)
}

const round = (value: number): number => Number(value.toPrecision(3))
