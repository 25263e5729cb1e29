import { boundOf, compare } from '#core/evaluate/compare.ts'
import { Context, type Observation } from '#core/evaluate/context.ts'
import { judge, statusOf } from '#core/evaluate/judge.ts'
import type { Evaluation, Judgement, RawStatus, Status, StreamEvaluation } from '#core/evaluate/model.ts'
import { Waivers } from '#core/evaluate/waivers.ts'
import { streamSubject, type Snapshot, type Subject } from '#core/evidence/evidence.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Criterion, HealthRule, Program, Stream } from '#core/program/model.ts'
import { VERDICT_METRICS } from '#core/program/metrics.ts'
import { DELIVERABLE_KINDS } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'

/** Everything one judgement needs, nothing that it does not. Plain data apart from the clock's text. */
export interface EvaluationInput {
  readonly program: Program
  readonly checkpoint: Checkpoint
  readonly snapshot: Snapshot
  readonly ledger: LedgerState
  /** Clock: instant in UTC. */
  readonly at: string
  /** Judge only these streams, and nothing of the program as a whole. */
  readonly streams?: readonly string[]
}

/**
 * Judges every criterion of a checkpoint for each of its subjects, then applies waivers, then says
 * each stream's health. Pure: same input, same result, on any machine.
 */
export function evaluate(input: EvaluationInput): Evaluation {
  return evaluateIn(contextOf(input), input.streams)
}

/**
 * What is judged in. The program and the checkpoint that are given are those of the file: what the
 * ledger moved by the time of the clock is moved here. A checkpoint that was cancelled can still be
 * asked for, and is then what the file says.
 */
export function contextOf({ snapshot, ledger, at, ...input }: EvaluationInput): Context {
  const program = effectiveProgram(input.program, ledger.moves, at)
  const held = program === input.program ? undefined : program.checkpoints.find((one) => one.id === input.checkpoint.id)
  return new Context(program, held ?? input.checkpoint, snapshot, ledger, at)
}

/** As `evaluate`, in a context that is already built and serves explanations too. */
export function evaluateIn(context: Context, only?: readonly string[]): Evaluation {
  const chosen = only && new Set<Subject>(only.map(streamSubject))
  const isLooked = (subject: Subject): boolean => !chosen || chosen.has(subject)
  const waivers = new Waivers(context, isLooked)
  const tallies = new Map<Subject, Tally>()
  const judgements: Judgement[] = []
  let subjects: readonly Subject[] | undefined
  let places: readonly Place[] = []
  for (const criterion of context.checkpoint.criteria) {
    // Criteria for all streams share their list of subjects, so its places are looked up once.
    if (criterion.subjects !== subjects) {
      subjects = criterion.subjects
      places = subjects.filter(isLooked).map((one) => ({ subject: one, row: context.rowOf(one), tally: tallyOf(tallies, one) }))
    }
    judgeCriterion(context, criterion, places, waivers, judgements)
  }
  const streams = context.program.streams
    .filter((stream) => isLooked(streamSubject(stream.id)))
    .map((stream) => evaluateStream(context, stream, tallyOf(tallies, streamSubject(stream.id))))
  return { checkpoint: context.checkpoint.id, at: context.at, judgements, streams, waivers: waivers.report() }
}

/** What the judgements of one subject come to. */
interface Tally {
  /** Neither satisfied nor not applicable, after waivers. */
  open: number
  /** Critical ones that apply, and how many of them hold without a waiver. */
  critical: number
  criticalSatisfied: number
}

interface Place {
  readonly subject: Subject
  readonly row: number
  readonly tally: Tally
}

function tallyOf(tallies: Map<Subject, Tally>, subject: Subject): Tally {
  const known = tallies.get(subject)
  if (known) return known
  const made: Tally = { open: 0, critical: 0, criticalSatisfied: 0 }
  tallies.set(subject, made)
  return made
}

