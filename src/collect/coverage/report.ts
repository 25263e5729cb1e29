import type { Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import type { About, Report } from '#collect/reports/report.ts'
import type { AbsentCount, ChangedCount } from './changed.ts'
import { countAbsent, countChanged, MAX_ABSENT } from './changed.ts'
import type { Choice, CoverageCount } from './count.ts'
import { countCoverage } from './count.ts'
import { formats } from './formats.ts'
import type { CoverageOptions } from './kind.ts'
import { kind } from './kind.ts'
import type { CoverageReport, Share } from './model.ts'
import { sourcesOf } from './sources.ts'

interface Summary {
  readonly count: CoverageCount
  /** What the reports say otherwise than their lines. */
  readonly remarks: readonly string[]
  /** Files that the reports ought to hold; absent where nothing tells which there are. */
  readonly absent?: AbsentCount
  /** Absent where there is no merge base. */
  readonly changed?: ChangedCount
  /** Lines of the base; absent where no report of it was read. */
  readonly base?: Share
}

export const report: Report<CoverageOptions, CoverageReport, Summary> = {
  kind,
  formats,
  needs: () => ({ changedLines: true, tree: true }),
  summarise(files, options, { root, changed, tree, checkout, baseTree }, base) {
    const choice = choiceOf(options)
    const sources = sourcesOf(files, root, tree ?? checkout)
    return {
      count: countCoverage(sources, choice),
      remarks: files.flatMap(({ value }) => value.remarks),
      ...(tree && { absent: countAbsent(sources, tree, choice) }),
      ...(changed && { changed: countChanged(sources, changed, choice) }),
      ...(base && { base: countCoverage(sourcesOf(base, root, baseTree), choice).lines }),
    }
  },
  facts: factsOf,
}

const listOf = (globs: string | readonly string[]): readonly string[] => (typeof globs === 'string' ? [globs] : globs)

const choiceOf = ({ paths, exclude }: CoverageOptions): Choice => ({
  ...(paths !== undefined && { paths: listOf(paths) }),
  ...(exclude !== undefined && { exclude: listOf(exclude) }),
})

type FactName = keyof typeof kind.metrics

const OWN_FACTS = ['lines', 'branches', 'functions', 'files', 'absent', 'changed'] as const satisfies readonly FactName[]

function factsOf(summary: Summary, options: CoverageOptions, { common, remarks }: About): readonly Fact[] {
  const { count, absent, changed } = summary
  const notes = [...summary.remarks, ...remarks]
  const names: readonly FactName[] = options.base ? [...OWN_FACTS, 'delta'] : OWN_FACTS
  if (count.files === 0) return names.map((name) => ({ ...common, name, status: 'missing', reason: whyNone(count, choiceOf(options)) }))

  const rest = (details: readonly string[], ...own: readonly string[]): Partial<Fact> => {
    const reason = [...own, ...notes].join('; ')
    return { ...(reason !== '' && { reason: plainText(reason) }), ...(details.length > 0 && { details: details.map(plainText) }) }
  }
  const share = (name: 'lines' | 'branches' | 'functions', { covered, all }: Share): Fact =>
    all > 0
      ? { ...common, ...rest(count.particulars), name, status: 'observed', value: covered / all }
      : { ...common, ...rest(count.particulars, `the report lists no ${name}: 0 of 0 prove nothing`), name, status: 'inconclusive' }
  return [
    share('lines', count.lines),
    share('branches', count.branches),
    share('functions', count.functions),
    { ...common, ...rest(count.particulars), name: 'files', status: 'observed', value: count.files },
    { ...common, name: 'absent', ...absentFact(absent, rest) },
    { ...common, name: 'changed', ...changedFact(changed, rest) },
    ...(options.base ? [{ ...common, name: 'delta', ...deltaFact(count.lines, summary.base, rest) } as const] : []),
  ]
}

type Rest = (details: readonly string[], ...own: readonly string[]) => Partial<Fact>
type Finding = Pick<Fact, 'status'> & Partial<Fact>

function absentFact(absent: AbsentCount | undefined, rest: Rest): Finding {
  if (!absent) return { status: 'missing', ...rest([], 'there is no commit whose files the report could be held against') }
  const { files, first } = absent
  const more = files > first.length ? [`and ${files - first.length} more`] : []
  const own = files < MAX_ABSENT ? [] : ['there may be more']
  return { status: 'observed', value: files, ...rest([...first, ...more], ...own) }
}

function changedFact(changed: ChangedCount | undefined, rest: Rest): Finding {
  if (!changed) return { status: 'missing', ...rest([], 'there is no merge base with the target branch to compare with') }
  const { added, lines, absent, absentFiles, particulars } = changed
  if (added === 0) return { status: 'inconclusive', ...rest([], 'no line was added against the merge base: 0 of 0 prove nothing') }
  if (lines.all === 0)
    return { status: 'inconclusive', ...rest([], `none of the ${added} lines added can be covered: 0 of 0 prove nothing`) }
  const more = absentFiles > 3 ? ` and ${absentFiles - 3} more` : ''
  const own = absentFiles === 0 ? [] : [`in no report, and so not reached: ${absent.slice(0, 3).join(', ')}${more}`]
  return { status: 'observed', value: lines.covered / lines.all, ...rest(particulars, `${lines.covered} of ${lines.all} lines`, ...own) }
}

function deltaFact(now: Share, base: Share | undefined, rest: Rest): Finding {
  if (!base) return { status: 'missing', ...rest([], 'no report of the target branch was read') }
  if (now.all === 0 || base.all === 0)
    return { status: 'inconclusive', ...rest([], `${now.all === 0 ? 'the report' : 'that of the target branch'} lists no lines`) }
  return {
    status: 'observed',
    value: now.covered / now.all - base.covered / base.all,
    ...rest([], `${now.covered} of ${now.all} lines, and ${base.covered} of ${base.all} in the base`),
  }
}

const whyNone = ({ inReports }: CoverageCount, { paths, exclude }: Choice): string => {
  if (inReports === 0) return 'the report holds no source file'
  const without = exclude ? ` without ${exclude.join(', ')}` : ''
  return `none of the ${inReports} source files of the report matches ${paths?.join(', ') ?? 'the source'}${without}`
}
