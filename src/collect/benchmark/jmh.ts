import type { Json, JsonObject } from '#collect/scan/json.ts'
import { amountOf, arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled, samplesOf } from './format.ts'
import type { Benchmark } from './model.ts'

/** JMH with `-rf json`: the iterations of all forks are the samples. */
export const jmh: BenchmarkFormat = {
  name: 'jmh',
  title: 'JMH',
  recognises: ({ text }) =>
    /^\s*\[\s*\{/.test(text) && /"benchmark"\s*:/.test(text) && /"(?:primaryMetric|warmupIterations)"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const list = arrayOf(json, 'the document')
      return filled(list.items.flatMap(benchmarksOf), list)
    }),
}

function benchmarksOf(json: Json): readonly Benchmark[] {
  const one = objectOf(json, 'a result')
  const method = stringOf(memberOf(one, 'benchmark', 'a result'), 'benchmark')
  const params = one.entries.get('params')
  const named =
    params?.kind === 'object' && params.entries.size > 0
      ? ` (${[...params.entries].map(([key, value]) => `${key}=${value.kind === 'string' ? value.value : ''}`).join(', ')})`
      : ''
  const common = { name: method + named, short: method.split('.').slice(-2).join('.') + named }
  const primary = objectOf(memberOf(one, 'primaryMetric', 'a result'), 'primaryMetric')
  const secondary = one.entries.get('secondaryMetrics')
  return [
    { ...common, metric: textAt(one, 'mode') ?? 'time', ...figuresOf(primary) },
    ...(secondary?.kind === 'object'
      ? [...secondary.entries].flatMap(([key, value]) =>
          // A profiler that measured nothing writes the text NaN.
          value.kind === 'object' && value.entries.get('score')?.kind === 'number'
            ? [{ ...common, metric: key.replace(/^\u00b7/, ''), ...figuresOf(value) }]
            : [],
        )
      : []),
  ]
}

function figuresOf(metric: JsonObject): Pick<Benchmark, 'unit' | 'samples' | 'isAggregate'> {
  const unit = stringOf(memberOf(metric, 'scoreUnit', 'a metric'), 'scoreUnit').slice(0, 40)
  const forks = metric.entries.get('rawData')
  if (forks?.kind === 'array') return { unit, samples: forks.items.flatMap((fork) => samplesOf(fork, 'rawData')) }
  // In sample mode there is a histogram of single calls, which are not independent.
  return { unit, samples: [amountOf(memberOf(metric, 'score', 'a metric'), 'score')], isAggregate: true }
}
