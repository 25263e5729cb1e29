import type { Context, Observation } from '#core/evaluate/context.ts'
import type { RawStatus } from '#core/evaluate/model.ts'
import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import type { ProbeRecord, RecordedFile } from '#core/merge/probe.ts'
import type { Stream } from '#core/program/model.ts'

/**
 * The metric `conflicts` of a stream: with how many others it does not merge once they have landed
 * on the target, the target itself counted as one. None is said only where git judged every pair.
 */
export function conflictsOf(context: Context, stream: Stream): Observation {
  const { probe } = context.snapshot
  const probed = probe?.streams.find((one) => one.id === stream.id)
  if (!probe || !probed) return { status: 'missing', reason: whyNotProbed(context, streamSubject(stream.id)) }
  const { target } = context.program
  switch (probed.state) {
    case 'unavailable':
      return { status: 'errored', reason: `git cannot say how it merges into ${target}: ${probed.reason ?? 'it gives no reason'}` }
    case 'landed':
      return { status: 'observed', value: 0, reason: `${target} has it all` }
    case 'conflicted':
      return {
        status: 'observed',
        value: 1,
        words: conflictsText(1),
        reason: `with ${target} in ${filesText(probed.files)}; with others it can be judged once that is solved`,
      }
    case 'clean':
      return ofPairs(context, stream, probe)
  }
}

/** For the program: pairs of streams that collide, and streams that conflict with the target. */
export function conflictsOfAll(context: Context): Observation {
  const { probe } = context.snapshot
  if (!probe) return { status: 'missing', reason: whyNotProbed(context, 'program') }
  const { target } = context.program
  const name = (id: string): string => context.stream(id)?.name ?? id
  const found = [
    ...probe.streams.filter((one) => one.state === 'conflicted').map((one) => `${name(one.id)} and ${target} in ${filesText(one.files)}`),
    ...probe.pairs
      .filter((one) => one.verdict === 'conflicted')
      .map((one) => `${name(one.a)} and ${name(one.b)} in ${filesText(one.files)}`),
  ]
  if (found.length > 0) return { status: 'observed', value: found.length, words: conflictsText(found.length), reason: found.join('; ') }
  const open = [
    ...probe.streams.filter((one) => one.state === 'unavailable').map((one) => `${name(one.id)}: ${one.reason ?? ''}`),
    ...probe.pairs.map((one) => `${name(one.a)} and ${name(one.b)}: ${one.reason ?? ''}`),
  ]
  if (open.length > 0) return { status: 'errored', reason: `git cannot say how these merge: ${open.join('; ')}` }
  if (probe.streams.length === 0) return { status: 'missing', reason: 'no stream has a branch yet' }
  return { status: 'observed', value: 0, reason: 'git finds no conflict between any two of the branches' }
}

const conflictsText = (count: number): string => (count === 1 ? '1 conflict' : `${count} conflicts`)

function whyNotProbed({ snapshot: { subjects, probe } }: Context, subject: Subject): string {
  const state = subject === 'program' ? undefined : subjects[subject]
  if (state && state.state !== 'present') return state.reason
  const target = subjects['program']
  if (!probe && target && target.state !== 'present') return `there is no target to merge into: ${target.reason}`
  return 'how the branches merge was not looked at'
}

/** What would make known how they merge, where it is not. */
export function conflictsFlip(context: Context, subject: Subject, status: RawStatus): string {
  const { subjects, probe } = context.snapshot
  if (status !== 'missing') return 'git able to judge how the branches merge'
  if (subject !== 'program' && subjects[subject]?.state === 'absent') return `${context.streamOf(subject)?.branch ?? 'the branch'} pushed`
  if (!probe && subjects['program']?.state === 'absent') return `${context.program.target} pushed`
  return probe?.streams.length === 0 ? 'a branch pushed' : 'git asked how the branches merge'
}

function ofPairs(context: Context, stream: Stream, probe: ProbeRecord): Observation {
  const name = (id: string): string => context.stream(id)?.name ?? id
  const other = (one: { readonly a: string; readonly b: string }): string => name(one.a === stream.id ? one.b : one.a)
  const own = probe.pairs.filter((one) => one.a === stream.id || one.b === stream.id)
  const colliding = own.filter((one) => one.verdict === 'conflicted')
  if (colliding.length > 0) {
    return {
      status: 'observed',
      value: colliding.length,
      words: conflictsText(colliding.length),
      reason: colliding.map((one) => `with ${other(one)} in ${filesText(one.files)}`).join('; '),
    }
  }
  const unavailable = [
    ...own.map((one) => `with ${other(one)}: ${one.reason ?? ''}`),
    ...probe.streams.filter((one) => one.state === 'unavailable').map((one) => `${name(one.id)}: ${one.reason ?? ''}`),
  ]
  if (unavailable.length > 0) return { status: 'inconclusive', reason: `git cannot say how it merges: ${unavailable.join('; ')}` }
  const unjudged = probe.streams.filter((one) => one.state === 'conflicted').map((one) => name(one.id))
  return {
    status: 'observed',
    value: 0,
    reason: `git finds no conflict with ${context.program.target} or another stream${unjudged.length === 0 ? '' : `; not judged against ${unjudged.join(', ')}, which must be rebased first`}`,
  }
}

function filesText(files: readonly RecordedFile[]): string {
  const shown = files.slice(0, 3).map(({ path, kind }) => `${path} (${kind})`)
  if (shown.length === 0) return 'files that git does not name'
  return files.length > 3 ? `${shown.join(', ')} and ${files.length - 3} more` : shown.join(', ')
}
