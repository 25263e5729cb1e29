import type { CollectContext, CollectorKind, CollectRequest, Fact } from '#core/evidence/collector.ts'
import { EVIDENCE_STATUSES, streamSubject, type Evidence, type Snapshot, type Subject, type SubjectState } from '#core/evidence/evidence.ts'
import { besideMeasured, reportedEvidence, type Recorded } from '#core/evidence/reported.ts'
import type { Program, Source } from '#core/program/model.ts'
import { isInstant } from '#core/schedule/time.ts'
import { openShelf } from '#engine/artifacts.ts'
import { afterDeletion } from '#engine/deleted-branch.ts'
import type { GatherPorts, Progress } from '#engine/ports.ts'
import { probeStreams } from '#engine/probe.ts'
import { unmoved, type Before } from '#engine/unmoved.ts'
import { unlessAborted } from '#engine/unless-aborted.ts'

export interface GatherOptions {
  readonly at: string
  /** Gather only for these streams. */
  readonly streams?: readonly string[]
  /** What CI has reported, from the ledger. */
  readonly reported?: readonly Recorded[]
  /** What was recorded last: a branch that was merged and deleted is known from it. */
  readonly before?: Snapshot | undefined
  /** What was seen by the same program: commands are not run again for what has not moved since. */
  readonly seen?: Before
  /** Hears of what each source brings as soon as it has; nothing once the look is given up. */
  readonly found?: (found: Snapshot) => void
  readonly signal: AbortSignal
  readonly progress?: (event: Progress) => void
}

/** One source to be asked about one subject. */
interface Job {
  readonly source: Source
  /** Undefined: nobody knows how to ask it. */
  readonly kind: CollectorKind | undefined
  readonly subject: Subject
  readonly state: SubjectState
}

const NOT_LOOKED_UP: SubjectState = { state: 'unavailable', reason: 'it was not looked up' }

/** Seed of everything random in gathering: fixed, so that the same samples give the same interval. */
export const SEED = 20_260_225

/**
 * Asks every source about each of its subjects, side by side, each within its own time limit.
 * Whatever goes wrong with one becomes evidence of status errored; the others go on.
 */
export async function gather(program: Program, ports: GatherPorts, options: GatherOptions): Promise<Snapshot> {
  const subjects = await resolveSubjects(program, ports, options.before)
  const kinds = new Map(ports.kinds.map((kind) => [kind.kind, kind]))
  const jobs = program.sources.flatMap((source) =>
    subjectsOf(program, source, options.streams).map((subject): Job => ({
      source,
      kind: kinds.get(source.collect),
      subject,
      state: subjects[subject] ?? NOT_LOOKED_UP,
    })),
  )
  options.progress?.({ step: 'begin', sources: jobs.length })
  const kept = options.seen && unmoved(jobs, options.seen, { subjects, at: options.at, host: ports.host })
  for (const job of jobs) if (job.source.collect === 'command' && !kept?.has(job)) ports.runner.announce(job.source.id, job.subject)
  const shelf = openShelf(program.sources, ports, options.signal, (source, subject, signal) => [
    requestOf(program, source, subject, subjects[subject] ?? NOT_LOOKED_UP),
    { ...context, signal },
  ])
  const context: Omit<CollectContext, 'signal'> = {
    program,
    repository: ports.repository,
    target: subjects['program'] ?? NOT_LOOKED_UP,
    streams: program.streams.map((stream) => ({
      id: stream.id,
      paths: stream.paths,
      state: subjects[streamSubject(stream.id)] ?? NOT_LOOKED_UP,
    })),
    runner: ports.runner,
    artifacts: shelf.of,
    programFolder: ports.programFolder,
    cacheFolder: ports.cacheFolder,
    environment: ports.environment,
    at: options.at,
    seed: SEED,
  }
  const { prober, repository } = ports
  const probing = prober && probeStreams(program, subjects, { prober, repository }, options.signal)
  // Whoever waits for the collectors first must not miss that the check was cancelled meanwhile.
  probing?.catch(() => undefined)
  const asking = Promise.all(
    jobs.map(async (job) => {
      const { source, subject } = job
      const began = ports.now()
      const known = kept?.get(job)
      const evidence = known ?? (await ask(job, context, ports, options.signal))
      if (source.collect === 'command' && !known) ports.runner.settle(source.id, subject)
      const seconds = (Date.parse(ports.now()) - Date.parse(began)) / 1000
      if (!options.signal.aborted) options.found?.({ subjects, evidence })
      options.progress?.({
        step: 'source',
        source: source.id,
        subject,
        seconds,
        errored: evidence.filter((one) => one.status === 'errored').length,
      })
      return evidence
    }),
  )
  await Promise.allSettled([asking])
  await shelf.clear()
  const found = await asking
  const probe = await probing
  const reported = (options.reported ?? []).filter(({ body }) => options.streams?.includes(body.stream) ?? true)
  const evidence = besideMeasured(found.flat(), reportedEvidence(reported, subjects, options.at))
  return { subjects, evidence, ...(probe && { probe }) }
}

