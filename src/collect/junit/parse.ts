import type { CaseOutcome, CaseStatus, TestReport, TestSuite } from '#collect/test-results/cases.ts'
import {
  Cases,
  firstLine,
  MAX_CASES,
  MAX_NAME,
  MAX_NAMES,
  MAX_SECONDS,
  MAX_SUITES,
  NO_PROPERTIES,
  Places,
} from '#collect/test-results/cases.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import type { ScanHandler, StartTag } from '#collect/scan/xml.ts'
import { xmlScanner } from '#collect/scan/xml.ts'

const MAX_PROPERTY = 1 << 14

/**
 * A push parser for the dialects of JUnit XML: `<testcase>` in `<testsuite>` at any depth, or
 * directly in `<testsuites>`. Only the named properties are kept.
 */
export const junitReader = (keep: readonly string[] = []): ByteParser<TestReport> =>
  xmlScanner(new JUnitHandler(keep), { roots: ['testsuites', 'testsuite'], doctype: 'refused' })

/** The numbers that the scanner gives them. */
const ELEMENTS = [
  'testsuites',
  'testsuite',
  'testcase',
  'property',
  'failure',
  'error',
  'skipped',
  'warning',
  'flakyFailure',
  'flakyError',
  'rerunFailure',
  'rerunError',
] as const
const [SUITES, SUITE, CASE, PROPERTY, FAILURE, ERROR, SKIPPED, WARNING] = [0, 1, 2, 3, 4, 5, 6, 7]

const ATTRIBUTES = [
  'name',
  'classname',
  'file',
  'time',
  'assertions',
  'status',
  'result',
  'message',
  'type',
  'filepath',
  'tests',
  'failures',
  'errors',
  'skipped',
  'disabled',
  'value',
] as const
const [NAME, CLASSNAME, FILE, TIME, ASSERTIONS, STATUS, RESULT, MESSAGE, TYPE] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
const [FILEPATH, TESTS, FAILURES, ERRORS, SKIPS, DISABLED, VALUE] = [9, 10, 11, 12, 13, 14, 15]

interface OpenSuite {
  readonly index: number
  readonly place: number
  /** What it says of itself. */
  readonly saysTests: number | undefined
  readonly saysFailures: number
  readonly saysErrors: number
  readonly saysSkipped: number
  /** It says how many tests there are, and nothing of how they ended. */
  readonly isList: boolean
  /** Elements met in it and in the suites inside. */
  cases: number
  failed: number
  errored: number
  skipped: number
  /** Further tries of its cases. */
  reruns: number
  /** Cases and suites that are its own children: what some runners put into `tests`. */
  children: number
  /** Of the suites inside. */
  unlistedFailed: number
  unlistedSkipped: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

class JUnitHandler implements ScanHandler<TestReport> {
  readonly elements = ELEMENTS
  readonly attributes = ATTRIBUTES
  readonly #keep: ReadonlySet<string>
  readonly #suites: Writable<TestSuite>[] = []
  readonly #cases = new Cases()
  readonly #places = new Places()
  readonly #open: OpenSuite[] = []
  readonly #commits = new Set<string>()
  readonly #trees = new Set<string>()
  #names = 0
  #disagreement: TestReport['disagreements'][number] | undefined

  /** The case that is read, one object for all of them; its names are with the cases already. */
  readonly #case: Writable<CaseOutcome> = {
    suite: 0,
    status: 'passed',
    flaky: false,
    seconds: Number.NaN,
    assertions: undefined,
    message: undefined,
    properties: undefined,
  }
  #isInCase = false
  #isFailed = false
  #isErrored = false
  #isSkipped = false
  #isTodo = false
  #isRerun = false
  #isNamed = true
  #properties: Map<string, string> | undefined

  constructor(keep: readonly string[]) {
    this.#keep = new Set(keep)
  }

