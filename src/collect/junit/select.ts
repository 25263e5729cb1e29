import { endingsOf } from '../source-path.ts'
import { nameMatcher } from './name-glob.ts'
import type { CaseStatus, JUnitCase, JUnitReport } from './parse.ts'
import { isBad } from './parse.ts'

/** Which cases of a report a source is about; what is absent selects all. */
export interface Selection {
  readonly suite?: string | undefined
  readonly cases?: string | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/** What the cases of one or more reports add up to. */
export interface Tally {
  /** Cases in the reports, selected or not. */
  readonly inReports: number
  /** True when any case failed, selected or not, or a suite's attributes admit to it. */
  readonly hasFailure: boolean
  readonly total: number
  readonly passed: number
  /** Cases that failed or ended in an error. */
  readonly failed: number
  /** Of `failed`, those that ended in an error. */
  readonly errors: number
  readonly skipped: number
  readonly flaky: number
  /** Cases that a suite's attributes admit to and that are not listed. */
  readonly unlisted: { readonly failed: number; readonly skipped: number }
  readonly seconds: number
  /** Cases that say no time. */
  readonly untimed: number
  /** What to know of the counts, a clause each. */
  readonly remarks: readonly string[]
  /** Names of the failing, then the flaky, then the skipped cases, with what the runner said. */
  readonly particulars: readonly string[]
}

const MAX_PARTICULARS = 20

export function tally(reports: readonly JUnitReport[], selection: Selection): Tally {
  const counts: Record<CaseStatus, number> = { passed: 0, skipped: 0, failed: 0, errored: 0 }
  const listed: Record<'failing' | 'flaky' | 'skipped', string[]> = { failing: [], flaky: [], skipped: [] }
  const unlisted = { failed: 0, skipped: 0 }
  let [inReports, flaky, seconds, untimed] = [0, 0, 0, 0]
  let hasFailure = false
  for (const report of reports) {
    inReports += report.cases.size
    hasFailure ||= report.suites.some((suite) => suite.unlisted.failed > 0)
    const isSelected = selector(report, selection)
    for (const one of report.cases) {
      hasFailure ||= isBad(one.status)
      if (!isSelected.case(one)) continue
      counts[one.status] += 1
      if (one.flaky) flaky += 1
      if (one.seconds === undefined) untimed += 1
      else seconds += one.seconds
      const list = isBad(one.status) ? listed.failing : one.flaky ? listed.flaky : one.status === 'skipped' ? listed.skipped : undefined
      if (list && list.length < MAX_PARTICULARS) list.push(particular(one, report))
    }
    for (const [index, suite] of report.suites.entries()) {
      // The suites inside are counted in the one around them.
      if (!isSelected.suite(index) || (suite.parent !== undefined && isSelected.suite(suite.parent))) continue
      unlisted.failed += suite.unlisted.failed
      unlisted.skipped += suite.unlisted.skipped
    }
  }
  const failed = counts.failed + counts.errored
  return {
    inReports,
    hasFailure,
    total: failed + counts.passed + counts.skipped,
    passed: counts.passed,
    failed,
    errors: counts.errored,
    skipped: counts.skipped,
    flaky,
    unlisted,
    seconds,
    untimed,
    remarks: remarksOn(reports),
    particulars: [...listed.failing, ...listed.flaky, ...listed.skipped].slice(0, MAX_PARTICULARS),
  }
}

function remarksOn(reports: readonly JUnitReport[]): readonly string[] {
  const remarks: string[] = []
  const disagreements = reports.flatMap(({ disagreement }) => disagreement ?? [])
  const [first] = disagreements
  if (first) {
    const others = disagreements.length > 1 ? `, and ${disagreements.length - 1} more reports disagree with themselves` : ''
    const suite = first.suite === '' ? 'the report' : `suite ${cut(first.suite)}`
    remarks.push(`${suite} says tests=${first.says} and lists ${first.lists} (the list counts)${others}`)
  }
  const repeated = reports.reduce((sum, report) => sum + report.repeated, 0)
  if (repeated > 0)
    remarks.push(
      `${repeated === 1 ? '1 entry repeats a case and adds' : `${repeated} entries repeat cases and add`} nothing but the worse outcome`,
    )
  return remarks
}

interface Selector {
  case(one: JUnitCase): boolean
  suite(index: number): boolean
}

function selector(report: JUnitReport, { suite, cases, properties }: Selection): Selector {
  const suiteMatches = suite === undefined ? undefined : nameMatcher(suite)
  const caseMatches = cases === undefined ? undefined : nameMatcher(cases)
  const wanted = Object.entries(properties ?? {}).map(([name, pattern]) => [name, nameMatcher(pattern)] as const)

  const isNamed = (name: string, file: string): boolean =>
    suiteMatches !== undefined && ((name !== '' && suiteMatches(name)) || (file !== '' && endingsOf(file).some(suiteMatches)))

  const known = new Map<number, boolean>()
  function inSuite(index: number): boolean {
    const one = report.suites[index]
    if (!suiteMatches) return true
    if (!one) return false
    let answer = known.get(index)
    if (answer === undefined) {
      answer = isNamed(one.name, one.file) || (one.parent !== undefined && inSuite(one.parent))
      known.set(index, answer)
    }
    return answer
  }
  function property(one: JUnitCase, name: string): string | undefined {
    let value = one.properties?.get(name)
    for (let at: number | undefined = one.suite; value === undefined && at !== undefined; at = report.suites[at]?.parent) {
      value = report.suites[at]?.properties.get(name)
    }
    return value
  }
  return {
    suite: inSuite,
    case: (one) =>
      (inSuite(one.suite) || isNamed(one.classname, one.file)) &&
      (!caseMatches || caseMatches(one.name)) &&
      wanted.every(([name, matches]) => {
        const value = property(one, name)
        return value !== undefined && matches(value)
      }),
  }
}

function particular(one: JUnitCase, report: JUnitReport): string {
  const suites: string[] = []
  for (let at: number | undefined = one.suite; at !== undefined; at = report.suites[at]?.parent) {
    const name = report.suites[at]?.name ?? ''
    // The outermost name is mostly that of the runner.
    if (name !== '' && report.suites[at]?.parent !== undefined) suites.unshift(name)
  }
  const where = suites.length > 0 ? suites.join(' > ') : one.classname
  const status = isBad(one.status) ? (one.flaky ? `${one.status}, flaky` : one.status) : one.flaky ? 'flaky' : one.status
  const name = [where, one.name].filter((part) => part !== '').join(' > ')
  return `${status}: ${cut(name)}${one.message ? ` - ${one.message}` : ''}`
}

const MAX_NAME = 300

const cut = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name)
