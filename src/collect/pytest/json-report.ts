import { arrayOf, jsonFile, memberOf, objectOf } from '#collect/scan/json-file.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { addPlaced, countIn, itemsIn, numberIn, objectIn, placed, statusOf, sumOf, textIn, wordOf } from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { readNodeId, suiteOf, troubleOf } from './node-id.ts'

/** What the plug-in pytest-json-report writes: https://pypi.org/project/pytest-json-report */
export const jsonReportReader = (): ByteParser<TestReport> => jsonFile(readJsonReport)

const STATUSES = {
  passed: 'passed',
  failed: 'failed',
  error: 'errored',
  skipped: 'skipped',
  // It failed as expected: no failure, and no pass either.
  xfailed: 'skipped',
  xpassed: 'passed',
  rerun: 'failed',
} as const satisfies Record<string, CaseStatus>

const STAGES = ['setup', 'call', 'teardown'] as const

function readJsonReport(json: Json): TestReport {
  const run = objectOf(json, 'the document')
  const summary = objectOf(memberOf(run, 'summary', 'the document'), 'summary')
  const builder = new TestReportBuilder()
  for (const item of arrayOf(memberOf(run, 'tests', 'the document'), 'tests').items) readTest(builder, objectOf(item, 'a test'))
  placed(run, () => {
    for (const item of itemsIn(run, 'collectors')) {
      if (item.kind !== 'object' || textIn(item, 'outcome') !== 'failed') continue
      const id = textIn(item, 'nodeid') ?? ''
      builder.fail(builder.suite(id, { file: id.split('::', 1)[0] ?? '' }), lastLine(textIn(item, 'longrepr')) ?? 'it was not collected')
    }
    builder.totals({
      tests: countIn(summary, 'total'),
      failed: sumOf(countIn(summary, 'failed'), countIn(summary, 'error')),
      skipped: sumOf(countIn(summary, 'skipped'), countIn(summary, 'xfailed')),
    })
    const trouble = troubleOf(numberIn(run, 'exitcode'))
    const { failed, errored } = builder.listed
    if (trouble !== undefined && failed + errored + builder.admitted.failed === 0) builder.fail(0, trouble)
  })
  return builder.end()
}

function readTest(builder: TestReportBuilder, test: JsonObject): void {
  const id = readNodeId(wordOf(test, 'nodeid'))
  const stages = STAGES.map((stage) => objectIn(test, stage))
  const worst = stages.find((stage) => textIn(stage, 'outcome') === 'failed' || textIn(stage, 'outcome') === 'skipped')
  const status = statusOf(test, 'outcome', STATUSES)
  addPlaced(builder, test, () => suiteOf(builder, id), {
    name: id.name,
    file: id.file,
    status,
    flaky: status === 'passed' && stages.some((stage) => textIn(stage, 'outcome') === 'rerun'),
    seconds: sumOf(...stages.map((stage) => numberIn(stage, 'duration'))),
    message: textIn(objectIn(worst, 'crash'), 'message') ?? lastLine(textIn(worst, 'longrepr')),
  })
}

/** Where pytest says what happened. */
export const lastLine = (text: string | undefined): string | undefined => text?.trimEnd().split('\n').at(-1)?.replace(/^E\s+/, '')