  open(element: number, tag: StartTag, parent: number, around: () => string): string | undefined {
    const isInSuite = parent === SUITE || parent === SUITES
    switch (element) {
      case SUITES:
      case SUITE:
        if (!isInSuite && this.#open.length > 0) return `a <${tag.name}> inside <${around()}>`
        return this.#openSuite(tag)
      case CASE:
        if (!isInSuite) return `a <testcase> inside <${around() || 'nothing'}>`
        return this.#openCase(tag)
      case PROPERTY:
        return this.#property(tag)
      default:
        if (parent === CASE && element >= 0) this.#outcome(element, tag)
        return undefined
    }
  }

  close(element: number): void {
    if (element === CASE) this.#closeCase()
    else if (element === SUITE || element === SUITES) this.#closeSuite()
  }

  end(): TestReport {
    return {
      suites: this.#suites,
      cases: this.#cases,
      repeated: this.#cases.repeated,
      disagreements: this.#disagreement ? [this.#disagreement] : [],
      commits: this.#commits,
      trees: this.#trees,
    }
  }

  #openSuite(tag: StartTag): string | undefined {
    const name = (tag.text(NAME) ?? '').replace(TIME_OF_RUN, '')
    const file = tag.text(FILE) ?? tag.text(FILEPATH) ?? ''
    const parent = this.#open.at(-1)
    if (parent) parent.children += 1
    if (this.#suites.length >= MAX_SUITES) return `more than ${MAX_SUITES} test suites`
    if (name.length > MAX_NAME || file.length > MAX_NAME) return NAME_TOO_LONG
    this.#names += name.length + file.length
    if (this.#names > MAX_NAMES) return NAMES_TOO_LONG
    this.#open.push({
      index: this.#suites.length,
      place: this.#places.of(parent?.place, name),
      saysTests: count(tag, TESTS),
      saysFailures: count(tag, FAILURES) ?? 0,
      saysErrors: count(tag, ERRORS) ?? 0,
      saysSkipped: Math.max(count(tag, SKIPS) ?? 0, count(tag, DISABLED) ?? 0),
      isList: tag.has(TESTS) && !OUTCOMES_OF_SUITE.some((one) => tag.has(one)),
      cases: 0,
      failed: 0,
      errored: 0,
      skipped: 0,
      reruns: 0,
      children: 0,
      unlistedFailed: 0,
      unlistedSkipped: 0,
    })
    const own = { name, file, properties: NO_PROPERTIES, unlisted: NONE_UNLISTED }
    this.#suites.push(parent ? { ...own, parent: parent.index } : own)
    return undefined
  }

  #openCase(tag: StartTag): string | undefined {
    if (this.#cases.size >= MAX_CASES) return `more than ${MAX_CASES} test cases`
    const bytes = tag.length(CLASSNAME) + tag.length(NAME) + tag.length(FILE)
    // A character takes three bytes at most for each of its UTF-16 units.
    if (bytes > MAX_NAME && [CLASSNAME, NAME, FILE].some((one) => (tag.text(one)?.length ?? 0) > MAX_NAME)) return NAME_TOO_LONG
    this.#names += bytes
    if (this.#names > MAX_NAMES) return NAMES_TOO_LONG
    this.#cases.begin(bytes)
    this.#keepName(tag, CLASSNAME)
    this.#keepName(tag, NAME)
    this.#keepName(tag, FILE)
    this.#isInCase = true
    this.#case.seconds = secondsOf(tag)
    this.#case.assertions = count(tag, ASSERTIONS)
    this.#case.message = undefined
    this.#isFailed = false
    this.#isErrored = false
    this.#isSkipped = false
    this.#isTodo = false
    this.#isRerun = false
    this.#properties = undefined
    this.#isNamed = tag.has(NAME)
    if (tag.has(STATUS) || tag.has(RESULT)) this.#said = [tag.text(STATUS), tag.text(RESULT)]
    return undefined
  }

  /** What the attributes of the case say; it only counts where no element inside says more. */
  #said: readonly (string | undefined)[] = []

  #keepName(tag: StartTag, attribute: number): void {
    tag.locate(attribute)
    this.#cases.bytes(tag.source, tag.from, tag.to)
  }

