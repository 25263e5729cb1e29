import type { Context, ObservedPart, Observation, Undecided } from '#core/evaluate/context.ts'
import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import type { Deliverable, DeliverableKind, MetricCondition, Stream } from '#core/program/model.ts'
import { DELIVERABLE_KINDS } from '#core/program/model.ts'
import { round } from '#core/program/quantity.ts'
import { conflictsOf, conflictsOfAll } from '#core/evaluate/conflicts.ts'
import { epoch } from '#core/schedule/time.ts'

/** Computes one of `DERIVED_METRICS` for a stream, or for the program over all of its streams. */
export function deriveMetric(context: Context, subject: Subject, name: string): Observation {
  const dot = name.indexOf('.')
  const family = dot < 0 ? name : name.slice(0, dot)
  const member = dot < 0 ? '' : name.slice(dot + 1)
  const stream = context.streamOf(subject)
  if (subject !== 'program' && !stream) return { status: 'missing', reason: 'there is no such stream' }
  switch (family) {
    case 'progress':
      return stream ? progress(context, stream, kindsOf(member)) : mean(context, name)
    case 'due':
      return stream ? due(context, stream, kindsOf(member)) : mean(context, name)
    case 'blockers':
      return stream ? blockers(context, stream, member) : total(context, name, member === 'age')
    case 'conflicts':
      return stream ? conflictsOf(context, stream) : conflictsOfAll(context)
    case 'confidence':
      return stream ? confidence(context, stream, member as 'week' | 'program') : mean(context, name)
    default:
      return { status: 'missing', reason: `nothing brings ${name}` }
  }
}

const kindsOf = (member: string): readonly DeliverableKind[] => (member === '' ? DELIVERABLE_KINDS : [member as DeliverableKind])

/** Share of a deliverable's whole that a value is, 0-1. Where less is better, or nothing is due, it is done or not. */
function share(value: number | boolean, low: number, high: number, better: string): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (better === 'lower') return value <= high ? 1 : 0
  if (low <= 0) return value >= low ? 1 : 0
  return Math.max(0, Math.min(1, value / low))
}

function progress(context: Context, stream: Stream, kinds: readonly DeliverableKind[]): Observation {
  if (stream.deliverables.length === 0) return NOTHING_MEASURED
  const parts = stream.deliverables
    .filter((one): one is Deliverable & { measure: string } => one.measure !== undefined && kinds.includes(one.kind))
    .map((one) => part(context, stream, one.title, one.measure, one.full?.low ?? 1, one.full?.high ?? 1))
  return average(parts, 'no deliverable of this kind is measured')
}

const NOTHING_MEASURED: Observation = { status: 'not-applicable', reason: 'no deliverable of this kind is measured' }
const NOTHING_DUE: Observation = { status: 'not-applicable', reason: 'nothing measured of this kind is due at this checkpoint' }

function due(context: Context, stream: Stream, kinds: readonly DeliverableKind[]): Observation {
  const targets = context.targets(streamSubject(stream.id), kinds)
  if (targets.length === 0) return NOTHING_DUE
  const parts = targets
    .flatMap((target) => ('metric' in target.condition ? [{ target, condition: target.condition }] : []))
    .map(({ target, condition }) => {
      const [low, high] = dueAmount(condition)
      return part(context, stream, target.title, condition.metric, low, high)
    })
  return average(parts, 'nothing measured of this kind is due at this checkpoint')
}

function dueAmount({ comparison }: MetricCondition): readonly [number, number] {
  if (comparison.op === 'between') return [comparison.low, comparison.high]
  const value = typeof comparison.value === 'boolean' ? 1 : comparison.value
  return [value, value]
}

function part(context: Context, stream: Stream, title: string, measure: string, low: number, high: number): ObservedPart {
  const metric = context.metric(measure)
  const subject = streamSubject(stream.id)
  const observation = isMadeOfDeliverables(measure) ? MADE_OF_ITSELF : context.observe(subject, measure, 'measured')
  const done =
    observation.status === 'observed' && observation.value !== undefined
      ? share(observation.value, low, high, metric?.better ?? 'higher')
      : undefined
  return {
    title,
    metric: measure,
    subject,
    observation,
    ...(metric && { unit: metric.unit }),
    whole: { low, high },
    ...(done !== undefined && { share: done }),
  }
}

const isMadeOfDeliverables = (measure: string): boolean => /^(?:progress|due)(?:\.|$)/.test(measure)
const MADE_OF_ITSELF: Observation = { status: 'errored', reason: 'a deliverable is measured by what is made from the deliverables' }

const PRECEDENCE: readonly Undecided[] = ['errored', 'missing', 'stale', 'inconclusive', 'not-applicable']

/** The status that speaks for several undecided ones: what must be mended first. */
export const worst = (statuses: readonly Undecided[]): Undecided => PRECEDENCE.find((one) => statuses.includes(one)) ?? 'missing'

