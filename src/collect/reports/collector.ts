import type { CollectContext, Collector, CollectRequest, Fact } from '#core/evidence/collector.ts'
import type { MetricDefinition, SubjectState } from '#core/evidence/evidence.ts'
import { bind, declaredBy, digestOf, some } from './binding.ts'
import type { FileRecord, JobFile, JobResult } from './job.ts'
import type { ReportOptions } from './options.ts'
import type { Located } from './place.ts'
import { locate, patternsOf } from './place.ts'
import type { AnyReport } from '#collect/report-registry.ts'
import { readFiles } from './run.ts'
import type { About, Place, Report } from './report.ts'

/** The collector of a kind of report files. */
export const reportCollector = <Options extends ReportOptions, File, Summary>(report: Report<Options, File, Summary>): Collector => ({
  async collect(request, context) {
    const options = request.options as Options
    const read = await readReports(report, request, options, context)
    if ('status' in read) return sameForAll(report.kind.metrics, read)
    const summary = read.summary as Summary
    return report.facts(await completed(report, summary, options, request, context), options, read.about)
  },
})

async function completed<Options, File, Summary>(
  { complete }: Report<Options, File, Summary>,
  summary: Summary,
  options: Options,
  { state }: CollectRequest,
  { repository }: CollectContext,
): Promise<Summary> {
  if (!complete || state.state !== 'present') return summary
  return complete.add(summary, options, { files: (visit) => repository.files(state.tree, visit), read: (ids) => repository.read(ids) })
}

/** Why there is no fact of a source: nothing of a broken report counts. */
interface Refusal {
  readonly status: 'missing' | 'errored'
  readonly reason: string
  readonly source: string
  readonly sha256?: string
}

const sameForAll = (metrics: Readonly<Record<string, MetricDefinition>>, refusal: Refusal): readonly Fact[] =>
  Object.keys(metrics).map((name) => ({ name, ...refusal }))

/** Options of kinds that compare with the target branch. */
type WithBase = ReportOptions & { readonly base?: ReportOptions | undefined }

/** Finds, reads and binds the report files of a source for one subject. */
async function readReports<Options extends ReportOptions, File, Summary>(
  report: Report<Options, File, Summary>,
  request: CollectRequest,
  options: Options,
  context: CollectContext,
): Promise<{ readonly summary: unknown; readonly about: About } | Refusal> {
  const source = patternsOf(options).join(', ')
  const located = await locate(request, options, context)
  if (!located.ok) return { status: located.status, reason: located.reason, source }
  const { base: ofTarget } = options as WithBase
  const base = ofTarget && (await locate({ subject: 'program', state: context.target }, ofTarget, context))
  const needs = report.needs?.(options) ?? {}
  const place: Place = {
    ...(await placeOf(located, needs.changedLines === true, request, context)),
    ...(needs.tree && { tree: await pathsOf(request.state, context) }),
    ...(base?.ok && { baseRoot: plainRoot(base) }),
    ...(needs.tree && base?.ok && { baseTree: await pathsOf(context.target, context) }),
  }

  const job = { kind: report.kind.kind, options, place, files: located.files, ...(base?.ok && { base: base.files }) }
  const result = await readFiles(report as unknown as AnyReport, job, context.signal)
  if (!result.ok) {
    const { path = source, reason, sha256 } = result
    return { status: 'errored', reason, source: path, ...(sha256 !== undefined && { sha256 }) }
  }
  const { files, left, summary } = result
  if (files.length === 0)
    return { status: 'missing', reason: `the command did not make ${some(left)}: the file was there before it ran`, source }
  const { run, artifacts } = located
  // CI says at which commit it ran; a file that says otherwise changes nothing.
  const binding = artifacts ? { fact: {} } : await bindingOf(files, located, request, context)
  const paths = some(files.map(({ path }) => path))
  return {
    summary,
    about: {
      common: {
        source: artifacts ? `${artifacts.source}: ${paths}` : paths,
        sha256: digestOf(files),
        provenance: artifacts ? 'reported' : 'measured',
        ...(!run && { observedAt: artifacts?.madeAt ?? oldest(files, context.at) }),
        ...binding.fact,
      },
      remarks: [
        ...(artifacts?.remarks ?? []),
        ...(binding.remark === undefined ? [] : [binding.remark]),
        ...(left.length === 0 ? [] : [`left out, because the command did not make it: ${some(left)}`]),
        ...(base ? await remarksOnBase(base, result, context) : []),
      ],
      ...(artifacts?.failed !== undefined && { failedRuns: artifacts.failed }),
      ...(typeof run?.exitCode === 'number' && { exitCode: run.exitCode }),
      seed: context.seed,
    },
  }
}

