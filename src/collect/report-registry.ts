import type { Report } from './report.ts'

/** A report of any kind. What it is handed back is what it made itself, so its own types need not be known. */
export type AnyReport = Report<unknown, unknown, unknown>

const REPORTS = {
  junit: () => import('./junit/report.ts').then(known),
  ctrf: () => import('./ctrf/report.ts').then(known),
  'go-test': () => import('./go-test/report.ts').then(known),
  // Vitest writes benchmarks into its test results: they are told first.
  benchmark: () => import('./benchmark/report.ts').then(known),
  jest: () => import('./jest/report.ts').then(known),
  libtest: () => import('./libtest/report.ts').then(known),
  pytest: () => import('./pytest/report.ts').then(known),
  tap: () => import('./tap/report.ts').then(known),
  trx: () => import('./trx/report.ts').then(known),
  coverage: () => import('./coverage/report.ts').then(known),
  sarif: () => import('./sarif/report.ts').then(known),
  size: () => import('./size/report.ts').then(known),
} as const satisfies Readonly<Record<string, () => Promise<AnyReport>>>

/** Kinds of report files, by the word after `collect:`, in the order in which an unknown file is tried on them. */
export const REPORT_KINDS: readonly string[] = Object.keys(REPORTS)

export async function loadReport(kind: string): Promise<AnyReport | undefined> {
  return Object.hasOwn(REPORTS, kind) ? REPORTS[kind as keyof typeof REPORTS]() : undefined
}

function known<Options, File, Summary>({ report }: { readonly report: Report<Options, File, Summary> }): AnyReport {
  return report as unknown as AnyReport
}
