import type { ByteParser, TextParser } from '../text.ts'
import { decoding } from '../text.ts'
import type { Attributes, XmlHandler } from '../xml.ts'
import { createXmlParser } from '../xml.ts'

export type CaseStatus = 'passed' | 'skipped' | 'failed' | 'errored'

export interface JUnitCase {
  /** Index into `JUnitReport.suites`. */
  readonly suite: number
  readonly name: string
  readonly classname: string
  readonly file: string
  readonly status: CaseStatus
  /** It both passed and failed: the runner says so, or it stands in the report with both outcomes. */
  readonly flaky: boolean
  /** Time of all its runs; absent where no run says it. */
  readonly seconds: number | undefined
  /** First line of what the runner said of a failure or a skip. */
  readonly message: string | undefined
  readonly properties: Properties | undefined
}

export interface JUnitSuite {
  readonly name: string
  readonly file: string
  /** Index of the suite around it; the first suite, the document itself, has none. */
  readonly parent?: number
  /** Its own; those of the suites around it hold as well. */
  readonly properties: Properties
  /** Cases that the attributes of the suite, or of those inside, admit to and that are not listed. */
  readonly unlisted: { readonly failed: number; readonly skipped: number }
}

export type Properties = ReadonlyMap<string, string>

export interface JUnitReport {
  readonly suites: readonly JUnitSuite[]
  /** Distinct cases, in the order they were first met. */
  readonly cases: Iterable<JUnitCase> & { readonly size: number }
  /** Elements that repeat a case which stood before. */
  readonly repeated: number
  /** The outermost suite whose `tests` attribute differs from what it lists. */
  readonly disagreement?: { readonly suite: string; readonly says: number; readonly lists: number }
  /** Values of the properties `muster.commit` and `muster.tree` of all suites. */
  readonly commits: ReadonlySet<string>
  readonly trees: ReadonlySet<string>
}

/** Enough for the largest suites, few enough for 256 MB. */
const MAX_CASES = 500_000
const MAX_SUITES = 200_000
const MAX_NAME = 1 << 14
/** All the names of one report together, in UTF-16 units. */
const MAX_NAMES = 1 << 26
const MAX_MESSAGE = 200
const MAX_PROPERTY = 1 << 14

/**
 * A push parser for the dialects of JUnit XML: `<testcase>` in `<testsuite>` at any depth, or
 * directly in `<testsuites>`. Only the named properties are kept.
 */
export const createJUnitParser = (keep: readonly string[] = []): TextParser<JUnitReport> =>
  createXmlParser(new JUnitHandler(keep), { roots: ['testsuites', 'testsuite'], doctype: 'refused' })

export const junitReader = (keep: readonly string[] = []): ByteParser<JUnitReport> => decoding(createJUnitParser(keep))

interface OpenSuite {
  readonly index: number
  readonly place: number
  readonly said: { readonly tests?: number; readonly failed: number; readonly skipped: number }
  /** Elements met in it and in the suites inside. */
  cases: number
  failed: number
  skipped: number
  /** Cases and suites that are its own children: what some runners put into `tests`. */
  children: number
  unlisted: { failed: number; skipped: number }
}

interface OpenCase {
  readonly attributes: Attributes
  failed: boolean
  errored: boolean
  skipped: boolean
  todo: boolean
  rerun: boolean
  message?: string
  properties?: Map<string, string>
}

const NO_PROPERTIES: Properties = new Map()

type Writable<T> = { -readonly [K in keyof T]: T[K] }

class JUnitHandler implements XmlHandler<JUnitReport> {
  readonly #keep: ReadonlySet<string>
  readonly #suites: Writable<JUnitSuite>[] = []
  readonly #cases = new Cases()
  /** A number for the names of all the suites around: suites of the same names are one place. */
  readonly #places = new Map<string, number>()
  readonly #open: OpenSuite[] = []
  readonly #commits = new Set<string>()
  readonly #trees = new Set<string>()
  /** Elements around the one that is read, for what may stand where. */
  readonly #path: string[] = []
  #case: OpenCase | undefined
  #names = 0
  #disagreement: JUnitReport['disagreement']

