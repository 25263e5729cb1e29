import type { CollectorKind, Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import { nameMatcher } from '#collect/source-code/name-glob.ts'
import type { About, Format, ReadFile, Report } from '#collect/reports/report.ts'
import { some } from '#collect/reports/binding.ts'
import { endingsOf } from '#collect/source-code/source-path.ts'
import type { TestReport } from './cases.ts'
import type { ComparedFact, Comparison } from './compare.ts'
import { COMPARED_FACTS, compareWithBase } from './compare.ts'
import { joined } from './join.ts'
import type { TestOptions } from './kind.ts'
import type { Tally } from './select.ts'
import { selector, tally } from './select.ts'

/** What a source's test reports come down to. */
export interface TestSummary {
  readonly tally: Tally
  /** Entries of `expect` without a result. */
  readonly unmet: readonly string[]
  /** As in the reports; absent where the format does not tell. */
  readonly ended?: ReadonlySet<string>
  /** Suites that the tree has tests of, and that have no result. */
  readonly untold?: readonly string[]
  /** Absent where no report of the target branch was read. */
  readonly comparison?: Comparison
}

export type TestFormat = Format<TestOptions, TestReport>

/** The format of one parser; reports say by themselves which commit they are about. */
export const testFormat = (format: Omit<TestFormat, 'declares'>): TestFormat => ({
  ...format,
  declares: ({ commits, trees }) => ({ commits, trees }),
})

/** The counting and the facts that all kinds of test results share. */
export const testReport = (kind: CollectorKind, formats: readonly TestFormat[]): Report<TestOptions, TestReport, TestSummary> => ({
  kind,
  formats,
  needs: ({ base }) => ({ changedLines: base !== undefined }),
  summarise(files, options, { shrunk }, base) {
    const head = joined(files)
    return {
      tally: tally(head, options),
      unmet: unmetIn(files, head, options),
      ...(head.ended && { ended: head.ended }),
      ...(base && { comparison: compareWithBase(head, joined(base), options, shrunk) }),
    }
  },
  facts: factsOf,
})

/** Expected suites that have neither a selected case nor a failure of their own. */
function unmetIn(files: readonly ReadFile<TestReport>[], head: TestReport, options: TestOptions): readonly string[] {
  let open = (options.expect ?? []).map((pattern) => ({ pattern, matches: nameMatcher(pattern) }))
  if (open.length === 0) return []
  const meet = (...names: readonly string[]): void => {
    const all = names.flatMap((name) => (name === '' ? [] : [name, ...endingsOf(name)]))
    open = open.filter(({ pattern, matches }) => !all.some((name) => name === pattern || matches(name)))
  }
  const isSelected = selector(head, options)
  const used = new Set<number>()
  const seen = new Set<string>()
  for (const one of head.cases) {
    if (open.length === 0) return []
    if (!isSelected.case(one)) continue
    for (let at: number | undefined = one.suite; at !== undefined && !used.has(at); at = head.suites[at]?.parent) used.add(at)
    const key = `${one.classname}\0${one.file}`
    if (!seen.has(key)) meet(one.classname, one.file)
    seen.add(key)
  }
  for (const [index, { name, file, unlisted }] of head.suites.entries()) {
    if (used.has(index) || (unlisted.failed > 0 && isSelected.suite(index))) meet(name, file)
  }
  for (const { path, value } of files) if (value.cases.size > 0) meet(path)
  return open.map(({ pattern }) => pattern)
}

function factsOf({ tally: counted, unmet, untold = [], comparison }: TestSummary, { base }: TestOptions, about: About): readonly Fact[] {
  const { common, remarks } = about
  const { unlisted } = counted
  const failed = counted.failed + unlisted.failed
  const skipped = counted.skipped + unlisted.skipped
  const all = counted.total + unlisted.failed + unlisted.skipped
  const details = counted.particulars.map(safe)
  const notes = [...counted.remarks, ...remarks]

  const names = [...OWN_FACTS, ...(base ? COMPARED_FACTS : [])]
  const missing = (name: string, ...reasons: readonly string[]): Fact => ({
    ...common,
    name,
    status: 'missing',
    reason: reasons.join('; '),
    ...(details.length > 0 && { details }),
  })
  // A skip that is admitted to is no evidence that anything ran.
  if (counted.total === 0 && unlisted.failed === 0) return names.map((name) => missing(name, whyNone(counted)))
  const silent = silence(unmet, untold)
  if (silent !== undefined)
    return names.map((name) => missing(name, `no result of ${safe(silent)}; the others: ${all} test cases, ${failed} failed`, ...notes))

  const fact = (name: string, value: number, ...own: readonly string[]): Fact => {
    const reason = [...own, ...notes].join('; ')
    return { ...common, name, status: 'observed', value, ...(reason !== '' && { reason }), ...(details.length > 0 && { details }) }
  }
  const doubtful = (one: Fact, reason: string): Fact => {
    const { value: _, ...rest } = one
    return { ...rest, status: 'inconclusive', reason: [reason, ...notes].join('; ') }
  }

  // A report may own up to more than it lists, as when a suite fails to load; never to less.
  const failedNote = unlisted.failed > 0 ? [`the report says ${failed} failed and lists ${counted.failed}`] : []
  const skippedNote = unlisted.skipped > 0 ? [`the report says ${skipped} skipped and lists ${counted.skipped}`] : []
  // A share below 100 % raises the question what is missing from it.
  const lacking = [...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])]
  const countNote = lacking.length > 0 ? [`${lacking.join(', ')} of ${all} test cases`] : []
  const verdicts = [
    fact('failed', failed, ...failedNote),
    fact('errors', counted.errors),
    fact('ratio', counted.passed / all, ...countNote, ...failedNote, ...skippedNote),
  ]
  const contradiction = counted.hasFailure ? undefined : contradictionOf(about)
  return [
    fact('total', counted.total),
    fact('passed', counted.passed),
    ...(contradiction === undefined ? verdicts : verdicts.map((one) => doubtful(one, contradiction))),
    fact('skipped', skipped, ...skippedNote),
    fact('flaky', counted.flaky),
    counted.untimed === counted.total
      ? { ...common, name: 'seconds', status: 'missing', reason: 'no test case says its time' }
      : fact('seconds', counted.seconds, ...(counted.untimed > 0 ? [`${counted.untimed} of ${counted.total} test cases say no time`] : [])),
    ...(base ? COMPARED_FACTS.map((name) => compared(name, comparison, about, contradiction)) : []),
  ]
}

