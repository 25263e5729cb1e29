import { arrayOf, jsonFile, memberOf, objectOf } from '#collect/scan/json-file.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import {
  addPlaced,
  countIn,
  isTrue,
  itemsIn,
  numberIn,
  objectIn,
  placed,
  seconds,
  statusOf,
  sumOf,
  textIn,
  wordOf,
} from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'

/** Common Test Report Format: https://ctrf.io/docs/specification/overview */
export const ctrfReader = (): ByteParser<TestReport> => jsonFile(readCtrf)

/** What did not run to an end has not passed. */
const STATUSES = { passed: 'passed', failed: 'failed', skipped: 'skipped', pending: 'skipped', other: 'skipped' } as const satisfies Record<
  string,
  CaseStatus
>

function readCtrf(json: Json): TestReport {
  const results = objectOf(memberOf(objectOf(json, 'the document'), 'results', 'the document'), 'results')
  const summary = objectOf(memberOf(results, 'summary', 'results'), 'summary')
  const builder = new TestReportBuilder()
  for (const item of arrayOf(memberOf(results, 'tests', 'results'), 'tests').items) readTest(builder, objectOf(item, 'a test'))
  placed(results, () => {
    const failed = countIn(summary, 'failed')
    const skipped = sumOf(countIn(summary, 'skipped'), countIn(summary, 'pending'), countIn(summary, 'other'))
    builder.totals({ tests: countIn(summary, 'tests'), failed, skipped })
  })
  builder.commit(textIn(objectIn(results, 'environment'), 'commit'))
  return builder.end()
}

function readTest(builder: TestReportBuilder, test: JsonObject): void {
  const status = statusOf(test, 'status', STATUSES)
  const raw = textIn(test, 'rawStatus')
  const isRetried = (numberIn(test, 'retries') ?? 0) > 0 || itemsIn(test, 'retryAttempts').some(hasFailed)
  addPlaced(builder, test, () => builder.suites(suitesOf(test)), {
    name: wordOf(test, 'name'),
    file: textIn(test, 'filePath'),
    status,
    flaky: status === 'passed' && (isRetried || isTrue(test, 'flaky')),
    seconds: seconds(numberIn(test, 'duration')),
    message: textIn(test, 'message') ?? (status === 'skipped' ? raw : undefined),
  })
}

const hasFailed = (attempt: Json): boolean => attempt.kind === 'object' && textIn(attempt, 'status') === 'failed'

/** A list of names since version 1, one text with the names joined before. */
function suitesOf(test: JsonObject): readonly string[] {
  const suite = test.entries.get('suite')
  if (suite === undefined || suite.kind === 'null') return []
  if (suite.kind === 'string') return suite.value.split(' > ')
  return arrayOf(suite, 'suite').items.map((name) => {
    if (name.kind !== 'string') throw new JsonError('a name of a suite is no text', name.at)
    return name.value
  })
}