  constructor(keep: readonly string[]) {
    this.#keep = new Set(keep)
  }

  open(name: string, attributes: Attributes): string | undefined {
    const parent = this.#path.at(-1)
    this.#path.push(name)
    if (name === 'testsuites' || name === 'testsuite') {
      if (parent !== undefined && parent !== 'testsuites' && parent !== 'testsuite') return `a <${name}> inside <${parent}>`
      return this.#openSuite(attributes)
    }
    if (name === 'testcase') {
      if (parent !== 'testsuites' && parent !== 'testsuite') return `a <testcase> inside <${parent ?? 'nothing'}>`
      if (this.#cases.size >= MAX_CASES) return `more than ${MAX_CASES} test cases`
      const tooLong = this.#count(attributes['name'] ?? '', attributes['classname'] ?? '', attributes['file'] ?? '')
      if (tooLong !== undefined) return tooLong
      this.#case = { attributes, failed: false, errored: false, skipped: false, todo: false, rerun: false }
      return undefined
    }
    if (name === 'property') return this.#property(attributes)
    if (this.#case && parent === 'testcase') this.#outcome(this.#case, name, attributes)
    return undefined
  }

  close(name: string): void {
    this.#path.pop()
    if (name === 'testcase') this.#closeCase()
    if (name === 'testsuites' || name === 'testsuite') this.#closeSuite()
  }

  end(): JUnitReport {
    return {
      suites: this.#suites,
      cases: this.#cases,
      repeated: this.#cases.repeated,
      ...(this.#disagreement && { disagreement: this.#disagreement }),
      commits: this.#commits,
      trees: this.#trees,
    }
  }

  #openSuite(attributes: Attributes): string | undefined {
    const name = attributes['name'] ?? ''
    const file = attributes['file'] ?? attributes['filepath'] ?? ''
    const parent = this.#open.at(-1)
    if (parent) parent.children += 1
    if (this.#suites.length >= MAX_SUITES) return `more than ${MAX_SUITES} test suites`
    const tooLong = this.#count(name, file)
    if (tooLong !== undefined) return tooLong
    const path = `${parent?.place ?? ''}\0${name}`
    const place = this.#places.get(path) ?? this.#places.size
    this.#places.set(path, place)
    this.#open.push({
      index: this.#suites.length,
      place,
      said: {
        ...optional('tests', count(attributes['tests'])),
        failed: (count(attributes['failures']) ?? 0) + (count(attributes['errors']) ?? 0),
        skipped: Math.max(count(attributes['skipped']) ?? 0, count(attributes['disabled']) ?? 0),
      },
      cases: 0,
      failed: 0,
      skipped: 0,
      children: 0,
      unlisted: { failed: 0, skipped: 0 },
    })
    this.#suites.push({
      name: compact(name),
      file: compact(file),
      properties: NO_PROPERTIES,
      unlisted: { failed: 0, skipped: 0 },
      ...optional('parent', parent?.index),
    })
    return undefined
  }

  /** Names are kept to the end, so there is a limit to each and to all of them. */
  #count(...names: readonly string[]): string | undefined {
    for (const name of names) {
      if (name.length > MAX_NAME) return `a name longer than ${MAX_NAME} characters`
      this.#names += name.length
    }
    return this.#names > MAX_NAMES ? `names of more than ${MAX_NAMES} characters in all` : undefined
  }

  #property(attributes: Attributes): string | undefined {
    const name = attributes['name'] ?? ''
    const value = attributes['value'] ?? ''
    if (name === 'muster.commit' || name === 'muster.tree') {
      const ids = name === 'muster.commit' ? this.#commits : this.#trees
      if (!this.#case && ids.size < 10) ids.add(value.trim().toLowerCase().slice(0, 64))
    }
    if (!this.#keep.has(name)) return undefined
    if (value.length > MAX_PROPERTY) return `the property ${name} is longer than ${MAX_PROPERTY} characters`
    this.#names += value.length
    if (this.#names > MAX_NAMES) return `names of more than ${MAX_NAMES} characters in all`
    if (this.#case) (this.#case.properties ??= new Map()).set(name, compact(value))
    else this.#setProperty(name, compact(value))
    return undefined
  }

  #setProperty(name: string, value: string): void {
    const suite = this.#suites[this.#open.at(-1)?.index ?? -1]
    if (suite) suite.properties = new Map([...suite.properties, [name, value]])
  }

  #outcome(open: OpenCase, name: string, attributes: Attributes): void {
    const suite = this.#open.at(-1)
    if (!suite) return
    if (name === 'failure' || name === 'error') {
      suite.failed += 1
      if (name === 'failure') open.failed = true
      else open.errored = true
      // Of a failing TODO the failure is what a reader asks for, not the mark.
      open.message = firstLine(attributes) ?? open.message ?? ''
    } else if (name === 'skipped' || name === 'warning') {
      if (name === 'skipped') suite.skipped += 1
      open.skipped = true
      if (attributes['type'] === 'todo') open.todo = true
      open.message ??= firstLine(attributes) ?? ''
    } else if (RERUNS.has(name)) {
      open.rerun = true
    }
  }

  #closeCase(): void {
    const open = this.#case
    const suite = this.#open.at(-1)
    this.#case = undefined
    if (!open || !suite) return
    const { name = '', classname = '', file = '', time, status: said, result } = open.attributes
    if (isOneOf(NOT_RUN_WORDS, said, result) && !open.skipped) {
      open.skipped = true
      suite.skipped += 1
    }
    if (isOneOf(FAILED_WORDS, said, result) && !open.failed && !open.errored) {
      open.failed = true
      suite.failed += 1
    }
    suite.cases += 1
    suite.children += 1
    const status = statusOf(open)
    this.#cases.add(`${suite.place}\0${classname}\0${name}\0${file}`, {
      suite: suite.index,
      status,
      flaky: open.rerun && status === 'passed',
      seconds: duration(time),
      message: status === 'passed' || !open.message ? undefined : compact(open.message),
      properties: open.properties,
    })
  }

  #closeSuite(): void {
    const suite = this.#open.pop()
    const record = suite && this.#suites[suite.index]
    if (!suite || !record) return
    const { said } = suite
    record.unlisted = {
      failed: Math.max(suite.unlisted.failed, said.failed - suite.failed),
      skipped: Math.max(suite.unlisted.skipped, said.skipped - suite.skipped),
    }
    if (said.tests !== undefined && said.tests !== suite.cases && said.tests !== suite.children) {
      this.#disagreement = { suite: record.name, says: said.tests, lists: suite.cases }
    }
    const parent = this.#open.at(-1)
    if (!parent) return
    parent.cases += suite.cases
    parent.failed += suite.failed
    parent.skipped += suite.skipped
    parent.unlisted.failed += record.unlisted.failed
    parent.unlisted.skipped += record.unlisted.skipped
  }
}