function count(tally: Tally, criterion: Criterion, rawStatus: RawStatus, status: Status): void {
  if (status !== 'satisfied' && status !== 'not-applicable') tally.open += 1
  if (criterion.tier !== 'critical' || rawStatus === 'not-applicable') return
  tally.critical += 1
  if (rawStatus === 'satisfied') tally.criticalSatisfied += 1
}

function judgeCriterion(context: Context, criterion: Criterion, places: readonly Place[], waivers: Waivers, into: Judgement[]): void {
  const { condition } = criterion
  if (!('metric' in condition)) {
    for (const { subject, tally } of places) {
      const { status: rawStatus, actual, target, unit } = judge(context, condition, subject, criterion)
      const status = waivers.apply(criterion, subject, rawStatus)
      count(tally, criterion, rawStatus, status)
      into.push({ criterion, subject, rawStatus, status, actual, target, unit })
    }
    return
  }
  // One metric is by far the commonest condition; what does not depend on the subject is looked up once.
  const { comparison, provenance } = condition
  const metric = context.metric(condition.metric)
  const column = context.column(condition.metric, provenance)
  const better = metric?.better ?? 'none'
  const target = boundOf(comparison, better)
  const unit = metric?.unit
  for (const { subject, row, tally } of places) {
    let actual: number | boolean | undefined = column?.(row)
    let rawStatus: RawStatus
    if (actual === undefined) {
      const observation = context.observe(subject, condition.metric, provenance)
      rawStatus = statusOf(condition, observation, better)
      actual = observation.value ?? (rawStatus === 'stale' ? observation.evidence?.value : undefined)
    } else {
      rawStatus = compare(comparison, better, actual, undefined)
    }
    const status = waivers.apply(criterion, subject, rawStatus)
    count(tally, criterion, rawStatus, status)
    into.push({ criterion, subject, rawStatus, status, actual, target, unit })
  }
}

function evaluateStream(context: Context, stream: Stream, tally: Tally): StreamEvaluation {
  const subject = streamSubject(stream.id)
  const rule = healthRule(context, subject)
  const progress = context.observe(subject, 'progress', 'measured')
  const known = rule ? undefined : healthIsKnown(context, subject, tally)
  return {
    stream: stream.id,
    health: rule?.health ?? (known ? 'ON TRACK' : 'UNKNOWN'),
    healthRule: rule?.id ?? (known ? 'on-track' : 'unknown'),
    progress: progress.status === 'observed' && typeof progress.value === 'number' ? progress.value : undefined,
    open: tally.open,
  }
}

/** The first health rule whose condition is satisfied for a stream. */
export const healthRule = (context: Context, subject: Subject): HealthRule | undefined =>
  context.program.policy.health.find((rule) => judge(context, rule.when, subject, undefined).status === 'satisfied')

/**
 * ON TRACK must be shown, not assumed: all targets due are met; where none is due, something
 * critical of the stream is satisfied and nothing critical of it is open.
 */
function healthIsKnown(context: Context, subject: Subject, tally: Tally): boolean {
  const { status } = judge(context, { targets: DELIVERABLE_KINDS }, subject, undefined)
  if (status !== 'not-applicable') return status === 'satisfied'
  return tally.critical > 0 && tally.criticalSatisfied === tally.critical
}

/** Counts of statuses as `criteria.<tier>.<status>` observations, for verdict rules. */
export function statusCounts(judgements: readonly Judgement[]): Map<string, Observation> {
  const counts = new Map<string, number>(Object.keys(VERDICT_METRICS).map((name) => [name, 0]))
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const { criterion, status } of judgements) {
    for (const tier of [criterion.tier, 'all']) {
      add(`criteria.${tier}.${status}`)
      if (status === 'missing' || status === 'stale' || status === 'errored' || status === 'inconclusive') add(`criteria.${tier}.undecided`)
      if (status !== 'not-applicable') add(`criteria.${tier}.judged`)
    }
  }
  return new Map([...counts].map(([name, value]) => [name, { status: 'observed', value }]))
}
