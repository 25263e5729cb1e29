import { rootOf } from '#collect/scan/xml.ts'

/** By the root of an XML file. */
const ROOTS: ReadonlyMap<string, string> = new Map([
  ['test-run', 'this is NUnit XML: write TRX (dotnet test --logger trx)'],
  ['test-results', 'this is NUnit 2 XML: write JUnit XML or TRX'],
  ['assemblies', 'this is xUnit.net XML: write TRX (dotnet test --logger trx)'],
  ['checkstyle', 'this is Checkstyle XML: write SARIF'],
  ['Catch', 'this is XML of Catch2: write JUnit XML (-r junit)'],
  ['Catch2TestRun', 'this is XML of Catch2: write JUnit XML (-r junit)'],
  ['doctest', 'this is XML of doctest: write JUnit XML (-r=junit)'],
  ['robot', 'this is output of Robot Framework: write JUnit XML (--xunit)'],
  ['testExecutions', 'this is XML for Sonar: write JUnit XML'],
])

/** By the beginning of any other file. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [/^\u{1f}\u{fffd}/u, 'it is packed with gzip: unpack it first'],
  [/^PK\u{3}\u{4}/u, 'it is a zip archive: unpack it first'],
  [/^\s*\{[^]{0,2000}"gcovr\//, 'this is JSON of gcovr: write Cobertura XML (--xml)'],
  [/^\s*\{\s*"total":\s*\{\s*"lines":/, 'this is a summary: write coverage-final.json or lcov (reporter json or lcov)'],
  [/^\s*\{\s*"tests":\s*\d+,\s*"failures":/, 'this is JSON of googletest: write JUnit XML (--gtest_output=xml)'],
  [/^\s*\[\s*\{\s*"filePath":/, 'this is JSON of ESLint: write SARIF (-f @microsoft/eslint-formatter-sarif)'],
]

/** What to ask a tool for instead of a report that no format reads; undefined where the report is not known either. */
export const insteadOf = (text: string): string | undefined =>
  ROOTS.get(rootOf(text) ?? '') ?? BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1]
