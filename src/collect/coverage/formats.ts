import type { Format } from '#collect/reports/report.ts'
import { rootOf } from '#collect/scan/xml.ts'
import { coberturaReader } from './cobertura.ts'
import { coveragePyReader } from './coverage-py.ts'
import { goReader } from './go.ts'
import { istanbulReader } from './istanbul.ts'
import { jacocoReader } from './jacoco.ts'
import type { CoverageOptions } from './kind.ts'
import { lcovReader } from './lcov.ts'
import type { CoverageReport } from './model.ts'

export const formats: readonly Format<CoverageOptions, CoverageReport>[] = [
  { name: 'cobertura', title: 'Cobertura XML', recognises: ({ text }) => rootOf(text) === 'coverage', open: coberturaReader },
  {
    name: 'jacoco',
    title: 'JaCoCo XML',
    recognises: ({ text }) => rootOf(text) === 'report' && /<(?:sessioninfo|group|package|counter)\b/.test(text),
    open: jacocoReader,
  },
  { name: 'lcov', title: 'lcov', recognises: ({ text }) => /^(?:\s|#.*\n)*(?:TN|SF):/.test(text), open: lcovReader },
  {
    name: 'go-cover',
    title: 'a coverage profile of Go',
    recognises: ({ text }) => /^mode: (?:set|count|atomic)\r?\n/.test(text),
    open: goReader,
  },
  {
    name: 'coverage-py',
    title: 'JSON of coverage.py',
    recognises: ({ text }) => /^\s*\{\s*"meta"\s*:\s*\{[^{}]{0,1000}"branch_coverage"/.test(text),
    open: coveragePyReader,
  },
  {
    name: 'istanbul',
    title: 'JSON of Istanbul',
    // A file without branches or functions has these too; what stands before them may be an embedded source map.
    recognises: ({ text }) => /^\s*\{\s*(?:\}\s*$|"(?:[^"\\]|\\.){1,4096}"\s*:\s*\{\s*"(?:path|statementMap|data)"\s*:)/.test(text),
    open: istanbulReader,
  },
]
