import { TestReportBuilder, TooMuch } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import { compact, MAX_CASES, MAX_NAME } from '#collect/test-results/cases.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import type { Attributes, XmlHandler } from '#collect/scan/xml.ts'
import { xmlReader } from '#collect/scan/xml.ts'

/** What `dotnet test --logger trx` writes: the schema is vstst.xsd of Visual Studio. */
export const trxReader = (): ByteParser<TestReport> => xmlReader(new Trx(), { roots: ['TestRun'], doctype: 'refused' })

interface Result {
  readonly id: string
  readonly name: string
  readonly status: CaseStatus
  readonly seconds: number | undefined
  readonly outcome: string
}

interface OpenResult {
  readonly attributes: Attributes
  /** Runs of a test with data stand inside it. */
  hasInner: boolean
  hasFailingInner: boolean
}

const OUTCOMES: Readonly<Record<string, CaseStatus>> = {
  passed: 'passed',
  passedbutrunaborted: 'passed',
  warning: 'passed',
  completed: 'passed',
  failed: 'failed',
  error: 'errored',
  timeout: 'errored',
  aborted: 'errored',
  disconnected: 'errored',
  notexecuted: 'skipped',
  notrunnable: 'skipped',
  inconclusive: 'skipped',
  pending: 'skipped',
  inprogress: 'errored',
}

class Trx implements XmlHandler<TestReport> {
  readonly #results: Result[] = []
  readonly #classes = new Map<string, string>()
  readonly #path: string[] = []
  readonly #open: OpenResult[] = []
  #definition: string | undefined
  #names = 0
  #counters: Attributes = {}
  #outcome = ''
  #hasRunErrors = false

  open(name: string, attributes: Attributes): string | undefined {
    const parent = this.#path.at(-1)
    this.#path.push(name)
    if (name === 'UnitTestResult') return this.#openResult(attributes)
    if (name === 'UnitTest') this.#definition = attributes['id']?.slice(0, 100)
    else if (name === 'TestMethod' && this.#definition !== undefined) return this.#define(this.#definition, attributes['className'] ?? '')
    else if (name === 'ResultSummary') this.#outcome = (attributes['outcome'] ?? '').toLowerCase()
    else if (name === 'Counters' && parent === 'ResultSummary') this.#counters = attributes
    else if (name === 'RunInfo' && attributes['outcome']?.toLowerCase() === 'error') this.#hasRunErrors = true
    return undefined
  }

  close(name: string): void {
    this.#path.pop()
    if (name === 'UnitTest') this.#definition = undefined
    if (name === 'UnitTestResult') this.#closeResult()
  }

  end(): TestReport {
    const builder = new TestReportBuilder()
    try {
      for (const { id, name, status, seconds, outcome } of this.#results) {
        const classname = this.#classes.get(id) ?? ''
        builder.add(builder.suites(classname === '' ? [] : [classname]), {
          name: withoutClass(name, classname),
          classname,
          status,
          seconds,
          message: outcome,
        })
      }
      const {
        total,
        failed = 0,
        error = 0,
        timeout = 0,
        aborted = 0,
      } = Object.fromEntries(
        Object.entries(this.#counters).flatMap(([key, value]) => (/^\d{1,9}$/.test(value) ? [[key, Number(value)]] : [])),
      ) as Record<string, number>
      builder.totals({ tests: total, failed: failed + error + timeout + aborted })
      const bad = builder.listed.failed + builder.listed.errored + builder.admitted.failed
      if (bad === 0 && (this.#hasRunErrors || BAD_RUNS.has(this.#outcome))) builder.fail(0, `the run ended as ${this.#outcome || 'error'}`)
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error
      // Names were counted as they came, so this cannot be.
      builder.fail(0, error.message)
    }
    return builder.end()
  }

  #openResult(attributes: Attributes): string | undefined {
    const outer = this.#open.at(-1)
    if (outer) outer.hasInner = true
    this.#open.push({ attributes, hasInner: false, hasFailingInner: false })
    const outcome = attributes['outcome']
    if (outcome === undefined || !Object.hasOwn(OUTCOMES, outcome.toLowerCase())) {
      return outcome === undefined ? 'a result has no outcome' : `the outcome ${JSON.stringify(outcome.slice(0, 40))} is not known`
    }
    if (this.#results.length >= MAX_CASES) return `more than ${MAX_CASES} test cases`
    return this.#count(attributes['testName'] ?? '')
  }

  #closeResult(): void {
    const { attributes, hasInner, hasFailingInner } = this.#open.pop() as OpenResult
    const outcome = attributes['outcome'] ?? ''
    const status = OUTCOMES[outcome.toLowerCase()] ?? 'errored'
    const isBad = status === 'failed' || status === 'errored'
    const outer = this.#open.at(-1)
    if (outer && (isBad || hasFailingInner)) outer.hasFailingInner = true
    if (hasInner && (status === 'passed' || (isBad && hasFailingInner))) return
    this.#results.push({
      id: compact((attributes['testId'] ?? '').slice(0, 100)),
      name: compact(attributes['testName'] ?? ''),
      status,
      seconds: durationOf(attributes['duration']),
      outcome: compact(outcome.slice(0, 40)),
    })
  }

  #define(id: string, className: string): string | undefined {
    if (this.#classes.size >= MAX_CASES) return `more than ${MAX_CASES} definitions`
    // Older writers add the assembly.
    const plain = className.split(',', 1)[0] ?? ''
    this.#classes.set(compact(id), compact(plain))
    return this.#count(plain)
  }

  #count(name: string): string | undefined {
    if (name.length > MAX_NAME) return `a name longer than ${MAX_NAME} characters`
    this.#names += name.length
    return this.#names > MAX_NAMES ? `names of more than ${MAX_NAMES} characters in all` : undefined
  }
}

/** A class name goes with each of its cases. */
const MAX_NAMES = 1 << 24

const BAD_RUNS: ReadonlySet<string> = new Set(['failed', 'error', 'aborted', 'timeout', 'disconnected', 'inprogress'])

/** xunit gives the full name, MSTest and nunit the name of the method. */
const withoutClass = (name: string, classname: string): string =>
  classname !== '' && name.startsWith(`${classname}.`) ? name.slice(classname.length + 1) : name

/** `hh:mm:ss.fffffff` */
function durationOf(text: string | undefined): number | undefined {
  const [, hours = '', minutes = '', rest = ''] = /^(\d{1,4}):(\d{2}):(\d{2}(?:\.\d{1,9})?)$/.exec(text ?? '') ?? []
  return rest === '' ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)
}