type Found = Extract<Located, { ok: true }>
type Done = Extract<JobResult, { ok: true }>

const plainRoot = ({ root }: Pick<Found, 'root'>): string => root.replaceAll('\\', '/').replace(/\/$/, '')

async function pathsOf(state: SubjectState, { repository }: CollectContext): Promise<ReadonlySet<string>> {
  const paths = new Set<string>()
  if (state.state === 'present') await repository.files(state.tree, (path) => paths.add(path))
  return paths
}

async function placeOf({ root }: Found, wantsChanges: boolean, { state }: CollectRequest, context: CollectContext): Promise<Place> {
  const plain = plainRoot({ root })
  const { target, repository } = context
  if (!wantsChanges || state.state !== 'present' || target.state !== 'present') return { root: plain }
  const mergeBase = await repository.mergeBase(target.commit, state.commit)
  if (mergeBase === undefined) return { root: plain }
  const { added, deleted } = await repository.changedLines(mergeBase, state.commit)
  return { root: plain, changed: added, shrunk: [...deleted.keys()] }
}

async function bindingOf(files: readonly FileRecord[], located: Found, { state, bound }: CollectRequest, { repository }: CollectContext) {
  if (state.state !== 'present') return { fact: {} }
  // A pattern may have named the commit or the tree, and another one of the same source may not.
  const isNamed = bound === true && files.every(({ path }) => path.includes(state.commit) || path.includes(state.tree))
  return bind(await declared(files, located.files), { state, isAnchored: located.run !== undefined || isNamed, repository })
}

function declared(files: readonly FileRecord[], found: readonly JobFile[]) {
  const byPath = new Map(found.map((file) => [file.path, file]))
  return Promise.all(files.map((file) => declaredBy(file, byPath.get(file.path))))
}

/** The base may be older than the target is now; whoever reads the comparison is told. */
async function remarksOnBase(base: Located, { base: files }: Done, { target, repository }: CollectContext): Promise<readonly string[]> {
  if (!base.ok) return [`base: ${base.reason}`]
  if (base.artifacts) return base.artifacts.remarks.map((remark) => `base: ${remark}`)
  if (files.length === 0 || target.state !== 'present') return ['base: the command did not make its reports']
  const isNamed = files.every(({ path }) => path.includes(target.commit) || path.includes(target.tree))
  const binding = await bind(await declared(files, base.files), {
    state: target,
    isAnchored: base.run !== undefined || isNamed,
    repository,
  })
  if (binding.remark !== undefined) return [`base: ${binding.remark}`]
  const { commit, tree } = binding.fact
  return (commit === undefined && tree === undefined) || tree === target.tree
    ? []
    : [`base: the reports are about ${(commit ?? tree ?? '').slice(0, 12)}, and the target branch stands at ${target.commit.slice(0, 12)}`]
}

/** A report on disk was observed when it was written; a clock that runs ahead makes it no younger than now. */
const oldest = (files: readonly FileRecord[], at: string): string =>
  new Date(Math.min(Date.parse(at), ...files.map(({ modifiedMs }) => Math.trunc(modifiedMs)))).toISOString()
