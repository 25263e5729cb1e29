/** What tells a coverage tool, from within the code, to leave code out: spelled as freely as the tools themselves allow. */
const MARKS: readonly RegExp[] = [
  /(?:istanbul|[cv]8)\s+ignore\b|node:coverage\b/i,
  // coverage.py
  /pragma[:\s]?\s*no\s*(?:cover|branch)/i,
  // lcov, gcovr, grcov, Julia
  /COVR?_EXCL|LCOV_UNREACHABLE/,
  // SimpleCov, covr
  /[#:]\s*nocov\b/i,
  // PHPUnit, .NET, Rust, Dart and Go, Elixir, Scala, OpenClover, Devel::Cover
  /codeCoverageIgnore|ExcludeFromCodeCoverage|coverage:\s*ignore|coverage\(off\)|no_coverage\b|tarpaulin(?:_include|::skip)/i,
  /coveralls-ignore|COVERAGE-OFF|CLOVER:OFF|#\s*uncoverable\b/,
  // JaCoCo leaves out what an annotation with "Generated" in its name stands at; @GeneratedValue stands at fields.
  /@(?:\w+\.){0,20}\w*(?:Generated|GeneratedReport|CoverageIgnore)\b|(?:@interface|annotation\s+class)\s+\w*Generated/,
]

const MAX_LINE = 2_000

/** The marks in a file of code, each with the line behind it, by which one that only moves is known again. */
export function leftOut(code: string): readonly string[] {
  const lines = code
    .split('\n')
    .map((line) => line.trim().slice(0, MAX_LINE))
    .filter((line) => line !== '')
  return lines.flatMap((line, index) => (MARKS.some((mark) => mark.test(line)) ? [`${line}\n${lines[index + 1] ?? ''}`] : []))
}
