import { reportCollector } from '#collect/reports/collector.ts'
import { report } from './report.ts'

/** Test results: every case of the report files counted one by one. */
export const collector = reportCollector(report)
