import type { Json, JsonObject } from '#collect/scan/json.ts'
import { amountOf, arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled } from './format.ts'
import type { Benchmark } from './model.ts'

/**
 * google-benchmark with `--benchmark_format=json`. Repetitions are the samples; a benchmark of which
 * only aggregates are reported has its median (or else its mean) as one.
 */
export const google: BenchmarkFormat = {
  name: 'google-benchmark',
  title: 'google-benchmark',
  recognises: ({ text }) => /^\s*\{\s*"context"\s*:\s*\{/.test(text) && /"(?:num_cpus|library_build_type|benchmarks)"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const list = arrayOf(memberOf(objectOf(json, 'the document'), 'benchmarks', 'the document'), 'benchmarks')
      return filled(gather(list.items), list)
    }),
}

/** Everything of a row that is no measured figure; user counters stand beside these. */
const LABELS: ReadonlySet<string> = new Set([
  'family_index',
  'per_family_instance_index',
  'repetitions',
  'repetition_index',
  'threads',
  'iterations',
])

interface Row {
  readonly name: string
  readonly aggregate: string | undefined
  readonly doubt: string | undefined
  readonly figures: readonly { readonly metric: string; readonly unit: string; readonly value: number }[]
}

function gather(items: readonly Json[]): readonly Benchmark[] {
  const byName = Map.groupBy(
    items.map((item) => rowOf(objectOf(item, 'a benchmark'))),
    ({ name }) => name,
  )
  return [...byName].flatMap(([name, rows]) => {
    const runs = rows.filter(({ aggregate }) => aggregate === undefined)
    const aggregate = ['median', 'mean'].map((wanted) => rows.find((row) => row.aggregate === wanted)).find(Boolean)
    const counted = runs.length > 0 ? runs : aggregate ? [aggregate] : []
    const failed = rows.find(({ doubt }) => doubt !== undefined)?.doubt
    const byMetric = Map.groupBy(
      counted.flatMap(({ figures }) => figures),
      ({ metric }) => metric,
    )
    return [...byMetric].map(([metric, figures]) => ({
      name,
      metric,
      unit: figures[0]?.unit ?? '',
      samples: figures.map(({ value }) => value),
      ...(runs.length === 0 && { isAggregate: true as const }),
      ...(failed !== undefined && { doubt: failed }),
    }))
  })
}

function rowOf(row: JsonObject): Row {
  const time = textAt(row, 'time_unit') ?? 'ns'
  const failed = ['error_occurred', 'skipped'].some((key) => {
    const value = row.entries.get(key)
    return value?.kind === 'boolean' && value.value
  })
  const message = textAt(row, 'error_message') ?? textAt(row, 'skip_message') ?? ''
  return {
    name: textAt(row, 'run_name') ?? stringOf(memberOf(row, 'name', 'a benchmark'), 'name'),
    aggregate: textAt(row, 'run_type') === 'aggregate' ? (textAt(row, 'aggregate_name') ?? '') : undefined,
    doubt: failed ? `it was not run: ${message.slice(0, 200)}` : undefined,
    figures: [...row.entries]
      .filter(([key, value]) => value.kind === 'number' && !LABELS.has(key))
      .map(([metric, value]) => ({ metric, unit: unitOf(metric, time), value: figureOf(metric, value) })),
  }
}

/** A counter of the user's own may be negative; a time may not. */
const figureOf = (metric: string, value: Json): number =>
  value.kind === 'number' && !metric.endsWith('_time') ? value.value : amountOf(value, metric)

const unitOf = (metric: string, time: string): string =>
  metric === 'real_time' || metric === 'cpu_time'
    ? time
    : metric.endsWith('_per_second')
      ? `${metric.slice(0, -'_per_second'.length)}/s`
      : ''
