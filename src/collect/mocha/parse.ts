import { arrayOf, jsonFile, memberOf, objectOf } from '#collect/scan/json-file.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { addPlaced, countIn, numberIn, objectIn, placed, seconds, textIn, wordOf } from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'

/** What mocha's reporter `json` writes. */
export const mochaReader = (): ByteParser<TestReport> => jsonFile(readMocha)

/** Hooks that fail stand in `failures` alone, not in `tests`. */
const LISTS = [
  ['passes', 'passed'],
  ['failures', 'failed'],
  ['pending', 'skipped'],
] as const satisfies readonly (readonly [string, CaseStatus])[]

function readMocha(json: Json): TestReport {
  const run = objectOf(json, 'the document')
  const stats = objectOf(memberOf(run, 'stats', 'the document'), 'stats')
  const builder = new TestReportBuilder()
  for (const [key, status] of LISTS)
    for (const item of arrayOf(memberOf(run, key, 'the document'), key).items) readTest(builder, objectOf(item, 'a test'), status)
  placed(stats, () => builder.totals({ tests: undefined, failed: countIn(stats, 'failures'), skipped: countIn(stats, 'pending') }))
  return builder.end()
}

function readTest(builder: TestReportBuilder, test: JsonObject, status: CaseStatus): void {
  const name = wordOf(test, 'title')
  const whole = textIn(test, 'fullTitle') ?? name
  const suite = whole.endsWith(name) ? whole.slice(0, whole.length - name.length).trim() : ''
  const file = textIn(test, 'file') ?? ''
  addPlaced(builder, test, () => (suite === '' ? 0 : builder.suite(suite, { file })), {
    name,
    file,
    status,
    flaky: status === 'passed' && (numberIn(test, 'currentRetry') ?? 0) > 0,
    seconds: seconds(numberIn(test, 'duration')),
    message: textIn(objectIn(test, 'err'), 'message'),
  })
}
