import type { Json } from '#collect/scan/json.ts'
import { jsonFile, memberOf, objectOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled } from './format.ts'
import type { Benchmark } from './model.ts'

/**
 * What k6 hands to `handleSummary`, or `--summary-export` writes. It holds aggregates alone, so that
 * one run is one sample: of a trend its median, unless `metric` names another (`p(95)`).
 */
export const k6: BenchmarkFormat = {
  name: 'k6',
  title: 'k6 summary',
  recognises: ({ text }) =>
    /^\s*\{/.test(text) && /"metrics"\s*:\s*\{/.test(text) && /"(?:root_group|iteration_duration|iterations|http_reqs|vus)"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const metrics = objectOf(memberOf(objectOf(json, 'the document'), 'metrics', 'the document'), 'metrics')
      return filled(
        [...metrics.entries].flatMap(([name, value]) => benchmarksOf(name, value)),
        metrics,
      )
    }),
}

const FIRST = ['med', 'rate', 'value', 'count']

function benchmarksOf(name: string, json: Json): readonly Benchmark[] {
  const metric = objectOf(json, 'a metric')
  const inner = metric.entries.get('values')
  const values = inner?.kind === 'object' ? inner : metric
  const base = unitOf(name, textAt(metric, 'contains'))
  const isTrend = values.entries.has('avg')
  const figures = [...values.entries].flatMap(([key, value]) =>
    value.kind === 'number' && key !== 'passes' && key !== 'fails' ? [{ key, sample: value.value }] : [],
  )
  const place = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length)
  return figures
    .toSorted((a, b) => place(a.key) - place(b.key))
    .map(({ key, sample }) => ({
      name,
      metric: key,
      unit: isTrend || key === 'value' ? base : key === 'rate' && values.entries.has('count') ? `${base === '' ? '1' : base}/s` : '',
      samples: [sample],
      isAggregate: true,
    }))
}

/** The export of older versions does not say what a metric contains. */
function unitOf(name: string, contains: string | undefined): string {
  if (contains === 'time' || (contains === undefined && /^(?:http_req_(?!failed)|iteration_duration|group_duration|ws_)/.test(name)))
    return 'ms'
  return contains === 'data' || (contains === undefined && name.startsWith('data_')) ? 'B' : ''
}
