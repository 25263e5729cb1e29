import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { goTestReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'go-test',
    title: 'go test -json',
    recognises: ({ text }) => /^\{(?=[^\n]*"Action":"[a-z-]+")(?=[^\n]*"(?:Package|ImportPath)":")/m.test(text),
    open: goTestReader,
  }),
])
