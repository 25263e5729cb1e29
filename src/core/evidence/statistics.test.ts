import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import type { Estimate } from '#core/evidence/statistics.ts'
import { mannWhitney } from '#core/evidence/mann-whitney.ts'
import { resampledMedian } from '#core/evidence/resampled-median.ts'
import { coefficientOfVariation, estimateChange, estimateMedian, median, MIN_SAMPLES } from '#core/evidence/statistics.ts'

interface Oracle {
  readonly cases: readonly {
    readonly name: string
    readonly baseline: readonly number[]
    readonly current: readonly number[]
    readonly median: number
    readonly medianInterval: readonly [number, number]
    readonly change: number
    readonly changeInterval: readonly [number, number]
  }[]
  readonly pairs: readonly {
    readonly a: readonly number[]
    readonly b: readonly number[]
    /** Null where samples are equal: scipy's exact method is for distinct ones. */
    readonly exact: number | null
    readonly normal: number
    readonly variation: number
  }[]
}

const oracle = JSON.parse(readFileSync(new URL('fixtures/statistics.json', import.meta.url), 'utf8')) as Oracle

function estimated(estimate: Estimate): Extract<Estimate, { kind: 'estimated' }> {
  if (estimate.kind !== 'estimated') throw new Error(estimate.reason)
  return estimate
}

describe('against scipy', () => {
  // Two bootstraps of one distribution differ by chance: a twentieth of the interval at each end.
  const near = (ours: Estimate, [low, high]: readonly [number, number]): void => {
    const { interval } = estimated(ours)
    const tolerance = (high - low) / 20
    expect(Math.abs(interval.low - low)).toBeLessThanOrEqual(tolerance)
    expect(Math.abs(interval.high - high)).toBeLessThanOrEqual(tolerance)
  }
  test.each(oracle.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const change = estimateChange(one.baseline, one.current, { seed: 1 })
    expect(estimated(change).value).toBeCloseTo(one.change, 12)
    near(change, one.changeInterval)
    const middle = estimateMedian(one.current, { seed: 1 })
    expect(estimated(middle).value).toBeCloseTo(one.median, 12)
    near(middle, one.medianInterval)
  })
})

describe('Mann-Whitney and the coefficient of variation, against scipy', () => {
  test.each(oracle.pairs.map((one) => [`${one.a.length} and ${one.b.length}${one.exact === null ? ', ties' : ''}`, one] as const))(
    '%s',
    (_, { a, b, exact, normal, variation }) => {
      const isExact = exact !== null && a.length <= 50 && b.length <= 50
      const { p, method } = mannWhitney(a, b)
      expect(method).toBe(isExact ? 'exact' : 'normal approximation')
      const wanted = isExact ? exact : normal
      expect(Math.abs(p - wanted)).toBeLessThanOrEqual(wanted * 1e-9)
      expect(coefficientOfVariation(a)).toBeCloseTo(variation, 12)
    },
  )

  test('both methods agree where both apply, and sides that are alike are told apart by nothing', () => {
    for (const { a, exact, normal } of oracle.pairs) if (exact !== null && a.length > 20) expect(exact).toBeCloseTo(normal, 2)
    expect(mannWhitney([3, 3, 3, 3, 3], [3, 3, 3, 3, 3]).p).toBe(1)
    expect(coefficientOfVariation([1])).toBeNaN()
  })

  test('which side comes first does not matter, nor does any rising change of scale', () => {
    const side = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 5, maxLength: 30 })
    fc.assert(
      fc.property(side, side, (a, b) => {
        const { p } = mannWhitney(a, b)
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(mannWhitney(b, a).p).toBeCloseTo(p, 12)
        const bent = (list: readonly number[]) => list.map((one) => one ** 3 + 7)
        expect(mannWhitney(bent(a), bent(b)).p).toBe(p)
      }),
      { numRuns: 200 },
    )
  })
})

describe('medians of resamples, drawn without the resamples', () => {
  test.each([1, 2, 3, 6, 7, 20])('%i samples: as often each as when every resample is drawn', (size) => {
    const sorted = Float64Array.from({ length: size }, (_, index) => index)
    const generator = xoroshiro128plus(11)
    const next = (): number => (generator.next() >>> 0) / 0x1_0000_0000
    const draws = 60_000
    const short = resampledMedian(sorted, next)
    const long = (): number => median(Array.from({ length: size }, () => Math.floor(next() * size)))
    const share = (draw: () => number) => {
      const counts = new Map<number, number>()
      for (let one = 0; one < draws; one += 1) {
        const value = draw()
        counts.set(value, (counts.get(value) ?? 0) + 1)
      }
      return counts
    }
    const [ours, theirs] = [share(short), share(long)]
    // Five standard errors of the difference of two shares.
    for (const value of new Set([...ours.keys(), ...theirs.keys()])) {
      expect(Math.abs((ours.get(value) ?? 0) - (theirs.get(value) ?? 0)) / draws).toBeLessThan(5 * Math.sqrt(0.5 / draws))
    }
  })

  test('the middle of ten thousand samples is in the middle', () => {
    const draw = resampledMedian(
      Float64Array.from({ length: 10_000 }, (_, index) => index),
      () => 0.5,
    )
    expect(Math.abs(draw() - 4_999.5)).toBeLessThan(2)
  })
})