/**
 * All cases met so far. There can be hundreds of thousands, most of them passed: a string of its
 * names and three numbers each, and objects only for those who look.
 */
class Cases {
  readonly #indices = new Map<string, number>()
  readonly #statuses: number[] = []
  readonly #suites: number[] = []
  readonly #seconds: number[] = []
  readonly #flaky = new Set<number>()
  readonly #messages = new Map<number, string>()
  readonly #properties = new Map<number, Properties>()
  repeated = 0

  get size(): number {
    return this.#statuses.length
  }

  add(key: string, one: Omit<JUnitCase, 'name' | 'classname' | 'file'>): void {
    const index = this.#indices.get(key)
    const rank = STATUSES.indexOf(one.status)
    if (index !== undefined) return this.#join(index, rank, one)
    const added = this.size
    this.#indices.set(compact(key), added)
    this.#statuses.push(rank)
    this.#suites.push(one.suite)
    this.#seconds.push(one.seconds ?? Number.NaN)
    if (one.flaky) this.#flaky.add(added)
    if (one.message !== undefined) this.#messages.set(added, one.message)
    if (one.properties) this.#properties.set(added, one.properties)
  }

  /** Repeats are retries or namesakes, and the report does not say which: the worst outcome stands. */
  #join(index: number, rank: number, one: Pick<JUnitCase, 'flaky' | 'message' | 'seconds'>): void {
    this.repeated += 1
    const known = this.#statuses[index] ?? PASSED
    if (one.flaky || (known >= FAILED && rank === PASSED) || (known === PASSED && rank >= FAILED)) this.#flaky.add(index)
    if (rank > known) {
      this.#statuses[index] = rank
      if (one.message !== undefined) this.#messages.set(index, one.message)
    }
    const seconds = this.#seconds[index] ?? Number.NaN
    if (one.seconds !== undefined) this.#seconds[index] = Number.isNaN(seconds) ? one.seconds : seconds + one.seconds
  }

  *[Symbol.iterator](): Generator<JUnitCase> {
    for (const [key, index] of this.#indices) {
      const [, classname = '', name = '', file = ''] = key.split('\0', 4)
      const seconds = this.#seconds[index] ?? Number.NaN
      yield {
        suite: this.#suites[index] ?? 0,
        name,
        classname,
        file,
        status: STATUSES[this.#statuses[index] ?? 0] ?? 'passed',
        flaky: this.#flaky.has(index),
        seconds: Number.isNaN(seconds) ? undefined : seconds,
        message: this.#messages.get(index),
        properties: this.#properties.get(index),
      }
    }
  }
}

