import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { midpoint, resampledMedian } from '#core/evidence/resampled-median.ts'

/**
 * Statistics of benchmark samples. Pure and seeded: the same samples, in whatever order, and the
 * same seed give the same figures on every machine.
 */

/** Fewer samples on one side say nothing about its median: a 95 % interval of it needs six or so. */
export const MIN_SAMPLES = 5
/** More narrow nothing that a person would see. */
export const MAX_SAMPLES = 10_000
export const RESAMPLES = 10_000
export const LEVEL = 0.95

export interface Interval {
  readonly low: number
  readonly high: number
  /** Confidence level, 0-1. */
  readonly level: number
}

export interface Bootstrap {
  readonly seed: number
  readonly resamples?: number
  readonly level?: number
}

export type Estimate =
  | { readonly kind: 'estimated'; readonly value: number; readonly interval: Interval }
  | { readonly kind: 'inconclusive'; readonly reason: string }

/** Middle value of finite samples; the mean of the two middle ones where their number is even. NaN for none. */
export const median = (samples: readonly number[]): number => medianOfSorted(ascending(samples))

/**
 * Coefficient of variation: the sample standard deviation (divided by n - 1) over the mean. NaN for
 * fewer than two samples and for a mean of zero.
 */
export function coefficientOfVariation(samples: readonly number[]): number {
  const mean = samples.reduce((sum, sample) => sum + sample / samples.length, 0)
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) ** 2 / (samples.length - 1), 0)
  return samples.length < 2 || mean === 0 ? Number.NaN : Math.sqrt(squares) / Math.abs(mean)
}

/** The median of one side with its percentile bootstrap interval, in the unit of the samples. */
export function estimateMedian(samples: readonly number[], options: Bootstrap): Estimate {
  const reason = tooFewOrMany('samples', samples)
  if (reason !== undefined) return { kind: 'inconclusive', reason }
  const sorted = ascending(samples)
  const draw = resampledMedian(sorted, random(options.seed))
  return estimated(medianOfSorted(sorted), draw, options)
}

/**
 * Relative change of the median, `median(current) / median(baseline) - 1`, with a percentile
 * bootstrap interval: both sides are resampled with replacement, independently, and the interval
 * lies between the (1 - level) / 2 and (1 + level) / 2 quantiles of the changes so found, with
 * linear interpolation (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
 * Not BCa: its acceleration rests on the jackknife, which is inconsistent for a median.
 */
export function estimateChange(baseline: readonly number[], current: readonly number[], options: Bootstrap): Estimate {
  const reason = tooFewOrMany('baseline samples', baseline) ?? tooFewOrMany('current samples', current)
  if (reason !== undefined) return { kind: 'inconclusive', reason }
  const before = ascending(baseline)
  const after = ascending(current)
  const beforeMedian = medianOfSorted(before)
  if (!(beforeMedian > 0)) return { kind: 'inconclusive', reason: `the baseline median is ${beforeMedian}, so there is no relative change` }
  const generator = random(options.seed)
  const drawBefore = resampledMedian(before, generator)
  const drawAfter = resampledMedian(after, generator)
  const draw = (): number => drawAfter() / drawBefore() - 1
  return estimated(medianOfSorted(after) / beforeMedian - 1, draw, options)
}

function tooFewOrMany(what: string, samples: readonly number[]): string | undefined {
  if (samples.length < MIN_SAMPLES) return `${samples.length} ${what}, and at least ${MIN_SAMPLES} are needed`
  if (samples.length > MAX_SAMPLES) return `${samples.length} ${what}, and at most ${MAX_SAMPLES} are read`
  return samples.every(Number.isFinite) ? undefined : `the ${what} are not all finite`
}

function estimated(value: number, draw: () => number, options: Bootstrap): Estimate {
  const level = options.level ?? LEVEL
  const draws = Float64Array.from({ length: options.resamples ?? RESAMPLES }, draw).sort()
  const interval = { low: quantile(draws, (1 - level) / 2), high: quantile(draws, (1 + level) / 2), level }
  // Zeros among the baseline samples make resampled changes infinite.
  if (![value, interval.low, interval.high].every(Number.isFinite)) {
    return { kind: 'inconclusive', reason: 'the samples lie too near to zero for a finite interval' }
  }
  return { kind: 'estimated', value, interval }
}

/** Quantile of sorted figures with linear interpolation (definition 7 of Hyndman and Fan, 1996). */
function quantile(sorted: Float64Array, share: number): number {
  const position = (sorted.length - 1) * share
  const below = Math.floor(position)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.ceil(position)] ?? Number.NaN
  return low === high ? low : low + (high - low) * (position - below)
}

const ascending = (samples: readonly number[]): Float64Array => Float64Array.from(samples).sort()

function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : midpoint(sorted[middle - 1] ?? Number.NaN, upper)
}

/** Uniform numbers from 0 to below 1 in steps of 2^-32. */
function random(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => (generator.next() >>> 0) / 0x1_0000_0000
}
