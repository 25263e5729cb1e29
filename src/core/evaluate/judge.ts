import { boundOf, compare } from '#core/evaluate/compare.ts'
import type { Context, Observation, Undecided } from '#core/evaluate/context.ts'
import { worst } from '#core/evaluate/derived.ts'
import type { RawStatus } from '#core/evaluate/model.ts'
import type { Subject, Unit } from '#core/evidence/evidence.ts'
import type { Condition, Criterion, MetricCondition } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'

/** A condition judged for one subject: its status and the numbers that decided it. */
export interface Outcome {
  readonly status: RawStatus
  readonly actual: number | boolean | undefined
  readonly target: number | boolean | undefined
  readonly unit: Unit | undefined
}

const plain = (status: RawStatus): Outcome => ({ status, actual: undefined, target: undefined, unit: undefined })

/**
 * Three-valued: a condition is satisfied, unsatisfied, or something proves nothing either way.
 * `all` fails with its first failure, `any` holds with its first success; what is not applicable is
 * left out; otherwise the undecided part that must be mended first gives its status.
 */
export function judge(context: Context, condition: Condition, subject: Subject, criterion: Criterion | undefined): Outcome {
  if ('metric' in condition) return judgeMetric(context, condition, subject)
  if ('all' in condition)
    return combine(
      condition.all.map((one) => judge(context, one, subject, criterion)),
      'unsatisfied',
    )
  if ('any' in condition)
    return combine(
      condition.any.map((one) => judge(context, one, subject, criterion)),
      'satisfied',
    )
  if ('not' in condition) {
    const inner = judge(context, condition.not, subject, criterion)
    return { ...inner, status: inner.status === 'satisfied' ? 'unsatisfied' : inner.status === 'unsatisfied' ? 'satisfied' : inner.status }
  }
  if ('targets' in condition) {
    const targets = context.targets(subject, condition.targets)
    if (targets.length === 0) return plain('not-applicable')
    return combine(
      targets.map((one) => judge(context, one.condition, one.subjects[0] ?? subject, one)),
      'unsatisfied',
    )
  }
  const { approved, refused, elsewhere } = signatures(context, condition.signOff, subject, criterion)
  const isSigned = approved.length >= condition.signOff.quorum
  const status: RawStatus = refused.length > 0 ? 'unsatisfied' : isSigned ? 'satisfied' : elsewhere.length > 0 ? 'stale' : 'missing'
  return { status, actual: approved.length, target: condition.signOff.quorum, unit: 'count' }
}

function judgeMetric(context: Context, condition: MetricCondition, subject: Subject): Outcome {
  const observation = context.observe(subject, condition.metric, condition.provenance)
  const metric = context.metric(condition.metric)
  const better = metric?.better ?? 'none'
  return {
    status: statusOf(condition, observation, better),
    actual: observation.value ?? (observation.status === 'observed' ? undefined : shown(observation)),
    target: boundOf(condition.comparison, better),
    unit: metric?.unit,
  }
}

/** A stale value is still worth seeing; it just proves nothing. */
const shown = (observation: Observation): number | boolean | undefined =>
  observation.status === 'stale' ? observation.evidence?.value : undefined

export function statusOf(condition: MetricCondition, observation: Observation, better: 'higher' | 'lower' | 'none'): RawStatus {
  if (observation.status !== 'observed') return observation.status
  if (observation.value === undefined) return 'missing'
  return compare(condition.comparison, better, observation.value, observation.interval)
}

/** `decisive` is the status that settles the whole at once: a failure for `all`, a success for `any`. */
function combine(outcomes: readonly Outcome[], decisive: 'satisfied' | 'unsatisfied'): Outcome {
  const settled = outcomes.find((one) => one.status === decisive)
  if (settled) return settled
  const open = outcomes.filter((one) => one.status !== 'satisfied' && one.status !== 'unsatisfied' && one.status !== 'not-applicable')
  if (open.length > 0) {
    const status = worst(open.map((one) => one.status as Undecided))
    return open.find((one) => one.status === status) ?? plain(status)
  }
  const decided = outcomes.find((one) => one.status !== 'not-applicable')
  return decided ?? plain(outcomes.length === 0 && decisive === 'satisfied' ? 'unsatisfied' : 'not-applicable')
}

export interface Signature {
  readonly person: string
  readonly role: string
  readonly at: string
  readonly reason: string
}

/**
 * Who has signed, and who has refused: each person once, with what they said last, and only in a
 * role that they hold in the program.
 */
export function signatures(
  context: Context,
  rule: { readonly roles: readonly string[]; readonly sameTree?: true },
  subject: Subject,
  criterion: Criterion | undefined,
): { readonly approved: readonly Signature[]; readonly refused: readonly Signature[]; readonly elsewhere: readonly Signature[] } {
  const stream = subject === 'program' ? undefined : subject.slice('stream:'.length)
  const state = context.snapshot.subjects[subject]
  const tree = state?.state === 'present' ? state.tree : undefined
  const last = new Map<string, Signature & { readonly approve: boolean; readonly isHere: boolean }>()
  for (const sign of context.ledger.signOffs) {
    if (sign.checkpoint !== context.checkpoint.id || sign.criterion !== criterion?.id || sign.stream !== stream) continue
    if (!rule.roles.includes(sign.role) || !context.holders(sign.role, subject).has(sign.actor) || epoch(sign.at) > context.now) continue
    const isHere = rule.sameTree !== true || (tree !== undefined && sign.tree === tree)
    last.set(sign.actor, { person: sign.actor, role: sign.role, at: sign.at, reason: sign.reason, approve: sign.approve, isHere })
  }
  const all = [...last.values()]
  return {
    approved: all.filter((one) => one.approve && one.isHere),
    refused: all.filter((one) => !one.approve),
    elsewhere: all.filter((one) => one.approve && !one.isHere),
  }
}
