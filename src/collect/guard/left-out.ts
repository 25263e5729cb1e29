/** What tells a coverage tool, from within the code, to leave code out. */
const MARKS: readonly string[] = [
  'c8 ignore',
  'v8 ignore',
  'istanbul ignore',
  'node:coverage',
  'pragma: no cover',
  'pragma: no branch',
  'LCOV_EXCL',
  'GCOVR_EXCL',
  'GCOV_EXCL',
  'codeCoverageIgnore',
  'CodeCoverageIgnore',
  'coverage:ignore',
  'coverage(off)',
  'tarpaulin_include',
  'tarpaulin::skip',
  ':nocov:',
  'ExcludeFromCodeCoverage',
  '$COVERAGE-OFF$',
]

/** How many such marks a file of code holds. */
export const leftOut = (code: string): number => MARKS.reduce((sum, mark) => sum + code.split(mark).length - 1, 0)
