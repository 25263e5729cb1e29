import type { Json } from '#collect/scan/json.ts'
import { arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled, samplesOrAggregate } from './format.ts'
import type { Benchmark } from './model.ts'

/** `pytest --benchmark-json`; what `--benchmark-save` writes holds no samples without `--benchmark-save-data`. */
export const pytest: BenchmarkFormat = {
  name: 'pytest-benchmark',
  title: 'pytest-benchmark',
  recognises: ({ text }) => /^\s*\{\s*"machine_info"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const root = objectOf(json, 'the document')
      const list = arrayOf(memberOf(root, 'benchmarks', 'the document'), 'benchmarks')
      const file = filled(list.items.map(benchmarkOf), list)
      const about = root.entries.get('commit_info')
      const commit = about?.kind === 'object' ? textAt(about, 'id') : undefined
      const dirty = about?.kind === 'object' ? about.entries.get('dirty') : undefined
      const isClean = dirty?.kind === 'boolean' && !dirty.value
      return { ...file, ...(commit !== undefined && isClean && /^[0-9a-f]{40,64}$/.test(commit) && { commit }) }
    }),
}

function benchmarkOf(json: Json): Benchmark {
  const one = objectOf(json, 'a benchmark')
  const name = stringOf(memberOf(one, 'fullname', 'a benchmark'), 'fullname')
  const short = textAt(one, 'name')
  const stats = objectOf(memberOf(one, 'stats', 'a benchmark'), 'stats')
  const figures = samplesOrAggregate(stats, 'data', ['median']) ?? { samples: [] }
  return { name, ...(short !== undefined && { short }), metric: 'time', unit: 's', ...figures }
}