/** Every request to a command source, as `gather` would make it: what `muster trust` shows. */
export async function commandRequests(program: Program, ports: Pick<GatherPorts, 'repository'>): Promise<CollectRequest[]> {
  const subjects = await resolveSubjects(program, ports)
  return program.sources
    .filter((source) => source.collect === 'command')
    .flatMap((source) =>
      subjectsOf(program, source, undefined).map((subject) => requestOf(program, source, subject, subjects[subject] ?? NOT_LOOKED_UP)),
    )
}

async function resolveSubjects(
  program: Program,
  { repository }: Pick<GatherPorts, 'repository'>,
  before?: Snapshot,
): Promise<Record<string, SubjectState>> {
  const target = resolveOne(program.target, repository)
  const streams = program.streams.map(async ({ id, branch }) => {
    const [subject, state] = [streamSubject(id), await resolveOne(branch, repository)]
    if (state.state !== 'absent') return [subject, state] as const
    const { reason } = state
    return [subject, await afterDeletion({ program, subject, branch, reason, target: await target, before }, repository)] as const
  })
  return Object.fromEntries([['program', await target], ...(await Promise.all(streams))])
}

async function resolveOne(branch: string, repository: GatherPorts['repository']): Promise<SubjectState> {
  try {
    return await repository.resolve(branch)
  } catch (error) {
    return { state: 'unavailable', reason: messageOf(error) }
  }
}

function subjectsOf(program: Program, source: Source, only: readonly string[] | undefined): Subject[] {
  // Looking at some streams judges nothing of the program as a whole.
  if (source.for === 'program') return only ? [] : ['program']
  const ids = source.for === 'streams' ? program.streams.map((stream) => stream.id) : source.for
  return ids.filter((id) => !only || only.includes(id)).map(streamSubject)
}

async function ask(job: Job, context: Omit<CollectContext, 'signal'>, ports: GatherPorts, cancelled: AbortSignal): Promise<Evidence[]> {
  const { source, kind, subject, state } = job
  if (!kind) return []
  const failed = (status: 'errored' | 'missing', reason: string): Evidence[] =>
    Object.keys(kind.metrics).map((name) => toEvidence({ name, status, source: source.id, reason }))
  const toEvidence = (fact: Fact): Evidence => evidenceOf(fact, { ...job, kind }, ports)
  try {
    const collector = await ports.collector(source.collect)
    if (!collector) return failed('errored', `there is no collector for ${source.collect}`)
    const request = requestOf(context.program, source, subject, state)
    // Waiting for the source whose files are read is that one's time, not this one's.
    if (typeof source.from === 'string') {
      const made = Promise.all([ports.runner.resultOf(source.from, subject), context.artifacts(source.from, subject)])
      await unlessAborted(made, cancelled)
    }
    if (cancelled.aborted) return failed('errored', CANCELLED)
    // The runner holds commands to the limit itself, from when they start: they may have to queue.
    const limit = source.collect === 'command' ? undefined : ports.timeLimit(source.timeLimitSeconds)
    const signal = limit ? AbortSignal.any([limit, cancelled]) : cancelled
    const facts = await unlessAborted(collector.collect(request, { ...context, signal }), signal)
    if (facts === undefined)
      return failed('errored', limit?.aborted === true ? `it took longer than ${source.timeLimitSeconds} s` : CANCELLED)
    return facts.map(toEvidence)
  } catch (error) {
    return failed('errored', messageOf(error))
  }
}

