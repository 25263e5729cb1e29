import { arrayOf, jsonFile, memberOf, objectOf } from '#collect/scan/json-file.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import {
  addPlaced,
  countIn,
  isTrue,
  itemsIn,
  numberIn,
  placed,
  seconds,
  statusOf,
  sumOf,
  textIn,
  wordOf,
} from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'

/** What `jest --json` and vitest's reporter `json` write. */
export const jestReader = (): ByteParser<TestReport> => jsonFile(readJest)

const STATUSES = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
  focused: 'passed',
} as const satisfies Record<string, CaseStatus>

function readJest(json: Json): TestReport {
  const run = objectOf(json, 'the document')
  const builder = new TestReportBuilder()
  for (const item of arrayOf(memberOf(run, 'testResults', 'the document'), 'testResults').items)
    readFile(builder, objectOf(item, 'a test file'))
  placed(run, () => {
    if (isTrue(run, 'wasInterrupted')) builder.fail(0, 'the run was interrupted')
    builder.totals({
      tests: countIn(run, 'numTotalTests'),
      failed: countIn(run, 'numFailedTests'),
      skipped: sumOf(countIn(run, 'numPendingTests'), countIn(run, 'numTodoTests')),
    })
    const success = run.entries.get('success')
    const { failed, errored } = builder.listed
    if (success?.kind === 'boolean' && !success.value && failed + errored + builder.admitted.failed === 0) {
      builder.fail(0, 'the report says success: false, and shows no failure')
    }
  })
  return builder.end()
}

/** A file that does not load lists no test, or those it had found till then. */
function readFile(builder: TestReportBuilder, result: JsonObject): void {
  const file = wordOf(result, 'name')
  let [failed, isBroken] = [0, false]
  for (const item of arrayOf(memberOf(result, 'assertionResults', 'a test file'), 'assertionResults').items) {
    const test = objectOf(item, 'a test')
    // No test: how jest says that the file around it did not load, where several files run.
    if (textIn(test, 'status') === 'error' && !test.entries.has('title')) {
      isBroken = true
      continue
    }
    const status = statusOf(test, 'status', STATUSES)
    const messages = itemsIn(test, 'failureMessages')
    const titles = itemsIn(test, 'ancestorTitles').flatMap((title) => (title.kind === 'string' ? title.value : []))
    if (status === 'failed') failed += 1
    const [message] = messages
    addPlaced(builder, test, () => builder.suites(titles, file), {
      name: wordOf(test, 'title'),
      file,
      status,
      // jest counts the runs, vitest keeps what the failed ones said.
      flaky: status === 'passed' && ((numberIn(test, 'invocations') ?? 1) > 1 || messages.length > 0),
      seconds: seconds(numberIn(test, 'duration')),
      assertions: countIn(test, 'numPassingAsserts'),
      message: message?.kind === 'string' ? message.value : undefined,
    })
  }
  if (isBroken || (textIn(result, 'status') === 'failed' && failed === 0)) {
    placed(result, () =>
      builder.fail(builder.suite('', { file }), textIn(result, 'message')?.replace(/^\s*● [^\n]*\n/, '') || 'it failed beyond its tests'),
    )
  }
}
