import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import { JsonError } from '#collect/scan/json.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled, samplesOrAggregate } from './format.ts'
import type { Benchmark } from './model.ts'

/**
 * `vitest bench`: the JSON reporter of Vitest 5, and `--outputJson` of Vitest 1 to 4. Samples are
 * written with `benchmark.retainSamples`, or `includeSamples`; else one median stands for all.
 */
export const vitest: BenchmarkFormat = {
  name: 'vitest-bench',
  title: 'vitest bench',
  recognises: ({ text }) =>
    (/"assertionResults"\s*:/.test(text) && /"benchmarks"\s*:\s*\[\s*\{/.test(text)) ||
    /^\s*\{\s*"files"\s*:\s*\[\s*\{\s*"filepath"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const root = objectOf(json, 'the document')
      const files = root.entries.get('files')
      return filled(files ? listAt(root, 'files').flatMap(oldFile) : listAt(root, 'testResults').flatMap(testFile), json)
    }),
}

const told = (text: string): string => redact(plainText(text))

const listAt = (object: JsonObject, key: string): readonly Json[] => arrayOf(memberOf(object, key, 'the document'), key).items

function oldFile(json: Json): readonly Benchmark[] {
  return listAt(objectOf(json, 'a file'), 'groups').flatMap((group) => {
    const within = objectOf(group, 'a group')
    return listAt(within, 'benchmarks').map((one) => {
      const task = objectOf(one, 'a benchmark')
      return benchmarkOf(textAt(within, 'fullName') ?? '', task, task, 'time', 'ms')
    })
  })
}

function testFile(json: Json): readonly Benchmark[] {
  const file = objectOf(json, 'a file')
  const tests = listAt(file, 'assertionResults')
  // A file that could not be run has no tests to say so.
  if (tests.length === 0 && textAt(file, 'status') === 'failed') {
    throw new JsonError(
      told(`${textAt(file, 'name')?.slice(0, 200) ?? 'a file'} failed: ${textAt(file, 'message')?.slice(0, 200) ?? ''}`),
      file.at,
    )
  }
  return tests.flatMap((one) => {
    const test = objectOf(one, 'a test')
    const groups = test.entries.get('benchmarks')
    if (!groups) return []
    const doubt = textAt(test, 'status') === 'failed' ? { doubt: 'the test that measures it failed' } : {}
    const fullName = textAt(test, 'fullName') ?? ''
    return arrayOf(groups, 'benchmarks').items.flatMap((group) =>
      listAt(objectOf(group, 'a benchmark'), 'tasks').flatMap((item) => {
        const task = objectOf(item, 'a task')
        const latency = objectOf(memberOf(task, 'latency', 'a task'), 'latency')
        const throughput = task.entries.get('throughput')
        return [
          { ...benchmarkOf(fullName, task, latency, 'time', 'ms'), ...doubt },
          ...(throughput?.kind === 'object' ? [{ ...benchmarkOf(fullName, task, throughput, 'throughput', 'ops/s'), ...doubt }] : []),
        ]
      }),
    )
  })
}

function benchmarkOf(group: string, task: JsonObject, figures: JsonObject, metric: string, unit: string): Benchmark {
  const short = stringOf(memberOf(task, 'name', 'a benchmark'), 'name')
  const found = samplesOrAggregate(figures, 'samples', ['p50', 'median', 'mean']) ?? { samples: [] }
  return { name: group === '' ? short : `${group} > ${short}`, short, metric, unit, ...found }
}
