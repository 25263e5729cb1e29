import type { Repository } from '#core/evidence/collector.ts'
import { streamSubject, type SubjectState } from '#core/evidence/evidence.ts'
import { squashOf } from '#core/evidence/squash.ts'
import type { ConflictFile, Probed, ProbedStream, ProbeRecord, Prober, ProbeSubject, RecordedFile } from '#core/merge/probe.ts'
import type { Program } from '#core/program/model.ts'

type Subjects = Readonly<Record<string, SubjectState>>

/** Streams that have a branch, with its head. */
export const probeSubjects = (program: Program, subjects: Subjects): ProbeSubject[] =>
  program.streams.flatMap(({ id }) => {
    const state = subjects[streamSubject(id)]
    return state?.state === 'present' ? [{ id, commit: state.commit }] : []
  })

interface Probing {
  readonly prober: () => Promise<Prober>
  readonly repository: Squashes
}

type Squashes = Pick<Repository, 'mergeBase' | 'changes' | 'ownLine'>

/** How the streams merge, to be kept with the evidence; undefined where there is no target to merge into. */
export async function probeStreams(
  program: Program,
  subjects: Subjects,
  { prober: open, repository }: Probing,
  signal: AbortSignal,
): Promise<ProbeRecord | undefined> {
  const target = subjects['program']
  if (target?.state !== 'present') return undefined
  const streams = probeSubjects(program, subjects)
  try {
    const prober = await open()
    const probed = await prober.probe({ target: target.commit, streams, signal })
    return recordOf({ ...probed, streams: await Promise.all(probed.streams.map((one) => knowingSquash(one, target.commit, repository))) })
  } catch (error) {
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    return { streams: streams.map(({ id }) => ({ id, state: 'unavailable', reason, files: [] })), pairs: [] }
  }
}

/** To git a branch that was squashed collides with whatever became of its work since; there is nothing of it left to land. */
async function knowingSquash(stream: ProbedStream, target: string, repository: Squashes): Promise<ProbedStream> {
  if (stream.state !== 'conflicted') return stream
  const squash = await squashOf(repository, stream.commit, target).catch(() => undefined)
  return squash?.isTakenBack === false ? { ...stream, state: 'landed', files: [] } : stream
}

/** Lands the streams in that order for real: what no pair foretold is a surprise. */
export async function landInOrder(
  order: readonly string[],
  program: Program,
  subjects: Subjects,
  prober: Prober,
  signal: AbortSignal,
): Promise<NonNullable<ProbeRecord['landing']> | undefined> {
  const target = subjects['program']
  if (target?.state !== 'present') return undefined
  const known = new Map(probeSubjects(program, subjects).map((one) => [one.id, one]))
  const streams = order.flatMap((id) => known.get(id) ?? [])
  const steps = await prober.land({ target: target.commit, streams, signal })
  return {
    order,
    surprises: steps.filter((one) => one.outcome === 'conflicted').map(({ id, files }) => ({ stream: id, files: recorded(files) })),
  }
}

const recordOf = ({ streams, pairs }: Probed): ProbeRecord => ({
  streams: streams.map(({ id, state, reason, files, contains }) => ({
    id,
    state,
    ...(reason !== undefined && { reason }),
    files: recorded(files),
    ...(contains.length > 0 && { contains }),
  })),
  pairs: pairs.map(({ a, b, verdict, reason, onlyWhenFirst, files }) => ({
    a,
    b,
    verdict,
    ...(reason !== undefined && { reason }),
    ...(onlyWhenFirst !== undefined && { onlyWhenFirst }),
    files: recorded(files),
  })),
})

const MOST_FILES = 50

const recorded = (files: readonly ConflictFile[]): RecordedFile[] => files.slice(0, MOST_FILES).map(({ path, kind }) => ({ path, kind }))
