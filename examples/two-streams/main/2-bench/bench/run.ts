/**
 * Runs every `*.bench.ts` beside it and writes `reports/<name>.json`. A benchmark counts work
 * (comparisons, records read) instead of time, over seeded logs: the same figures everywhere.
 */
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a benchmark file exports: the work of one round, before and after. */
interface Benchmark {
  readonly baseline: (seed: number) => number
  readonly current: (seed: number) => number
}

const ROUNDS = Array.from({ length: 15 }, (_, index) => index + 1)

mkdirSync('reports', { recursive: true })
for (const file of globSync('bench/*.bench.ts').toSorted()) {
  const { benchmark } = (await import(pathToFileURL(file).href)) as { benchmark: Benchmark }
  const report = { unit: 'count', baseline: ROUNDS.map(benchmark.baseline), current: ROUNDS.map(benchmark.current) }
  writeFileSync(`reports/${basename(file, '.bench.ts')}.json`, `${JSON.stringify(report, undefined, 2)}\n`)
}
