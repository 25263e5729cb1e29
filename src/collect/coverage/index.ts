import { reportCollector } from '#collect/reports/collector.ts'
import { report } from './report.ts'

/** Coverage, counted again from the lines, branches and functions of the report files. */
export const collector = reportCollector(report)