describe('too little to say anything', () => {
  const five = [1, 2, 3, 4, 5]
  test.each<[string, Estimate, string]>([
    ['one sample', estimateChange([1], [1], { seed: 1 }), '1 baseline samples, and at least 5 are needed'],
    ['none', estimateMedian([], { seed: 1 }), '0 samples, and at least 5 are needed'],
    ['four on one side', estimateChange(five, five.slice(1), { seed: 1 }), '4 current samples, and at least 5 are needed'],
    ['a baseline of zero', estimateChange([0, 0, 0, 1, 1], five, { seed: 1 }), 'the baseline median is 0, so there is no relative change'],
    [
      'a baseline that may be zero',
      estimateChange([0, 0, 1, 1, 1], five, { seed: 1 }),
      'the samples lie too near to zero for a finite interval',
    ],
    ['not finite', estimateChange([...five, Number.NaN], five, { seed: 1 }), 'the baseline samples are not all finite'],
  ])('%s', (_, estimate, reason) => {
    expect(estimate).toEqual({ kind: 'inconclusive', reason })
  })
})

describe('properties', () => {
  const sample = fc.double({ min: 0.5, max: 2, noNaN: true })
  const side = fc.array(sample, { minLength: MIN_SAMPLES, maxLength: 20 })
  const quick = (seed: number) => ({ seed, resamples: 400 })
  const options = { numRuns: 100 }

  test('the interval holds the estimate, and the estimate is that of the medians', () => {
    fc.assert(
      fc.property(side, side, fc.integer(), (baseline, current, seed) => {
        const { value, interval } = estimated(estimateChange(baseline, current, quick(seed)))
        expect(value).toBe(median(current) / median(baseline) - 1)
        expect(interval.low).toBeLessThanOrEqual(value)
        expect(interval.high).toBeGreaterThanOrEqual(value)
      }),
      options,
    )
  })

  test('the order of the samples does not matter, and the same seed gives the same answer', () => {
    fc.assert(
      fc.property(side, side, fc.integer(), (baseline, current, seed) => {
        const shuffled = estimateChange(baseline.toReversed(), [...current.slice(2), ...current.slice(0, 2)], quick(seed))
        expect(shuffled).toEqual(estimateChange(baseline, current, quick(seed)))
      }),
      options,
    )
  })

  test('another unit is the same change; another scale of one side scales what is left', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(0.25, 2, 1024), (baseline, current, factor) => {
        const change = estimated(estimateChange(baseline, current, quick(3)))
        const scale = (list: readonly number[]) => list.map((one) => one * factor)
        expect(estimateChange(scale(baseline), scale(current), quick(3))).toEqual(change)
        const scaled = estimated(estimateChange(baseline, scale(current), quick(3)))
        expect(scaled.value + 1).toBeCloseTo((change.value + 1) * factor, 9)
        expect(scaled.interval.low + 1).toBeCloseTo((change.interval.low + 1) * factor, 9)
        expect(scaled.interval.high + 1).toBeCloseTo((change.interval.high + 1) * factor, 9)
      }),
      options,
    )
  })

  test('a median shifted is an interval shifted', () => {
    fc.assert(
      fc.property(side, (samples) => {
        const before = estimated(estimateMedian(samples, quick(5)))
        const after = estimated(
          estimateMedian(
            samples.map((one) => one + 8),
            quick(5),
          ),
        )
        expect(after.value).toBeCloseTo(before.value + 8, 9)
        expect(after.interval.low).toBeCloseTo(before.interval.low + 8, 9)
        expect(after.interval.high).toBeCloseTo(before.interval.high + 8, 9)
      }),
      options,
    )
  })

  test('three times the noise is three times the interval', () => {
    fc.assert(
      fc.property(side, (samples) => {
        const middle = median(samples)
        const noisier = samples.map((one) => 10 + 3 * (one - middle))
        const width = (list: readonly number[]) => {
          const { low, high } = estimated(estimateMedian(list, quick(9))).interval
          return high - low
        }
        expect(width(noisier)).toBeCloseTo(3 * width(samples), 9)
      }),
      options,
    )
  })

  test('samples without noise leave no doubt', () => {
    const still = estimated(estimateChange([2, 2, 2, 2, 2], [1, 1, 1, 1, 1], { seed: 1 }))
    expect(still).toEqual({ kind: 'estimated', value: -0.5, interval: { low: -0.5, high: -0.5, level: 0.95 } })
  })
})

test('the true change lies in about 95 of 100 intervals', () => {
  const generator = xoroshiro128plus(20260225)
  const uniform = (): number => ((generator.next() >>> 0) + 0.5) / 0x1_0000_0000
  const noisy = (middle: number): number => middle * (1 + 0.2 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
  const draw = (middle: number): number[] => Array.from({ length: 25 }, () => noisy(middle))
  const experiments = 600
  let held = 0
  for (let seed = 0; seed < experiments; seed += 1) {
    const { low, high } = estimated(estimateChange(draw(1), draw(0.9), { seed, resamples: 1_000 })).interval
    if (low <= -0.1 && -0.1 <= high) held += 1
  }
  expect(held / experiments).toBeGreaterThan(0.92)
  expect(held / experiments).toBeLessThan(0.99)
})
