import { JsonError } from '#collect/scan/json.ts'
import type { JsonObject } from '#collect/scan/json.ts'
import { jsonFile, memberOf, objectOf, textAt } from '#collect/scan/json-file.ts'
import type { ReadFile } from '#collect/reports/report.ts'
import type { BenchmarkFormat } from './format.ts'
import { samplesOf } from './format.ts'
import type { Benchmark, BenchmarkFile, CriterionPart } from './model.ts'

const PARTS = /(?:^|\/)(?:sample|estimates|benchmark|tukey)\.json$/

/** `target/criterion/**\/new/*.json`, and the same under `base` or the name of a saved baseline. */
export const criterion: BenchmarkFormat = {
  name: 'criterion',
  title: 'criterion (Rust)',
  recognises: ({ path, text }) =>
    /^\s*\{\s*"(?:sampling_mode|group_id)"\s*:/.test(text) ||
    /^\s*\{\s*"\w+"\s*:\s*\{\s*"confidence_interval"\s*:/.test(text) ||
    (PARTS.test(path) && /^\s*[[{]/.test(text)),
  open: () =>
    jsonFile((json) => ({ benchmarks: [], part: json.kind === 'array' ? { part: 'other' } : partOf(objectOf(json, 'the document')) })),
}

function partOf(root: JsonObject): CriterionPart {
  const name = textAt(root, 'full_id')
  if (name !== undefined) return { part: 'benchmark', name }
  if (root.entries.has('times') || root.entries.has('iters')) {
    const times = samplesOf(memberOf(root, 'times', 'the sample'), 'times')
    const iterations = samplesOf(memberOf(root, 'iters', 'the sample'), 'iters')
    if (times.length !== iterations.length) throw new JsonError(`there are ${times.length} times and ${iterations.length} iters`, root.at)
    const none = iterations.findIndex((count) => count === 0)
    if (none >= 0) throw new JsonError('a sample has 0 iters', root.at)
    // One sample is the time of many iterations together.
    return { part: 'sample', samples: times.map((time, index) => time / (iterations[index] ?? Number.NaN)) }
  }
  const median = objectOf(memberOf(root, 'median', 'the estimates'), 'median')
  const estimate = memberOf(median, 'point_estimate', 'median')
  // The estimates of a change are in a file of the same form, and may be negative.
  if (estimate.kind !== 'number') throw new JsonError('point_estimate is no number', estimate.at)
  return { part: 'estimates', median: estimate.value }
}

const COPY = 'criterion has put the current run in its place: run `cargo bench` for the baseline, then `cargo bench -- --baseline base`'

type PartOf<Part extends CriterionPart['part']> = Extract<CriterionPart, { part: Part }>

const partIn = <Part extends CriterionPart['part']>(within: readonly ReadFile<BenchmarkFile>[], part: Part): PartOf<Part> | undefined =>
  within.map(({ value }) => value.part).find((one): one is PartOf<Part> => one?.part === part)

/** After each run but those with `--baseline` criterion copies `new` to `base`, and so over what it compared with. */
const isCopy = (base: PartOf<'sample'> | undefined, current: PartOf<'sample'> | undefined): boolean =>
  base !== undefined &&
  base.samples.length === current?.samples.length &&
  base.samples.every((one, index) => one === current.samples[index])

/** Makes one file of the parts that lie in one folder; other files pass. */
export function joinCriterion(files: readonly ReadFile<BenchmarkFile>[]): readonly ReadFile<BenchmarkFile>[] {
  const parts = files.filter(({ value }) => value.part)
  const folders = Map.groupBy(parts, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  const joined = [...folders].flatMap(([folder, within]): readonly ReadFile<BenchmarkFile>[] => {
    const [sample, estimates] = [partIn(within, 'sample'), partIn(within, 'estimates')]
    const folderName = folder.slice(folder.lastIndexOf('/') + 1)
    // It holds how the last two runs differ, by criterion's own estimate.
    if ((!sample && !estimates) || folderName === 'change') return []
    const benchmark: Benchmark = {
      name: partIn(within, 'benchmark')?.name ?? folder.split('/').at(-2) ?? '',
      metric: 'time',
      unit: 'ns',
      ...(sample ? { samples: sample.samples } : { samples: [estimates?.median ?? Number.NaN], isAggregate: true }),
      ...(folderName === 'new' && { side: 'current' }),
      ...(folderName === 'base' && { side: 'baseline' }),
      ...(folderName === 'base' && isCopy(sample, partIn(folders.get(folder.replace(/base$/, 'new')) ?? [], 'sample')) && { doubt: COPY }),
    }
    return [{ path: `${folder}/${sample ? 'sample' : 'estimates'}.json`, value: { benchmarks: [benchmark] } }]
  })
  return [...files.filter(({ value }) => !value.part), ...joined]
}