/** What made a report without a failed case did not end well. */
function contradictionOf({ exitCode = 0, failedRuns }: About): string | undefined {
  if (exitCode !== 0) return `the command ended with exit code ${exitCode}, and its report shows no failed case`
  return failedRuns === undefined ? undefined : `CI did not end well, and its reports show no failed case: ${failedRuns}`
}

function silence(unmet: readonly string[], untold: readonly string[]): string | undefined {
  if (unmet.length > 0) return some(unmet)
  return untold.length > 0 ? `${some(untold)}, which the tree has tests of (where less is meant to run, name it in "expect")` : undefined
}

const OWN_FACTS = ['total', 'passed', 'failed', 'errors', 'ratio', 'skipped', 'flaky', 'seconds'] as const

function compared(
  name: ComparedFact,
  comparison: Comparison | undefined,
  { common, remarks }: About,
  contradiction: string | undefined,
): Fact {
  const rest = (...own: readonly string[]): Pick<Fact, 'reason'> => {
    const reason = [...own, ...remarks].join('; ')
    return reason === '' ? {} : { reason }
  }
  if (!comparison) return { ...common, name, status: 'missing', ...rest('no report of the target branch was read') }
  if (comparison.inBase === 0)
    return { ...common, name, status: 'missing', ...rest('the report of the target branch holds no such test case') }
  const { count, names } = comparison.facts[name]
  const details = names.length > 0 ? { details: names.map(safe) } : {}
  if (name === 'failing.new' && contradiction !== undefined)
    return { ...common, name, status: 'inconclusive', ...rest(contradiction), ...details }
  const byTime = comparison.emptiedByTime
  const caution =
    name === 'emptied' && byTime > 0 ? [`${byTime} by time alone: none now, some in the base; the report counts no assertions`] : []
  return { ...common, name, status: 'observed', value: count, ...rest(...caution), ...details }
}

const whyNone = ({ inReports, remarks }: Tally): string =>
  [
    inReports === 0 ? 'the report holds no test case' : `none of the ${inReports} test cases of the report matches the source's options`,
    ...remarks,
  ].join('; ')

const safe = (line: string): string => redact(plainText(line))
