import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { ctrfReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'ctrf',
    title: 'CTRF JSON',
    recognises: ({ text }) =>
      /^\s*\{/.test(text) && (/"reportFormat"\s*:\s*"CTRF"/.test(text) || /^\s*\{\s*"results"\s*:\s*\{\s*"tool"\s*:/.test(text)),
    open: ctrfReader,
  }),
])
