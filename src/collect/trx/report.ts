import { testFormat, testReport } from '#collect/test-results/report.ts'
import { rootOf } from '#collect/scan/xml.ts'
import { kind } from './kind.ts'
import { trxReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({ name: 'trx', title: 'TRX of .NET', recognises: ({ text }) => rootOf(text) === 'TestRun', open: trxReader }),
])