/** Mean of the shares; undecided as soon as one part is, because an unknown part is not zero. */
function average(parts: readonly ObservedPart[], none: string): Observation {
  if (parts.length === 0) return { status: 'not-applicable', reason: none }
  const open = parts.filter((one) => one.share === undefined)
  if (open.length > 0) {
    const status = worst(open.map((one) => (one.observation.status === 'observed' ? 'inconclusive' : one.observation.status)))
    const telling = open.filter((one) => one.observation.status === status)
    return { status, reason: `${telling.map((one) => one.title).join(', ')}: ${telling[0]?.observation.reason ?? status}`, parts }
  }
  // Rounded, so that three parts at 80 % are at 80 % and not a hair below it.
  return { status: 'observed', value: round(parts.reduce((sum, one) => sum + (one.share ?? 0), 0) / parts.length), parts }
}

function streamPart(context: Context, stream: Stream, name: string): ObservedPart {
  const subject = streamSubject(stream.id)
  const metric = context.metric(name)
  return {
    title: stream.name,
    metric: name,
    subject,
    observation: context.observe(subject, name, 'claimed'),
    ...(metric && { unit: metric.unit }),
  }
}

/** For the program: the mean over the streams to which the metric applies. */
function mean(context: Context, name: string): Observation {
  const parts = context.program.streams
    .map((stream) => {
      const one = streamPart(context, stream, name)
      const { status, value } = one.observation
      return { ...one, ...(status === 'observed' && typeof value === 'number' && { share: value }) }
    })
    .filter((one) => one.observation.status !== 'not-applicable')
  return average(parts, 'it applies to no stream')
}

function blockers(context: Context, stream: Stream, member: string): Observation {
  const chosen = context.openBlockers(stream.id).filter((one) => {
    if (member === 'critical') return one.severity === 'critical'
    if (member === 'unmitigated') return one.workaround === undefined || one.workaround === ''
    if (member === 'overdue') return epoch(one.deadline) < context.now
    if (member === 'security' || member === 'merge') return one.labels?.includes(member) === true
    return true
  })
  const value = member === 'age' ? Math.max(0, ...chosen.map((one) => (context.now - epoch(one.openedAt)) / 1000)) : chosen.length
  if (chosen.length > 0) {
    const reason = chosen.map((one) => `${one.title} (${one.blocker})`).join('; ')
    return { status: 'observed', value, reason, ...(member !== 'age' && { words: `${value} open` }) }
  }
  // Silence is no proof: that there is no blocker is known only once the lead has spoken.
  const none = `no blocker${KIND_OF_BLOCKER[member] ?? ''} is recorded`
  const checkIn = context.checkIn(stream.id)
  if (!checkIn) return { status: 'missing', reason: `${none}, but ${context.name(stream.lead)} has not checked in` }
  if (context.previousAt !== undefined && epoch(checkIn.at) < epoch(context.previousAt)) {
    return {
      status: 'stale',
      reason: `${none}, but ${context.name(stream.lead)} last checked in on ${context.when(checkIn.at)}, before the previous checkpoint`,
    }
  }
  return { status: 'observed', value: 0, reason: `${context.name(checkIn.actor)} checked in on ${context.when(checkIn.at)}, and ${none}` }
}

/** Which blockers a metric counts, as words after "no blocker". */
const KIND_OF_BLOCKER: Readonly<Record<string, string>> = {
  critical: ' that is critical',
  unmitigated: ' without a workaround',
  overdue: ' past its deadline',
  security: ' labelled security',
  merge: ' labelled merge',
}

function total(context: Context, name: string, largest: boolean): Observation {
  const parts = context.program.streams.map((stream) => streamPart(context, stream, name))
  const numbers = parts.flatMap(({ observation }) =>
    observation.status === 'observed' && typeof observation.value === 'number' ? [observation.value] : [],
  )
  const value = largest ? Math.max(0, ...numbers) : numbers.reduce((sum, one) => sum + one, 0)
  const open = parts.filter(({ observation }) => observation.status !== 'observed')
  // One blocker is enough to know that there are some; that there are none must be known of every stream.
  if (value === 0 && open.length > 0) {
    return {
      status: worst(open.map(({ observation }) => observation.status as Undecided)),
      reason: open.map(({ title, observation }) => `${title}: ${observation.reason ?? ''}`).join('; '),
      parts,
    }
  }
  const telling = parts.filter(({ observation }) => typeof observation.value === 'number' && observation.value > 0)
  const reason = telling.map(({ title, observation }) => `${title}: ${observation.reason ?? ''}`).join('; ')
  const words = telling.some(({ observation }) => observation.words !== undefined) ? `${value} open` : undefined
  return { status: 'observed', value, ...(reason !== '' && { reason }), ...(words !== undefined && { words }), parts }
}

function confidence(context: Context, stream: Stream, member: 'week' | 'program'): Observation {
  const checkIn = context.checkIn(stream.id)
  const value = checkIn?.confidence?.[member]
  if (!checkIn || value === undefined)
    return { status: 'missing', reason: `${context.name(stream.lead)} has not said how confident they are` }
  if (context.previousAt !== undefined && epoch(checkIn.at) < epoch(context.previousAt)) {
    return {
      status: 'stale',
      reason: `${context.name(checkIn.actor)} said it on ${context.when(checkIn.at)}, before the previous checkpoint`,
    }
  }
  return { status: 'observed', value, reason: `${context.name(checkIn.actor)} said so on ${context.when(checkIn.at)}` }
}
