import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { mochaReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'mocha',
    title: 'JSON of mocha',
    recognises: ({ text }) => /^\s*\{\s*"stats"\s*:\s*\{[^{}]*"passes"\s*:/.test(text),
    open: mochaReader,
  }),
])
