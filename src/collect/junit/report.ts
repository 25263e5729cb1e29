import { testFormat, testReport } from '#collect/test-results/report.ts'
import { rootOf } from '#collect/scan/xml.ts'
import { kind } from './kind.ts'
import { junitReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'junit',
    title: 'JUnit XML',
    recognises: ({ text }) => /^testsuites?$/.test(rootOf(text) ?? ''),
    open: ({ properties = {} }) => junitReader(Object.keys(properties)),
  }),
])
