import { objectOf } from '#collect/scan/json-file.ts'
import { parseJson } from '#collect/scan/json.ts'
import type { LineHandler } from '#collect/scan/lines.ts'
import { Incomplete, LineError, lineParser } from '#collect/scan/lines.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { compact, MAX_NAME } from '#collect/test-results/cases.ts'
import { numberIn, textIn } from '#collect/test-results/json.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'

/** What `go test -json` writes: https://pkg.go.dev/cmd/test2json. Nothing is held but the packages that run. */
export const goTestReader = (): ByteParser<TestReport> => decoding(lineParser(new GoTest()))

interface Test {
  readonly outcomes: { readonly status: CaseStatus; readonly seconds: number | undefined }[]
  runs: number
  /** It has subtests, so it is a suite rather than a case. */
  isParent: boolean
  message: string | undefined
  isTelling: boolean
}

interface Package {
  readonly tests: Map<string, Test>
  message: string | undefined
}

/**
 * An output line as test2json itself writes it; most lines of a report are of this form, and what
 * they say matters little. Anything that differs is read as any JSON is.
 */
const OUTPUT =
  // oxlint-disable-next-line no-control-regex -- JSON allows none of them in a string
  /^\{"Time":"[^"\\]{1,40}","Action":"output","Package":"([^"\\\u0000-\u001f]*)"(?:,"Test":"((?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*)")?,"Output":"((?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*)"\}$/

const RESULTS: Readonly<Record<string, CaseStatus>> = { pass: 'passed', fail: 'failed', skip: 'skipped' }
const NO_RESULT: ReadonlySet<string> = new Set(['start', 'pause', 'cont', 'bench', 'attr', 'artifacts'])
const MAX_OPEN = 100_000
/** An expression that goes back and forth needs room for each character. */
const MAX_PLAIN = 1 << 16

class GoTest implements LineHandler<TestReport> {
  readonly #builder = new TestReportBuilder()
  readonly #open = new Map<string, Package>()
  /** First error that a build printed, by import path. */
  readonly #builds = new Map<string, string>()
  readonly #ended = new Set<string>()
  #openTests = 0
  #events = 0
  #results = 0
  #failures = 0
  #hasFailedBuild = false
  #said: string | undefined

  line(text: string): void {
    if (!text.startsWith('{')) return this.#plain(text)
    const output = text.length <= MAX_PLAIN ? OUTPUT.exec(text) : undefined
    this.#events += 1
    if (output) return this.#output(output[1] ?? '', output[2], output[3] ?? '')
    const event = objectOf(parseJson(text), 'an event')
    const action = textIn(event, 'Action')
    if (action === undefined) throw new LineError('an event has no Action')
    if (action === 'build-output') return this.#buildOutput(textIn(event, 'ImportPath') ?? '', textIn(event, 'Output') ?? '')
    if (action === 'build-fail') {
      this.#hasFailedBuild = true
      return
    }
    const name = textIn(event, 'Package')
    const test = textIn(event, 'Test')
    if (name === undefined) throw new LineError('an event has no Package')
    if (action === 'output') return this.#output(name, test === undefined ? undefined : quoted(test), quoted(textIn(event, 'Output') ?? ''))
    if (action === 'run' && test !== undefined) return this.#run(name, test)
    const status = Object.hasOwn(RESULTS, action) ? RESULTS[action] : undefined
    if (status === undefined) {
      if (!NO_RESULT.has(action)) throw new LineError(`the Action ${JSON.stringify(action.slice(0, 40))} is not known`)
      this.#package(name)
    } else if (test === undefined) {
      this.#end(name, status, this.#builds.get(textIn(event, 'FailedBuild') ?? ''))
    } else {
      this.#test(name, test).outcomes.push({ status, seconds: numberIn(event, 'Elapsed') })
    }
  }

  end(): TestReport {
    if (this.#events === 0 && this.#failures === 0) throw new LineError('no line is an event of go test -json')
    const [unfinished] = this.#open.keys()
    if (unfinished !== undefined) throw new Incomplete(`package ${unfinished.slice(0, 200)} has no result`)
    if (this.#results + this.#failures === 0) throw new Incomplete('no package has a result')
    const [error] = this.#builds.values()
    if (this.#hasFailedBuild && this.#failures === 0) this.#builder.fail(0, error ?? 'a build failed')
    else if (error !== undefined && this.#failures === 0)
      throw new Incomplete(`a build that printed an error has no end: ${error.slice(0, 200).trim()}`)
    return { ...this.#builder.end(), ended: this.#ended }
  }

  /** Lines of the go command itself, which are no JSON: a build that failed has no other trace. */
  #plain(text: string): void {
    const failed = /^FAIL\s+(\S+)(?:\s+(?:\[(.{1,100})\]|[\d.]+s))?$/.exec(text)
    if (failed) {
      this.#failures += 1
      const [, name = '', why = 'failed'] = failed
      this.#open.delete(name)
      this.#hasEnded(name)
      this.#builder.fail(this.#builder.suite(name), this.#said === undefined ? why : `${why}: ${this.#said}`)
      this.#said = undefined
    } else if (/^[^\s:]+\.go:\d+(?::\d+)?: /.test(text)) this.#said ??= compact(text.slice(0, 400))
  }

  #hasEnded(name: string): void {
    if (this.#ended.size >= MAX_OPEN) throw new LineError(`more than ${MAX_OPEN} packages`)
    this.#ended.add(compact(name))
  }

  #buildOutput(path: string, output: string): void {
    if (this.#builds.size < 1_000 && !this.#builds.has(path) && /\.go:\d+(?!.*warning:)/.test(output))
      this.#builds.set(path, compact(output.slice(0, 400)))
  }

  #package(name: string): Package {
    let found = this.#open.get(name)
    if (!found) {
      if (name.length > MAX_NAME) throw new LineError(`a name longer than ${MAX_NAME} characters`)
      if (this.#open.size >= MAX_OPEN) throw new LineError(`more than ${MAX_OPEN} packages that run at once`)
      found = { tests: new Map(), message: undefined }
      this.#open.set(name, found)
    }
    return found
  }

  #test(name: string, test: string): Test {
    const { tests } = this.#package(name)
    let found = tests.get(test)
    if (!found) {
      if (test.length > MAX_NAME) throw new LineError(`a name longer than ${MAX_NAME} characters`)
      this.#openTests += 1
      if (this.#openTests > 5 * MAX_OPEN) throw new LineError(`more than ${5 * MAX_OPEN} tests that run at once`)
      found = { outcomes: [], runs: 0, isParent: false, message: undefined, isTelling: false }
      tests.set(test, found)
      for (let slash = test.indexOf('/'); slash >= 0; slash = test.indexOf('/', slash + 1)) {
        const parent = tests.get(test.slice(0, slash))
        if (parent) parent.isParent = true
      }
    }
    return found
  }

  #run(name: string, test: string): void {
    this.#test(name, test).runs += 1
  }

  /** Keeps the first line that tells of a failure, or else the first that the test printed. Names and output are still escaped. */
  #output(name: string, test: string | undefined, output: string): void {
    const { tests } = this.#package(name)
    if (test === undefined) {
      const found = this.#package(name)
      if (/^(?:FAIL\\t|panic:|exit status)|\[(?:build|setup) failed\]/.test(output) || found.message === undefined)
        found.message = compact(output.slice(0, 400))
      return
    }
    const found = tests.get(test.includes('\\') ? unquoted(test) : test)
    if (!found || found.isTelling) return
    if (/^\s*(?:===|---)|^\s*\\n$/.test(output)) return
    found.isTelling = /^(?:panic: |\s*\S+\.go:\d+: )/.test(output)
    if (found.isTelling || found.message === undefined) found.message = compact(output.slice(0, 800))
  }

  #end(name: string, status: CaseStatus, build: string | undefined): void {
    const found = this.#package(name)
    this.#results += 1
    this.#open.delete(name)
    this.#hasEnded(name)
    this.#openTests -= found.tests.size
    const suite = (): number => this.#builder.suite(name)
    const blamed = parentsOfFailing(found)
    let failed = 0
    for (const [test, { outcomes, runs, isParent, message }] of found.tests) {
      const said = message === undefined ? undefined : unquoted(message)
      for (const { status: one, seconds } of outcomes) {
        if (one === 'failed') failed += 1
        // What fails with a subtest is counted there.
        if (isParent && (one === 'passed' || (one === 'failed' && blamed.has(test)))) continue
        this.#builder.add(suite(), { name: test, status: one, seconds, message: said })
      }
      // A benchmark has no result of its own.
      if (runs <= outcomes.length || test.startsWith('Benchmark') || blamed.has(test)) continue
      failed += 1
      this.#builder.add(suite(), { name: test, status: 'errored', message: said ?? 'it did not end' })
    }
    if (status !== 'failed') return
    this.#failures += 1
    if (failed === 0) this.#builder.fail(suite(), build ?? (found.message === undefined ? 'failed' : unquoted(found.message)))
  }
}

/** Names of the tests within which another one failed or did not end. */
function parentsOfFailing({ tests }: Package): ReadonlySet<string> {
  const parents = new Set<string>()
  for (const [name, { outcomes, runs }] of tests) {
    if (runs <= outcomes.length && !outcomes.some(({ status }) => status === 'failed')) continue
    for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
      const parent = name.slice(0, slash)
      if (parents.has(parent)) break
      parents.add(parent)
    }
  }
  return parents
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1)

/** A piece of a JSON string as text; what was cut within an escape loses it. */
function unquoted(text: string): string {
  for (let cut = 0; cut <= 6; cut += 1) {
    try {
      return JSON.parse(`"${text.slice(0, text.length - cut)}"`) as string
    } catch {
      // The escape may be longer.
    }
  }
  return text
}
