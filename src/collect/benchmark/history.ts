import { JsonError } from '#collect/scan/json.ts'
import type { Json } from '#collect/scan/json.ts'
import { amountOf, arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { filled } from './format.ts'
import type { Benchmark } from './model.ts'

const ASSIGNMENT = /^\s*window\.BENCHMARK_DATA\s*=\s*/

/**
 * The `data.js` of github-action-benchmark: one figure a benchmark and run, oldest first. The runs of
 * the last commit are the current side, as many as `history` says before them the baseline.
 */
export const history: BenchmarkFormat = {
  name: 'benchmark-history',
  title: 'github-action-benchmark',
  recognises: ({ text }) => ASSIGNMENT.test(text),
  open: ({ history: entries }) =>
    jsonFile(
      (json) => {
        const suites = objectOf(memberOf(objectOf(json, 'the document'), 'entries', 'the document'), 'entries')
        const runs = [...suites.entries].map(([suite, list]) => [suite, arrayOf(list, 'a suite').items.map(runOf)] as const)
        const last = runs.flatMap(([, all]) => all.at(-1) ?? []).reduce<Run | undefined>(newer, undefined)
        const file = filled(
          runs.flatMap(([suite, all]) => benchmarksOf(suite, all, entries)),
          suites,
        )
        return { ...file, isHistory: true, ...(last && { commit: last.commit }) }
      },
      { skip: (text) => ASSIGNMENT.exec(text)?.[0].length ?? 0 },
    ),
}

interface Run {
  readonly commit: string
  /** Milliseconds since 1970. */
  readonly date: number
  readonly tool: string
  readonly figures: readonly { readonly name: string; readonly unit: string; readonly value: number }[]
}

const newer = (a: Run | undefined, b: Run): Run => (a && a.date > b.date ? a : b)

function runOf(json: Json): Run {
  const run = objectOf(json, 'a run')
  const date = memberOf(run, 'date', 'a run')
  if (date.kind !== 'number') throw new JsonError('date is no number', date.at)
  return {
    commit: stringOf(memberOf(objectOf(memberOf(run, 'commit', 'a run'), 'commit'), 'id', 'a commit'), 'id').slice(0, 100),
    date: date.value,
    tool: textAt(run, 'tool') ?? '',
    figures: arrayOf(memberOf(run, 'benches', 'a run'), 'benches').items.map((item) => {
      const one = objectOf(item, 'a benchmark')
      return {
        name: stringOf(memberOf(one, 'name', 'a benchmark'), 'name'),
        unit: (textAt(one, 'unit') ?? '').slice(0, 40),
        value: amountOf(memberOf(one, 'value', 'a benchmark'), 'value'),
      }
    }),
  }
}

function benchmarksOf(suite: string, runs: readonly Run[], entries: number): readonly Benchmark[] {
  const last = runs.at(-1)
  if (!last) return []
  const before = runs.findLastIndex(({ commit }) => commit !== last.commit) + 1
  const sides = { current: runs.slice(before), baseline: runs.slice(0, before).slice(-entries) }
  const better = last.tool === 'customBiggerIsBetter' ? 'higher' : last.tool === 'customSmallerIsBetter' ? 'lower' : undefined
  return (['current', 'baseline'] as const).flatMap((side) => {
    const figures = sides[side].flatMap((run) => run.figures)
    // Another unit is another quantity, and the two are not to be mixed.
    return [...Map.groupBy(figures, ({ name, unit }) => `${unit}\0${name}`).values()].map((all) => ({
      name: `${suite}: ${all[0]?.name ?? ''}`,
      short: all[0]?.name ?? '',
      metric: all[0]?.unit || 'value',
      unit: all[0]?.unit ?? '',
      samples: all.map(({ value }) => value),
      side,
      isAggregate: true as const,
      ...(better && { better }),
    }))
  })
}
