import { createHash } from 'node:crypto'
import type { CollectContext, CollectRequest, CommandResult, Fact, Repository } from '#core/evidence/collector.ts'
import type { MetricDefinition, SubjectState } from '#core/evidence/evidence.ts'
import type { FoundFile } from './report-files.ts'
import { findFiles, readFile, readSmallFile, SIDECAR } from './report-files.ts'
import type { ReportOptions } from './report-options.ts'
import type { ByteParser } from './text.ts'

/** What a kind of report brings to the reading of its files. */
export interface ReportFormat<T> {
  open(path: string): ByteParser<T>
  /** Object ids that a report gives as the commit and tree it is about. */
  declares?(value: T): Declared
}

interface Declared {
  readonly commits: Iterable<string>
  readonly trees: Iterable<string>
}

export type Reading<T> =
  | {
      readonly ok: true
      /** Absolute folder that the paths are relative to, with `/`. */
      readonly root: string
      readonly reports: readonly { readonly path: string; readonly value: T }[]
      /** What all facts from these files have in common. */
      readonly common: Pick<Fact, 'source' | 'sha256' | 'provenance' | 'commit' | 'tree' | 'observedAt'>
      readonly remarks: readonly string[]
      /** Exit code of the command that made the files. */
      readonly exitCode?: number
    }
  | {
      readonly ok: false
      readonly status: 'missing' | 'errored'
      readonly reason: string
      readonly source: string
      readonly sha256?: string
    }

type Refusal = Extract<Reading<never>, { ok: false }>

/** Finds and reads the report files of a source for one subject. Does not throw for what it finds. */
export async function readReports<T>(
  request: CollectRequest,
  context: CollectContext,
  options: ReportOptions,
  format: ReportFormat<T>,
): Promise<Reading<T>> {
  const patterns = typeof options.files === 'string' ? [options.files] : options.files
  const refusal = (status: Refusal['status'], reason: string, source = patterns.join(', '), sha256?: string): Refusal => ({
    ok: false,
    status,
    reason,
    source,
    ...(sha256 !== undefined && { sha256 }),
  })
  const { state } = request
  if (state.state !== 'present') return refusal(state.state === 'unavailable' ? 'errored' : 'missing', state.reason)

  const place = await placeOf(request, context, options)
  if ('status' in place) return refusal(place.status, place.reason)

  const found = await findFiles(place.root, patterns, context.signal)
  if (!found.ok) return refusal(found.status, found.reason)

  const committed = place.run ? await committedBlobs(context.repository, state.tree) : undefined
  if (typeof committed === 'string') return refusal('errored', committed)

  const reports: ReadReport<T>[] = []
  const left: string[] = []
  for (const file of found.files) {
    const oid = committed?.get(file.target)
    const parser = format.open(file.path)
    const read = await readFile(file, parser, { oid, signal: context.signal })
    if (!read.ok) return refusal('errored', `${file.path}: ${read.reason}`, file.path)
    if (place.run && !isMadeBy(place.run, { ...read, committed: oid })) {
      left.push(file.path)
      continue
    }
    const outcome = parser.end()
    if (!outcome.ok) return refusal('errored', `${file.path}:${outcome.line}:${outcome.column}: ${outcome.reason}`, file.path, read.sha256)
    reports.push({ path: file.path, value: outcome.value, sha256: read.sha256, modifiedMs: read.modifiedMs, file })
  }
  if (reports.length === 0) return refusal('missing', `the command did not make ${some(left)}: the file was there before it ran`)

  const declared = await Promise.all(reports.map((report) => declaredBy(report, format, place.run === undefined)))
  const binding = await bind(declared, {
    state,
    isAnchored: place.run !== undefined || isNamedIn(reports, request),
    repository: context.repository,
  })
  return {
    ok: true,
    root: place.root.replaceAll('\\', '/').replace(/\/$/, ''),
    reports,
    common: {
      source: some(reports.map(({ path }) => path)),
      sha256: digestOf(reports),
      provenance: 'measured',
      ...(place.run === undefined && { observedAt: oldest(reports, context.at) }),
      ...binding.fact,
    },
    remarks: [
      ...(binding.remark === undefined ? [] : [binding.remark]),
      ...(left.length === 0 ? [] : [`left out, because the command did not make it: ${some(left)}`]),
    ],
    ...(typeof place.run?.exitCode === 'number' && { exitCode: place.run.exitCode }),
  }
}

/** The same status and reason for every metric of a kind: nothing of a broken report counts. */
export const sameForAll = (
  metrics: Readonly<Record<string, MetricDefinition>>,
  { status, reason, source, sha256 }: Omit<Refusal, 'ok'>,
): readonly Fact[] => Object.keys(metrics).map((name) => ({ name, status, reason, source, ...(sha256 !== undefined && { sha256 }) }))

interface ReadReport<T> {
  readonly path: string
  readonly value: T
  readonly sha256: string
  readonly modifiedMs: number
  readonly file: FoundFile
}

type EndedRun = Extract<CommandResult, { outcome: 'ended' }>

type Place = { readonly root: string; readonly run?: EndedRun } | { readonly status: Refusal['status']; readonly reason: string }

