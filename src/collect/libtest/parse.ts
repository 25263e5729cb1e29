import { objectOf } from '#collect/scan/json-file.ts'
import type { JsonObject } from '#collect/scan/json.ts'
import { parseJson } from '#collect/scan/json.ts'
import type { LineHandler } from '#collect/scan/lines.ts'
import { Incomplete, LineError, lineParser } from '#collect/scan/lines.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { compact, MAX_NAME } from '#collect/test-results/cases.ts'
import { countIn, isTrue, numberIn, textIn, wordOf } from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'

/**
 * What `cargo test -- -Z unstable-options --format json` and nextest's `libtest-json` write, alone,
 * with cargo's own JSON messages, or with what cargo prints among it.
 */
export const libtestReader = (): ByteParser<TestReport> => decoding(lineParser(new Libtest()))

interface Suite {
  /** From what cargo printed before it, where that is in the file. */
  readonly name: string
  readonly expected: number | undefined
  readonly tests: Map<string, Attempt[]>
}

interface Attempt {
  readonly status: CaseStatus
  readonly seconds: number | undefined
  readonly message: string | undefined
}

function isTestBinary(event: JsonObject): boolean {
  const profile = event.entries.get('profile')
  return profile?.kind === 'object' && isTrue(profile, 'test') && textIn(event, 'executable') !== undefined
}

const RESULTS: Readonly<Record<string, CaseStatus>> = { ok: 'passed', failed: 'failed', ignored: 'skipped' }
const MAX_TESTS = 200_000

class Libtest implements LineHandler<TestReport> {
  readonly #builder = new TestReportBuilder()
  /** How often a name stood in a suite without a name. */
  readonly #namesakes = new Map<string, number>()
  #suite: Suite | undefined
  #next = ''
  #suites = 0
  /** Test binaries that cargo says it built, where its messages are in the file: each of them runs as a suite. */
  #built = 0
  #brokenBuild: string | undefined
  #compilerSaid: string | undefined

  line(text: string): void {
    if (!text.startsWith('{')) return this.#plain(text)
    const event = objectOf(parseJson(text), 'an event')
    // Messages of cargo, of which only the end of the build matters.
    const reason = textIn(event, 'reason')
    if (reason !== undefined) {
      if (reason === 'compiler-message') this.#compilerMessage(event)
      if (reason === 'compiler-artifact' && isTestBinary(event)) this.#built += 1
      if (reason === 'build-finished' && !isTrue(event, 'success')) this.#brokenBuild = this.#compilerSaid ?? 'the build failed'
      return
    }
    const type = wordOf(event, 'type')
    if (type === 'suite') this.#suiteEvent(event)
    else if (type === 'test') this.#testEvent(event)
    else if (type === 'bench') this.#test(textIn(event, 'name') ?? '')
    else if (type !== 'report') throw new LineError(`the type ${JSON.stringify(type.slice(0, 40))} is not known`)
  }

