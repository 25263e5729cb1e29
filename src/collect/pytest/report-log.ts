import { objectOf } from '#collect/scan/json-file.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { parseJson } from '#collect/scan/json.ts'
import type { LineHandler } from '#collect/scan/lines.ts'
import { Incomplete, LineError, lineParser } from '#collect/scan/lines.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { MAX_NAME } from '#collect/test-results/cases.ts'
import { itemsIn, numberIn, objectIn, sumOf, textIn, wordOf } from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'
import { lastLine } from './json-report.ts'
import { readNodeId, suiteOf, troubleOf } from './node-id.ts'

/** What `pytest --report-log` writes, a line for each stage of each test: https://pypi.org/project/pytest-reportlog */
export const reportLogReader = (properties: readonly string[] = []): ByteParser<TestReport> =>
  decoding(lineParser(new ReportLog(properties)))

interface Test {
  status: CaseStatus
  seconds: number | undefined
  message: string | undefined
  /** Its call was seen, or what kept it from that. */
  hasRun: boolean
  properties: Map<string, string> | undefined
}

const MAX_OPEN = 100_000
const NOT_REPEATED: Test = {
  status: 'errored',
  seconds: undefined,
  message: 'it failed, and did not run again',
  hasRun: true,
  properties: undefined,
}

class ReportLog implements LineHandler<TestReport> {
  readonly #builder = new TestReportBuilder()
  readonly #keep: ReadonlySet<string>
  readonly #open = new Map<string, Test>()
  /** Tests of which a run failed and is to be repeated. */
  readonly #rerun = new Set<string>()
  #hasBegun = false
  #hasEnded = false

  constructor(keep: readonly string[]) {
    this.#keep = new Set(keep)
  }

  line(text: string): void {
    if (text.trim() === '') return
    const entry = objectOf(parseJson(text), 'an entry')
    const type = wordOf(entry, '$report_type')
    if (type === 'SessionStart') {
      if (this.#hasBegun) throw new LineError('a second session: the file holds more than one')
      this.#hasBegun = true
    } else if (!this.#hasBegun) throw new LineError('the first entry is no SessionStart')
    else if (type === 'TestReport') this.#stage(entry)
    else if (type === 'CollectReport') this.#collected(entry)
    else if (type === 'SessionFinish') this.#finish(entry)
  }

  end(): TestReport {
    if (!this.#hasEnded) throw new Incomplete('there is no SessionFinish')
    return this.#builder.end()
  }

  #collected(entry: JsonObject): void {
    if (textIn(entry, 'outcome') !== 'failed') return
    const id = textIn(entry, 'nodeid') ?? ''
    this.#builder.fail(this.#builder.suite(id, { file: id.split('::', 1)[0] ?? '' }), messageOf(entry) ?? 'it was not collected')
  }

  #stage(entry: JsonObject): void {
    const id = wordOf(entry, 'nodeid')
    let test = this.#open.get(id)
    if (!test) {
      if (id.length > MAX_NAME) throw new LineError(`a name longer than ${MAX_NAME} characters`)
      if (this.#open.size >= MAX_OPEN) throw new LineError(`more than ${MAX_OPEN} tests that run at once`)
      test = { status: 'passed', seconds: undefined, message: undefined, hasRun: false, properties: undefined }
      this.#open.set(id, test)
    }
    const when = textIn(entry, 'when')
    const outcome = wordOf(entry, 'outcome')
    test.seconds = sumOf(test.seconds, numberIn(entry, 'duration'))
    this.#properties(entry, test)
    test.hasRun ||= when !== 'teardown' && (when !== 'setup' || outcome !== 'passed')
    if (outcome === 'rerun') {
      // The plug-in leaves the rest of this run out, and starts again.
      this.#rerun.add(id)
      this.#open.delete(id)
      return
    }
    if (outcome === 'failed') {
      test.status = when === 'call' && test.status !== 'errored' ? 'failed' : 'errored'
      test.message ??= messageOf(entry)
    } else if (outcome === 'skipped') {
      if (test.status === 'passed') test.status = 'skipped'
      test.message ??= textIn(entry, 'wasxfail') ?? messageOf(entry)
    } else if (outcome !== 'passed') throw new LineError(`the outcome ${JSON.stringify(outcome.slice(0, 40))} is not known`)
    if (when === 'setup' || when === 'call') return
    this.#open.delete(id)
    if (test.hasRun) this.#add(id, test)
    else if (!this.#rerun.has(id)) this.#add(id, { ...test, status: 'errored', message: test.message ?? 'its call is not there' })
  }

  #add(id: string, { status, seconds, message, properties }: Test): void {
    const parts = readNodeId(id)
    this.#builder.add(suiteOf(this.#builder, parts), {
      name: parts.name,
      file: parts.file,
      status,
      flaky: this.#rerun.delete(id) && status === 'passed',
      seconds,
      message,
      properties,
    })
  }

  #finish(entry: JsonObject): void {
    this.#hasEnded = true
    for (const [id, test] of this.#open) this.#add(id, { ...test, status: 'errored', message: test.message ?? 'it did not end' })
    for (const id of this.#rerun) {
      if (!this.#open.has(id)) this.#add(id, NOT_REPEATED)
    }
    this.#open.clear()
    const trouble = troubleOf(numberIn(entry, 'exitstatus'))
    const { failed, errored } = this.#builder.listed
    if (trouble !== undefined && failed + errored + this.#builder.admitted.failed === 0) this.#builder.fail(0, trouble)
  }

  #properties(entry: JsonObject, test: Test): void {
    if (this.#keep.size === 0) return
    for (const item of itemsIn(entry, 'user_properties')) {
      const [key, value] = item.kind === 'array' ? item.items.map(plainText) : []
      if (key !== undefined && value !== undefined && this.#keep.has(key)) (test.properties ??= new Map()).set(key, value.slice(0, 1 << 14))
    }
  }
}

const plainText = (json: Json): string | undefined =>
  json.kind === 'string' ? json.value : json.kind === 'number' || json.kind === 'boolean' ? String(json.value) : undefined

/** The reason of a skip, or what the crash said. */
function messageOf(entry: JsonObject): string | undefined {
  const longrepr = entry.entries.get('longrepr')
  if (longrepr?.kind === 'string') return lastLine(longrepr.value)
  if (longrepr?.kind === 'array') {
    const last = longrepr.items.at(-1)
    return last?.kind === 'string' ? last.value : undefined
  }
  return longrepr?.kind === 'object'
    ? (textIn(objectIn(longrepr, 'reprcrash'), 'message') ?? lastLine(textIn(longrepr, 'longrepr')))
    : undefined
}