/** From best to worst. */
const STATUSES = ['passed', 'skipped', 'failed', 'errored'] as const satisfies readonly CaseStatus[]
const PASSED = 0
const FAILED = 2

const RERUNS: ReadonlySet<string> = new Set(['flakyFailure', 'flakyError', 'rerunFailure', 'rerunError'])
const NOT_RUN_WORDS: ReadonlySet<string> = new Set(['notrun', 'suppressed', 'skipped', 'disabled', 'ignored', 'pending'])
const FAILED_WORDS: ReadonlySet<string> = new Set(['failed', 'failure', 'fail', 'error'])

export const isBad = (status: CaseStatus): boolean => status === 'failed' || status === 'errored'

/** A TODO may fail without failing the run; it has not passed either. */
function statusOf({ failed, errored, skipped, todo }: OpenCase): CaseStatus {
  if (todo) return 'skipped'
  if (errored) return 'errored'
  if (failed) return 'failed'
  return skipped ? 'skipped' : 'passed'
}

const isOneOf = (words: ReadonlySet<string>, ...said: readonly (string | undefined)[]): boolean =>
  said.some((word) => word !== undefined && words.has(word.toLowerCase()))

function firstLine(attributes: Attributes): string | undefined {
  const message = (attributes['message'] ?? attributes['type'])?.slice(0, 4 * MAX_MESSAGE).trimStart()
  return message?.split('\n', 1)[0]?.trimEnd().slice(0, MAX_MESSAGE)
}

/** A whole number of at most nine digits; anything else says nothing. */
const count = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined)

/** Seconds, with thousands separated by commas as some runners write them. */
function duration(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 40) return undefined
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
  if (!/^\d+(\.\d*)?(e[-+]?\d{1,2})?$/i.test(plain)) return undefined
  const seconds = Number(plain)
  return seconds <= MAX_SECONDS ? seconds : undefined
}

/** Some ten years: more is no duration of a test. */
const MAX_SECONDS = 3e8

/** The same text in memory of its own: a slice of a chunk keeps the whole chunk alive. */
const compact = (text: string): string => ` ${text}`.slice(1)

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V })
}
