import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { jestReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'jest',
    title: 'JSON of jest and vitest',
    recognises: ({ text }) => /^\s*\{/.test(text) && /"num(?:TotalTestSuites|FailedTestSuites)"\s*:/.test(text),
    open: jestReader,
  }),
])