  end(): TestReport {
    if (this.#suite) throw new Incomplete('the last suite has no result')
    if (this.#brokenBuild !== undefined) this.#builder.fail(0, this.#brokenBuild)
    else if (this.#suites < this.#built) throw new Incomplete(`cargo built ${this.#built} test binaries, and ${this.#suites} have a result`)
    else if (this.#suites === 0) throw new LineError("no line is an event of Rust's test runner")
    return this.#builder.end()
  }

  #plain(text: string): void {
    const running = /^\s+Running (?:unittests )?(\S+) \(.*?([^/\\\s]+)-[0-9a-f]{16}(?:\.exe)?\)$/.exec(text)
    if (running) this.#next = `${running[2]} ${running[1]}`
    const docs = /^\s+Doc-tests (\S+)$/.exec(text)
    if (docs) this.#next = `${docs[1]} doc-tests`
    if (text.startsWith('error: could not compile ')) this.#brokenBuild ??= this.#compilerSaid ?? text
    else if (/^error(?:\[E\d+\])?: /.test(text) && !text.startsWith('error: test failed')) this.#compilerSaid ??= text.slice(0, 400)
  }

  #compilerMessage(event: JsonObject): void {
    const message = event.entries.get('message')
    if (message?.kind !== 'object' || textIn(message, 'level') !== 'error') return
    this.#compilerSaid ??= textIn(message, 'message')?.slice(0, 400)
  }

  #suiteEvent(event: JsonObject): void {
    const kind = wordOf(event, 'event')
    if (kind === 'started') {
      if (this.#suite)
        throw new LineError('the suite before this one has no end: its test binary crashed, or the outputs of several are mixed')
      this.#suites += 1
      this.#suite = { name: this.#next, expected: countIn(event, 'test_count'), tests: new Map() }
      this.#next = ''
    } else if (kind === 'ok' || kind === 'failed') {
      this.#endSuite(kind === 'failed', event)
    } else {
      throw new LineError(`a suite has the event ${JSON.stringify(kind.slice(0, 40))}, which is not known`)
    }
  }

  #testEvent(event: JsonObject): void {
    const kind = wordOf(event, 'event')
    const attempts = this.#test(wordOf(event, 'name'))
    // One that takes long is only remarked on.
    if (kind === 'started' || kind === 'timeout') return
    const status = Object.hasOwn(RESULTS, kind) ? RESULTS[kind] : undefined
    if (status === undefined) throw new LineError(`a test has the event ${JSON.stringify(kind.slice(0, 40))}, which is not known`)
    const printed = textIn(event, 'stdout')
    const panic = printed === undefined ? undefined : /panicked at [^\n]*:\n([^\n]*)/.exec(printed)?.[1]
    const message = textIn(event, 'reason') ?? textIn(event, 'message') ?? panic ?? printed
    attempts.push({
      status,
      seconds: numberIn(event, 'exec_time'),
      message: message === undefined ? undefined : compact(message.slice(0, 400)),
    })
  }

  #test(name: string): Attempt[] {
    if (!this.#suite) throw new LineError('a test stands outside of any suite')
    const { tests } = this.#suite
    // nextest runs a test again under its name with the number of the attempt.
    const plain = name.replace(/#\d{1,3}$/, '')
    let attempts = tests.get(plain)
    if (!attempts) {
      if (plain.length > MAX_NAME) throw new LineError(`a name longer than ${MAX_NAME} characters`)
      if (tests.size >= MAX_TESTS) throw new LineError(`more than ${MAX_TESTS} tests in a suite`)
      attempts = []
      tests.set(plain, attempts)
    }
    return attempts
  }

  #endSuite(hasFailed: boolean, event: JsonObject): void {
    const suite = this.#suite
    if (!suite) throw new LineError('a suite ends that has not started')
    this.#suite = undefined
    let [failed, skipped] = [0, 0]
    for (const [name, attempts] of suite.tests) {
      const [parts, last] = [/^(.{1,500}?)\$(.+)$/.exec(name), attempts.at(-1)]
      const status = last?.status ?? 'errored'
      if (status === 'skipped') skipped += 1
      else if (status !== 'passed') failed += 1
      // Without the name of its binary a suite is told from the others by what is in it.
      const nth = suite.name === '' && !parts ? this.#nth(name) : 1
      const names = [parts?.[1] ?? suite.name, nth > 1 ? `suite ${nth}` : ''].filter((part) => part !== '')
      this.#builder.add(this.#builder.suites(names), {
        name: parts?.[2] ?? name,
        status,
        flaky: status === 'passed' && attempts.some((one) => one.status === 'failed'),
        seconds: last?.seconds,
        message: last === undefined ? 'it did not end' : last.message,
      })
    }
    const index = suite.name === '' ? 0 : this.#builder.suite(suite.name)
    const said = { failed: countIn(event, 'failed') ?? 0, skipped: countIn(event, 'ignored') ?? 0 }
    if (hasFailed && failed === 0 && said.failed === 0) this.#builder.fail(index, 'the suite failed')
    this.#builder.admit({ failed: Math.max(0, said.failed - failed), skipped: Math.max(0, said.skipped - skipped) }, index)
    if (suite.expected !== undefined) this.#builder.expect(suite.name, suite.expected, suite.tests.size)
  }

  #nth(name: string): number {
    const count = (this.#namesakes.get(name) ?? 0) + 1
    this.#namesakes.set(name, count)
    return count
  }
}
