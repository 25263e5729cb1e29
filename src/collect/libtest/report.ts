import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { libtestReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'libtest',
    title: 'JSON lines of Rust tests',
    recognises: ({ text }) =>
      /^\{\s*"type":\s*"(?:suite|test)",\s*"(?:event|name)":/m.test(text) || /^\{"reason":"(?:compiler|build)-/.test(text),
    open: libtestReader,
  }),
])
