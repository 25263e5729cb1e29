import { JsonError } from '#collect/scan/json.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { amountOf, arrayOf } from '#collect/scan/json-file.ts'
import type { Format } from '#collect/reports/report.ts'
import type { BenchmarkOptions } from './kind.ts'
import type { Benchmark, BenchmarkFile } from './model.ts'

export type BenchmarkFormat = Omit<Format<BenchmarkOptions, BenchmarkFile>, 'declares'>

export const samplesOf = (json: Json, what: string): readonly number[] =>
  arrayOf(json, what).items.map((item) => amountOf(item, `a sample of ${what}`))

/** A file without any benchmark is not read as one with nothing to say. */
export function filled(benchmarks: readonly Benchmark[], json: Json): BenchmarkFile {
  if (benchmarks.length === 0) throw new JsonError('the file holds no benchmark', json.at)
  return { benchmarks }
}

/** The samples of a key, or else the first of the aggregates that is there, as one sample. */
export function samplesOrAggregate(
  object: JsonObject,
  key: string,
  aggregates: readonly string[],
): Pick<Benchmark, 'samples' | 'isAggregate'> | undefined {
  const list = object.entries.get(key)
  if (list?.kind === 'array' && list.items.length > 0) return { samples: samplesOf(list, key) }
  for (const name of aggregates) {
    const value = object.entries.get(name)
    if (value) return { samples: [amountOf(value, name)], isAggregate: true }
  }
  return undefined
}
