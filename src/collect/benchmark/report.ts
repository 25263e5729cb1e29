import type { Report } from '#collect/reports/report.ts'
import { factsOf } from './facts.ts'
import { formats } from './formats.ts'
import type { BenchmarkOptions } from './kind.ts'
import { kind } from './kind.ts'
import type { BenchmarkFile } from './model.ts'
import type { Sides } from './sides.ts'
import { sidesOf } from './sides.ts'

export const report: Report<BenchmarkOptions, BenchmarkFile, Sides> = {
  kind,
  formats: formats.map((format) => ({
    ...format,
    declares: ({ commit }) => ({ commits: commit === undefined ? [] : [commit], trees: [] }),
  })),
  summarise: (files, options, _place, base) => sidesOf(files, options, base),
  facts: factsOf,
}
