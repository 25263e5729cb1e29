import { reportCollector } from '#collect/reports/collector.ts'
import { report } from './report.ts'

/** Static analysis: results by level, and those that the target branch does not have. */
export const collector = reportCollector(report)
