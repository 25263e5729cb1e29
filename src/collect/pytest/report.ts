import { testFormat, testReport } from '#collect/test-results/report.ts'
import { jsonReportReader } from './json-report.ts'
import { kind } from './kind.ts'
import { reportLogReader } from './report-log.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'pytest-report-log',
    title: "pytest's report log",
    recognises: ({ text }) => /^\{[^\n]{0,500}"\$report_type":\s*"SessionStart"/.test(text),
    open: ({ properties = {} }) => reportLogReader(Object.keys(properties)),
  }),
  testFormat({
    name: 'pytest-json',
    title: 'JSON of pytest-json-report',
    recognises: ({ text }) => /^\s*\{/.test(text) && /"exitcode"\s*:/.test(text) && /"root"\s*:/.test(text),
    open: jsonReportReader,
  }),
])
