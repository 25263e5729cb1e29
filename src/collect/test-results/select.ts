import { nameMatcher } from '#collect/source-code/name-glob.ts'
import { endingsOf } from '#collect/source-code/source-path.ts'
import type { CaseStatus, TestCase, TestReport } from './cases.ts'
import { isBad } from './cases.ts'

/** Which cases of a report a source is about; what is absent selects all. */
export interface Selection {
  readonly suite?: string | undefined
  readonly cases?: string | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/** What the cases of a report add up to. */
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
  /** The suites that failed as a whole, the failing cases, the flaky, the skipped ones, with what the runner said. */
  readonly particulars: readonly string[]
}

export const MAX_PARTICULARS = 20

export function tally(report: TestReport, selection: Selection): Tally {
  const counts: Record<CaseStatus, number> = { passed: 0, skipped: 0, failed: 0, errored: 0 }
  const listed: Record<'failing' | 'flaky' | 'skipped', string[]> = { failing: [], flaky: [], skipped: [] }
  const isSelected = selector(report, selection)
  let [flaky, seconds, untimed] = [0, 0, 0]
  let hasFailure = report.suites.some((suite) => suite.unlisted.failed > 0)
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
  const troubles = report.suites.flatMap(({ trouble }, index) =>
    trouble === undefined || !isSelected.suite(index) ? [] : [`failed: ${suiteName(index, report)} - ${trouble}`],
  )
  const failed = counts.failed + counts.errored
  return {
    inReports: report.cases.size,
    hasFailure,
    total: failed + counts.passed + counts.skipped,
    passed: counts.passed,
    failed,
    errors: counts.errored,
    skipped: counts.skipped,
    flaky,
    unlisted: isSelected.unlisted(),
    seconds,
    untimed,
    remarks: remarksOn(report),
    particulars: [...troubles, ...listed.failing, ...listed.flaky, ...listed.skipped].slice(0, MAX_PARTICULARS),
  }
}

function remarksOn({ disagreements, repeated, repeatedAcross = 0 }: TestReport): readonly string[] {
  const remarks: string[] = []
  const [first] = disagreements
  if (first) {
    const others = disagreements.length > 1 ? `, and ${disagreements.length - 1} more reports disagree with themselves` : ''
    const suite = first.suite === '' ? 'the report' : `suite ${cut(first.suite)}`
    remarks.push(`${suite} says tests=${first.says} and lists ${first.lists} (the list counts)${others}`)
  }
  if (repeated > 0)
    remarks.push(
      `${repeated === 1 ? '1 entry repeats a case and adds' : `${repeated} entries repeat cases and add`} nothing but the worse outcome`,
    )
  if (repeatedAcross > 0)
    remarks.push(`${repeatedAcross} of them across report files (modules whose tests have the same names need a folder each)`)
  return remarks
}

export interface Selector {
  case(one: TestCase): boolean
  suite(index: number): boolean
  /** What the selected suites admit to and do not list. */
  unlisted(): { readonly failed: number; readonly skipped: number }
}

export function selector(report: TestReport, { suite, cases, properties }: Selection): Selector {
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
  function property(one: TestCase, name: string): string | undefined {
    let value = one.properties?.get(name)
    for (let at: number | undefined = one.suite; value === undefined && at !== undefined; at = report.suites[at]?.parent) {
      value = report.suites[at]?.properties.get(name)
    }
    return value
  }
  return {
    suite: inSuite,
    unlisted() {
      const sum = { failed: 0, skipped: 0 }
      for (const [index, { parent, unlisted }] of report.suites.entries()) {
        // The suites inside are counted in the one around them.
        if (!inSuite(index) || (parent !== undefined && inSuite(parent))) continue
        sum.failed += unlisted.failed
        sum.skipped += unlisted.skipped
      }
      return sum
    },
    case: (one) =>
      (inSuite(one.suite) || isNamed(one.classname, one.file)) &&
      (!caseMatches || caseMatches(one.name)) &&
      wanted.every(([name, matches]) => {
        const value = property(one, name)
        return value !== undefined && matches(value)
      }),
  }
}

function particular(one: TestCase, report: TestReport): string {
  const status = isBad(one.status) ? (one.flaky ? `${one.status}, flaky` : one.status) : one.flaky ? 'flaky' : one.status
  return `${status}: ${caseName(one, report)}${one.message ? ` - ${one.message}` : ''}`
}

/** The suites and the name of a case as a person would look for it. */
export function caseName(one: TestCase, report: TestReport): string {
  const suites = suitesAround(one.suite, report).join(' > ')
  // pytest puts all cases into one suite that has its own name; the class says in which module they are.
  const where = suites === 'pytest' ? one.classname || suites : suites || one.classname || one.file
  return cut([folderOf(one.suite, report), where, one.name].filter((part) => part !== '').join(' > '))
}

/** Of its report file, where it takes that to tell modules apart. */
function folderOf(suite: number, report: TestReport): string {
  let at = suite
  for (let parent = report.suites[at]?.parent; parent !== undefined; parent = report.suites[at]?.parent) at = parent
  return report.suites[at]?.folder ?? ''
}

const suiteName = (index: number, report: TestReport): string =>
  cut(suitesAround(index, report).join(' > ') || report.suites[index]?.name || report.suites[index]?.file || 'the run')

function suitesAround(suite: number, report: TestReport): readonly string[] {
  const names: string[] = []
  for (let at: number | undefined = suite; at !== undefined; at = report.suites[at]?.parent) {
    const name = report.suites[at]?.name ?? ''
    // The outermost name is mostly that of the runner.
    if (name !== '' && report.suites[at]?.parent !== undefined) names.unshift(name)
  }
  return names
}

const MAX_NAME = 300

const cut = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name)
