import { reportCollector } from '../report-collector.ts'
import { report } from './report.ts'

/** Benchmarks: the change of the median against a baseline, with a confidence interval. */
export const collector = reportCollector(report)
