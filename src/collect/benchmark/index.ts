import { reportCollector } from '#collect/reports/collector.ts'
import { report } from './report.ts'

/** Benchmarks: the change of the median against a baseline, with a confidence interval. */
export const collector = reportCollector(report)