async function placeOf(request: CollectRequest, context: CollectContext, { from }: ReportOptions): Promise<Place> {
  if (from === undefined) return { root: context.programFolder }
  const result = await context.runner.resultOf(from, request.subject)
  if (!result) return { status: 'missing', reason: `source ${from} ran no command for ${request.subject}` }
  switch (result.outcome) {
    case 'untrusted':
      return { status: 'missing', reason: `source ${from} did not run: ${result.reason}` }
    case 'failed-to-start':
    case 'failed-setup':
    case 'cancelled':
      return { status: 'errored', reason: `source ${from} did not run: ${result.reason}` }
    case 'ended':
      if (result.exitCode !== null) return { root: result.checkout, run: result }
      return {
        status: 'errored',
        reason: `source ${from} was stopped, so its reports may not be whole: ${result.reason ?? result.signal ?? 'no exit code'}`,
      }
  }
}

async function committedBlobs(repository: Repository, tree: string): Promise<ReadonlyMap<string, string> | string> {
  try {
    return new Map((await repository.list(tree)).map((entry) => [entry.path, entry.oid]))
  } catch (error) {
    return `the files of tree ${tree.slice(0, 12)} cannot be listed: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** A pattern may have named the commit or the tree, and another one of the same source may not. */
const isNamedIn = (reports: readonly { readonly path: string }[], { bound, state }: CollectRequest): boolean =>
  bound === true && state.state === 'present' && reports.every(({ path }) => path.includes(state.commit) || path.includes(state.tree))

/** File systems take their times from a clock that lags a little behind. */
const CLOCK_LAG_MS = 50

function isMadeBy(
  run: EndedRun,
  file: { readonly modifiedMs: number; readonly oid?: string; readonly committed: string | undefined },
): boolean {
  if (file.committed !== undefined && file.committed === file.oid) return false
  if (run.startedAt === undefined) return true
  const started = Date.parse(run.startedAt) - CLOCK_LAG_MS
  // Some file systems keep whole seconds only.
  const isCoarse = file.modifiedMs % 1_000 === 0
  return file.modifiedMs >= (isCoarse ? Math.floor(started / 1_000) * 1_000 : started)
}

async function declaredBy<T>(report: ReadReport<T>, format: ReportFormat<T>, hasSidecar: boolean): Promise<Declared> {
  const own = format.declares?.(report.value) ?? { commits: [], trees: [] }
  const sidecar = hasSidecar ? await readSmallFile(report.file, SIDECAR) : undefined
  return { commits: new Set([...own.commits, ...(sidecar === undefined ? [] : [sidecar.trim().toLowerCase()])]), trees: new Set(own.trees) }
}

interface Binding {
  /** Empty: about the subject's head. */
  readonly fact: Pick<Fact, 'commit' | 'tree'>
  readonly remark?: string
}

interface BindingContext {
  readonly state: Extract<SubjectState, { state: 'present' }>
  /** True where the files are about the head unless they say otherwise. */
  readonly isAnchored: boolean
  readonly repository: Repository
}

/** Which commit reports are about: what they say themselves wins, and they must agree. */
async function bind(declared: readonly Declared[], { state, isAnchored, repository }: BindingContext): Promise<Binding> {
  const unknown = (remark: string): Binding => ({ fact: { commit: null, tree: null }, remark })
  const commits = new Set(declared.flatMap((one) => [...one.commits]))
  const trees = new Set(declared.flatMap((one) => [...one.trees]))
  const isSilent = declared.some((one) => [...one.commits, ...one.trees].length === 0)
  if (isSilent && !isAnchored) {
    return unknown(
      'nothing says which commit the report is about: name ${commit} in its path, or write the id into a file of the same name with .commit added',
    )
  }
  const wrong = [...commits, ...trees].find((id) => !OBJECT_ID.test(id))
  if (wrong !== undefined) return unknown(`the report says it is about ${JSON.stringify(wrong.slice(0, 80))}, which is no object id`)
  if (commits.size > 1 || trees.size > 1) return unknown(`the reports are about different commits: ${some([...commits, ...trees])}`)
  const [commit] = commits
  const [tree] = trees
  const isOfHead = (commit === undefined || commit === state.commit) && (tree === undefined || tree === state.tree)
  if (isOfHead) return { fact: {} }
  if (commit === undefined) return { fact: { commit: null, tree: tree ?? null } }
  return { fact: { commit, tree: tree ?? (commit === state.commit ? state.tree : await treeOf(commit, state.commit, repository)) } }
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** The tree of a commit beside the head, as after a rebase; null where the mirror does not tell. */
async function treeOf(commit: string, head: string, repository: Repository): Promise<string | null> {
  try {
    const base = await repository.mergeBase(commit, head)
    if (base === undefined || base === commit) return null
    const [newest] = await repository.commits(base, commit)
    return newest?.commit === commit ? newest.tree : null
  } catch {
    return null
  }
}

/** The sha256 of the one file, or over the sorted list of all with theirs. */
function digestOf(reports: readonly { readonly path: string; readonly sha256: string }[]): string {
  const [only] = reports
  if (only && reports.length === 1) return only.sha256
  const hash = createHash('sha256')
  for (const { path, sha256 } of reports) hash.update(`${sha256}  ${path}\n`)
  return hash.digest('hex')
}

/** A report on disk was observed when it was written; a clock that runs ahead makes it no younger than now. */
const oldest = (reports: readonly { readonly modifiedMs: number }[], at: string): string =>
  new Date(Math.min(Date.parse(at), ...reports.map(({ modifiedMs }) => Math.trunc(modifiedMs)))).toISOString()

const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