  #property(tag: StartTag): string | undefined {
    const name = tag.text(NAME) ?? ''
    const isOfCommit = name === 'muster.commit'
    if (!isOfCommit && name !== 'muster.tree' && !this.#keep.has(name)) return undefined
    const value = tag.text(VALUE) ?? ''
    if (isOfCommit || name === 'muster.tree') {
      const ids = isOfCommit ? this.#commits : this.#trees
      if (!this.#isInCase && ids.size < 10) ids.add(value.trim().toLowerCase().slice(0, 64))
    }
    if (!this.#keep.has(name)) return undefined
    if (value.length > MAX_PROPERTY) return `the property ${name} is longer than ${MAX_PROPERTY} characters`
    this.#names += value.length
    if (this.#names > MAX_NAMES) return NAMES_TOO_LONG
    if (this.#isInCase) (this.#properties ??= new Map()).set(name, value)
    else this.#setProperty(name, value)
    return undefined
  }

  #setProperty(name: string, value: string): void {
    const suite = this.#suites[this.#open.at(-1)?.index ?? -1]
    if (suite) suite.properties = new Map([...suite.properties, [name, value]])
  }

  #outcome(element: number, tag: StartTag): void {
    const suite = this.#open.at(-1)
    if (!suite) return
    if (element === FAILURE || element === ERROR) {
      suite.failed += 1
      if (element === FAILURE) this.#isFailed = true
      else {
        this.#isErrored = true
        suite.errored += 1
      }
      // Of a failing TODO the failure is what a reader asks for, not the mark.
      this.#case.message = firstLine(tag.text(MESSAGE) ?? tag.text(TYPE)) ?? this.#case.message ?? ''
    } else if (element === SKIPPED || element === WARNING) {
      if (element === SKIPPED) suite.skipped += 1
      this.#isSkipped = true
      const message = firstLine(tag.text(MESSAGE) ?? tag.text(TYPE)) ?? ''
      if (tag.text(TYPE) === 'todo' || message === CATCH2_TODO) this.#isTodo = true
      this.#case.message ??= message
    } else {
      this.#isRerun = true
      suite.reruns += 1
    }
  }

  #closeCase(): void {
    const suite = this.#open.at(-1)
    this.#isInCase = false
    if (!suite) return
    this.#doubt(suite)
    if (this.#said.length > 0) this.#heed(this.#said, suite)
    suite.cases += 1
    suite.children += 1
    const one = this.#case
    one.suite = suite.index
    one.status = this.#status()
    one.flaky = this.#isRerun && one.status === 'passed'
    if (one.status === 'passed' || one.message === '') one.message = undefined
    one.properties = this.#properties
    this.#cases.commit(suite.place, one)
  }

  /** What is in the report and was not seen to run. */
  #doubt(suite: OpenSuite): void {
    const one = this.#case
    if (this.#isFailed || this.#isErrored) return
    if (!this.#isNamed) {
      this.#isErrored = true
      suite.failed += 1
      suite.errored += 1
      one.message = UNFINISHED
    } else if (suite.isList && Number.isNaN(one.seconds) && one.assertions === undefined && this.#said.length === 0 && !this.#isSkipped) {
      this.#isSkipped = true
      suite.skipped += 1
      one.message = LISTED
    }
  }

  #heed(said: readonly (string | undefined)[], suite: OpenSuite): void {
    this.#said = []
    // CTest could not start it: its executable was not built.
    const { message } = this.#case
    if (said[0] === 'notrun' && this.#isSkipped && message && !message.startsWith('SKIP_')) this.#isErrored = true
    if (isOneOf(NOT_RUN_WORDS, said) && !this.#isSkipped) {
      this.#isSkipped = true
      suite.skipped += 1
    }
    if (isOneOf(FAILED_WORDS, said) && !this.#isFailed && !this.#isErrored) {
      this.#isFailed = true
      suite.failed += 1
    }
  }

  /** A TODO may fail without failing the run; it has not passed either. */
  #status(): CaseStatus {
    if (this.#isTodo) return 'skipped'
    if (this.#isErrored) return 'errored'
    if (this.#isFailed) return 'failed'
    return this.#isSkipped ? 'skipped' : 'passed'
  }

  #closeSuite(): void {
    const suite = this.#open.pop()
    const record = suite && this.#suites[suite.index]
    if (!suite || !record) return
    const { saysTests, saysFailures, saysErrors } = suite
    // Surefire 2 counts each try as a test, and as a failure.
    const tries = suite.reruns > 0 && saysTests === suite.cases + suite.reruns ? suite.reruns : 0
    // Criterion counts errors among its failures too.
    const isInclusive = saysTests === suite.cases && saysFailures === suite.failed && saysErrors <= suite.errored
    const failed = Math.max(suite.unlistedFailed, isInclusive ? 0 : saysFailures + saysErrors - suite.failed - tries)
    const skipped = Math.max(suite.unlistedSkipped, suite.saysSkipped - suite.skipped)
    if (failed > 0 || skipped > 0) record.unlisted = { failed, skipped }
    if (saysTests !== undefined && saysTests !== suite.cases + tries && saysTests !== suite.children) {
      this.#disagreement = { suite: record.name, says: saysTests, lists: suite.cases }
    }
    const parent = this.#open.at(-1)
    if (!parent) return
    parent.cases += suite.cases
    parent.failed += suite.failed
    parent.errored += suite.errored
    parent.skipped += suite.skipped
    parent.reruns += suite.reruns
    parent.unlistedFailed += failed
    parent.unlistedSkipped += skipped
  }
}

/** Beside a failure that Catch2 expects, whether by `[!mayfail]` or `[!shouldfail]`. */
const CATCH2_TODO = 'TEST_CASE tagged with !mayfail'

/** unittest-xml-reporting names its suites so, other ones in every run. */
const TIME_OF_RUN = /-\d{14}$/

/** googletest writes a list of its tests in the shape of a report. */
const OUTCOMES_OF_SUITE = [FAILURES, ERRORS, SKIPS, DISABLED, TIME]

/** pytest writes a case without a name for the test that an interrupt ended. */
const UNFINISHED = 'it has no name, as where a run was interrupted'
const LISTED = 'it is listed, and nothing says that it ran'

const NAME_TOO_LONG = `a name longer than ${MAX_NAME} characters`
const NAMES_TOO_LONG = `names of more than ${MAX_NAMES} characters in all`

const NONE_UNLISTED = { failed: 0, skipped: 0 }

const NOT_RUN_WORDS: ReadonlySet<string> = new Set(['notrun', 'suppressed', 'skipped', 'disabled', 'ignored', 'pending'])
/** Of what did not run to an end, too, where no element says more. */
const FAILED_WORDS: ReadonlySet<string> = new Set(
  'failed failure fail error errored broken crashed aborted timeout timedout interrupted canceled cancelled'.split(' '),
)

const isOneOf = (words: ReadonlySet<string>, said: readonly (string | undefined)[]): boolean =>
  said.some((word) => word !== undefined && words.has(word.toLowerCase()))

/** A whole number of at most nine digits; anything else says nothing. */
function count(tag: StartTag, attribute: number): number | undefined {
  tag.locate(attribute)
  const { source, from, to } = tag
  if (to - from > 9 || to === from) return undefined
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = source.getUint8(at) - ZERO
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}

/** NaN where the tag says none. */
function secondsOf(tag: StartTag): number {
  if (!tag.has(TIME)) return Number.NaN
  const seconds = plainDecimal(tag, TIME)
  return seconds <= MAX_SECONDS ? seconds : duration(tag.text(TIME))
}

/** A number of at most fifteen digits, which is exact as a quotient of two integers; NaN for anything else. */
function plainDecimal(tag: StartTag, attribute: number): number {
  tag.locate(attribute)
  const { source, from, to } = tag
  if (to - from > 16 || to === from) return Number.NaN
  let digits = 0
  let divisor = 0
  for (let at = from; at < to; at += 1) {
    const digit = source.getUint8(at) - ZERO
    if (digit >= 0 && digit <= 9) {
      digits = digits * 10 + digit
      divisor *= 10
    } else if (digit === POINT && divisor === 0 && at > from) divisor = 1
    else return Number.NaN
  }
  return divisor > 1 ? digits / divisor : digits
}

const ZERO = 0x30
const POINT = 0x2e - ZERO

/** Seconds, with thousands separated by commas as some runners write them; NaN for anything else. */
function duration(text: string | undefined): number {
  if (text === undefined || text.length > 40) return Number.NaN
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text
  if (!/^\d+(\.\d*)?(e[-+]?\d{1,2})?$/i.test(plain)) return Number.NaN
  const seconds = Number(plain)
  return seconds <= MAX_SECONDS ? seconds : Number.NaN
}
