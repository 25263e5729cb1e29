import type { Report } from '#collect/reports/report.ts'

/** A report of any kind. What it is handed back is what it made itself, so its own types need not be known. */
export type AnyReport = Report<unknown, unknown, unknown>

const REPORTS = {
  junit: () => import('#collect/junit/report.ts').then(known),
  ctrf: () => import('#collect/ctrf/report.ts').then(known),
  'go-test': () => import('#collect/go-test/report.ts').then(known),
  // Vitest writes benchmarks into its test results: they are told first.
  benchmark: () => import('#collect/benchmark/report.ts').then(known),
  jest: () => import('#collect/jest/report.ts').then(known),
  libtest: () => import('#collect/libtest/report.ts').then(known),
  mocha: () => import('#collect/mocha/report.ts').then(known),
  pytest: () => import('#collect/pytest/report.ts').then(known),
  tap: () => import('#collect/tap/report.ts').then(known),
  trx: () => import('#collect/trx/report.ts').then(known),
  coverage: () => import('#collect/coverage/report.ts').then(known),
  sarif: () => import('#collect/sarif/report.ts').then(known),
  size: () => import('#collect/size/report.ts').then(known),
} as const satisfies Readonly<Record<string, () => Promise<AnyReport>>>

/** Kinds of report files, by the word after `collect:`, in the order in which an unknown file is tried on them. */
export const REPORT_KINDS: readonly string[] = Object.keys(REPORTS)

export async function loadReport(kind: string): Promise<AnyReport | undefined> {
  return Object.hasOwn(REPORTS, kind) ? REPORTS[kind as keyof typeof REPORTS]() : undefined
}

function known<Options, File, Summary>({ report }: { readonly report: Report<Options, File, Summary> }): AnyReport {
  return report as unknown as AnyReport
}
