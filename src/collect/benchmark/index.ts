import type { z } from 'zod'
import type { Collector, Fact } from '#core/evidence/collector.ts'
import type { Estimate } from '#core/evidence/statistics.ts'
import { estimateChange, estimateMedian } from '#core/evidence/statistics.ts'
import { readReports, sameForAll } from '../reports.ts'
import type { Sides } from './compare.ts'
import { factorOf, sidesOf } from './compare.ts'
import type { options as optionsSchema } from './kind.ts'
import { kind } from './kind.ts'
import { benchmarkReader } from './parse.ts'

/** Benchmarks: the change of the median against a baseline, with a confidence interval. */
export const collector: Collector = {
  async collect(request, context) {
    const options = request.options as z.output<typeof optionsSchema>
    const reading = await readReports(request, context, options, { open: benchmarkReader })
    if (!reading.ok) return sameForAll(kind.metrics, reading)
    const sides = sidesOf(reading.reports, options)
    if (!sides.ok) return sameForAll(kind.metrics, { ...reading.common, status: sides.status, reason: sides.reason })
    return factsOf(sides, { common: reading.common, remarks: reading.remarks, seed: context.seed, better: options.better })
  },
}

interface Surroundings {
  readonly common: Omit<Fact, 'name' | 'status'>
  readonly remarks: readonly string[]
  readonly seed: number
  readonly better: 'lower' | 'higher'
}

function factsOf(
  { baseline, current, unit }: Extract<Sides, { ok: true }>,
  { common, remarks, seed, better }: Surroundings,
): readonly Fact[] {
  const doubt = baseline.doubt === undefined ? current.doubt : `baseline: ${baseline.doubt}`
  const change: Estimate =
    doubt === undefined ? estimateChange(baseline.samples, current.samples, { seed }) : { kind: 'inconclusive', reason: doubt }
  const factor = factorOf(unit)
  const median: Estimate =
    current.doubt === undefined
      ? estimateMedian(
          current.samples.map((sample) => sample * factor),
          { seed },
        )
      : { kind: 'inconclusive', reason: current.doubt }

  const rest = (own: readonly string[]): Omit<Fact, 'name' | 'status'> => {
    const reason = [...own, ...remarks].join('; ')
    return { ...common, ...(reason !== '' && { reason }) }
  }
  const fact = (name: string, estimate: Estimate): Fact =>
    estimate.kind === 'estimated'
      ? { ...rest([]), name, status: 'observed', value: estimate.value, interval: estimate.interval }
      : { ...rest([estimate.reason]), name, status: 'inconclusive' }
  return [
    fact('change', change),
    fact('reduction', turned(change)),
    fact('improvement', better === 'lower' ? turned(change) : change),
    fact('median', median),
    { ...rest([]), name: 'runs', status: 'observed', value: Math.min(baseline.samples.length, current.samples.length) },
  ]
}

/** The same with the opposite sign; subtracted from 0 because minus zero is written as 0 and is another value. */
function turned(estimate: Estimate): Estimate {
  if (estimate.kind !== 'estimated') return estimate
  const { low, high, level } = estimate.interval
  return { kind: 'estimated', value: 0 - estimate.value, interval: { low: 0 - high, high: 0 - low, level } }
}