const CANCELLED = 'the check was cancelled'

/** What was thrown, in words; anything may be thrown, also what cannot be made a text. */
function messageOf(error: unknown): string {
  try {
    const text: unknown = error instanceof Error ? error.message : String(error)
    return typeof text === 'string' && text.trim() !== '' ? text : 'it failed and did not say why'
  } catch {
    return 'it failed and did not say why'
  }
}

/** What a source asks about a subject: `${stream}`, `${branch}`, `${commit}` and `${tree}` filled into its options. */
export function requestOf(program: Program, source: Source, subject: Subject, state: SubjectState): CollectRequest {
  const stream = program.streams.find((one) => streamSubject(one.id) === subject)
  const values: Readonly<Record<string, string>> = {
    stream: stream?.id ?? 'program',
    branch: stream?.branch ?? program.target,
    ...(state.state === 'present' && { commit: state.commit, tree: state.tree }),
  }
  let bound = false
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\$\{(stream|branch|commit|tree)\}/g, (written, name: string) => {
        if (name === 'commit' || name === 'tree') bound = true
        return values[name] ?? written
      })
    }
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [String(fill(key)), fill(one)]))
    return value
  }
  const options = fill(source.options)
  return { sourceId: source.id, subject, options, state, bound, timeLimitSeconds: source.timeLimitSeconds }
}

function evidenceOf(fact: Fact, { source, kind, subject, state }: Job & { readonly kind: CollectorKind }, ports: GatherPorts): Evidence {
  const here = kind.boundToTree && state.state === 'present' ? state : undefined
  const commit = fact.commit === null ? undefined : (fact.commit ?? here?.commit)
  const tree = fact.tree === null ? undefined : (fact.tree ?? here?.tree)
  const unit = fact.unit ?? kind.metrics[fact.name]?.unit ?? 'count'
  const fault = faultOf(fact)
  const status = fault === undefined ? fact.status : 'errored'
  const observedAt = fact.observedAt !== undefined && isInstant(fact.observedAt) ? fact.observedAt : ports.now()
  return {
    subject,
    metric: `${source.id}.${fact.name}`,
    status,
    unit,
    ...(status === 'observed' && fact.value !== undefined && { value: fact.value }),
    ...(status === 'observed' && fact.interval && { interval: fact.interval }),
    provenance: fact.provenance ?? 'measured',
    ...(commit !== undefined && { commit }),
    ...(tree !== undefined && { tree }),
    observedAt,
    source: fact.source,
    ...(fact.sha256 !== undefined && { sha256: fact.sha256 }),
    // CI made it on a machine of its own.
    ...(fact.provenance !== 'reported' && { host: ports.host }),
    ...((fault ?? fact.reason) !== undefined && { reason: fault ?? fact.reason }),
    ...(fact.details && fact.details.length > 0 && { details: fact.details.slice(0, 20) }),
  }
}

/** Why a fact cannot be kept as it is: what JSON cannot hold would be lost or break the record. */
function faultOf({ status, value, interval, observedAt }: Fact): string | undefined {
  if (!EVIDENCE_STATUSES.includes(status)) return `its status is ${JSON.stringify(status)}, which evidence cannot have`
  if (status !== 'observed') return undefined
  if (typeof value !== 'boolean' && (typeof value !== 'number' || !Number.isFinite(value)))
    return `its value is ${String(value)}, which is neither a finite number nor yes or no`
  if (interval && !(Number.isFinite(interval.low) && Number.isFinite(interval.high) && Number.isFinite(interval.level)))
    return 'its confidence interval is not made of finite numbers'
  if (observedAt !== undefined && !isInstant(observedAt))
    return `it says that it was observed at ${JSON.stringify(observedAt)}, which is no time`
  return undefined
}
