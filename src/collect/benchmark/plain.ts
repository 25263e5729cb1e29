import { JsonError } from '#collect/scan/json.ts'
import { jsonFile, memberOf, objectOf, stringOf } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { samplesOf } from './format.ts'

const KEYS: ReadonlySet<string> = new Set(['unit', 'baseline', 'current'])

/** `{ "unit": "ms", "baseline": [], "current": [] }`, for whoever measures by other means. */
export const plain: BenchmarkFormat = {
  name: 'benchmark-plain',
  title: 'samples with their baseline',
  recognises: ({ text }) => /^\s*\{\s*"(?:unit|baseline|current)"\s*:/.test(text),
  open: () =>
    jsonFile((json) => {
      const root = objectOf(json, 'the document')
      for (const [key, { at }] of root.entries) {
        if (!KEYS.has(key)) throw new JsonError(`the key ${JSON.stringify(key.slice(0, 40))} is not known`, at)
      }
      const unit = stringOf(memberOf(root, 'unit', 'the document'), 'unit').slice(0, 40)
      const sides = (['current', 'baseline'] as const).map((side) => ({
        name: '',
        metric: 'samples',
        unit,
        side,
        samples: samplesOf(memberOf(root, side, 'the document'), side),
      }))
      return { benchmarks: sides }
    }),
}
