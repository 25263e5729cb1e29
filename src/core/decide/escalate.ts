import type { EscalationOwed, StreamDecision } from '#core/decide/model.ts'
import type { Context, Observation } from '#core/evaluate/context.ts'
import { contextOf, type EvaluationInput } from '#core/evaluate/evaluate.ts'
import { explainCondition } from '#core/evaluate/explain.ts'
import { judge } from '#core/evaluate/judge.ts'
import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import { DERIVED_METRICS } from '#core/program/metrics.ts'
import type { Condition, EscalationRule, Health, Person } from '#core/program/model.ts'
import { formatDuration } from '#core/program/quantity.ts'
import { epoch } from '#core/schedule/time.ts'

type Judged = Pick<StreamDecision, 'stream' | 'health' | 'healthRule'>

/** Who is owed an escalation, by stream and rule. */
export function escalationsOwed(context: Context, streams: readonly Judged[]): EscalationOwed[] {
  return streams.flatMap((one) => {
    const subject = streamSubject(one.stream)
    const isAhead = context.now < epoch(context.checkpoint.at)
    const judged = withHealth(context, isAhead ? asItIsNow(context, one) : one)
    return context.program.escalation.flatMap((rule): EscalationOwed[] => {
      if (!holds(judged, rule.when, subject)) return []
      if (isAhead && restsOnTargets(judged, rule.when, one)) return []
      const people = peopleOf(context, rule, subject)
      if (!people) return []
      return [
        {
          rule: rule.id,
          scenario: rule.scenario,
          subject,
          ...people,
          action: rule.action,
          because: explainCondition(judged, telling(judged, rule.when, subject), subject).because + heldText(rule.afterSeconds),
        },
      ]
    })
  })
}

/** Before a checkpoint the reason for a health is not what falls short of its targets, where there is another one. */
function asItIsNow(context: Context, stream: Judged): Judged {
  const { healthRule } = stream
  const subject = streamSubject(stream.stream)
  const rule = context.program.policy.health.find((one) => one.id === healthRule.id)
  const reason =
    rule && 'any' in rule.when
      ? rule.when.any.find((one) => holds(context, one, subject) && !restsOnTargets(context, one, stream))
      : undefined
  return reason ? { ...stream, healthRule: { ...healthRule, because: explainCondition(context, reason, subject).because } } : stream
}

const holds = (context: Context, condition: Condition, subject: Subject): boolean =>
  judge(context, condition, subject, undefined).status === 'satisfied'

/** Whether a condition holds for nothing but what is due at the checkpoint: before its time nobody has to have it. */
function restsOnTargets(context: Context, condition: Condition, stream: Judged): boolean {
  const rests = (one: Condition): boolean => restsOnTargets(context, one, stream)
  if ('all' in condition) return condition.all.some(rests)
  if ('not' in condition) return rests(condition.not)
  if ('any' in condition) return condition.any.filter((one) => holds(context, one, streamSubject(stream.stream))).every(rests)
  if (!('metric' in condition)) return 'targets' in condition
  const health = context.program.policy.health.find((one) => one.id === stream.healthRule.id)
  return condition.metric.startsWith('due.') || (condition.metric === 'health.behind' && health !== undefined && rests(health.when))
}

/** Whether a rule asks anything of a stream at the checkpoint. */
export const applies = (input: EvaluationInput, { when }: EscalationRule, stream: string): boolean =>
  judge(contextOf(input), when, streamSubject(stream), undefined).status !== 'not-applicable'

/**
 * Why a rule that was owed for a stream is so no more, in words; undefined while it is, and while
 * nobody can tell: evidence that is missing proves nothing.
 */
export function standingOf(input: EvaluationInput, streams: readonly Judged[], rule: EscalationRule, stream: string): string | undefined {
  const decided = streams.find((one) => one.stream === stream)
  if (!decided) return undefined
  const context = contextOf(input)
  const subject = streamSubject(stream)
  const known = blockersOnRecord(context, subject)
  const judged = withHealth(context, decided, known)
  const { status } = judge(judged, rule.when, subject, undefined)
  if (status === 'satisfied') return peopleOf(context, rule, subject) ? undefined : 'there is nobody to escalate to'
  if (status !== 'unsatisfied' && status !== 'not-applicable') return undefined
  const isSilent = 'metric' in rule.when && known.get(rule.when.metric)?.reason === NONE_OPEN
  return isSilent ? NONE_OPEN : explainCondition(judged, rule.when, subject).because
}

const NONE_OPEN = 'no such blocker is open'

/**
 * Silence is no proof that nothing blocks a stream, but whatever was escalated because of a blocker
 * is over when that is: here what is not on record does not count.
 */
function blockersOnRecord(context: Context, subject: Subject): ReadonlyMap<string, Observation> {
  const names = Object.keys(DERIVED_METRICS).filter((name) => name.startsWith('blockers.'))
  return new Map(
    names.map((name) => {
      const observed = context.observe(subject, name, 'claimed')
      return [name, observed.status === 'observed' ? observed : { status: 'observed', value: 0, reason: NONE_OPEN }]
    }),
  )
}

function withHealth(
  context: Context,
  { stream, health, healthRule }: Judged,
  known: ReadonlyMap<string, Observation> = new Map(),
): Context {
  const base = known.size === 0 ? context : context.with(known)
  const reason = `the stream is ${health}: ${healthRule.because}`
  const observed = (which: Health): Observation =>
    which !== health && HIDES.has(health) && mayBe(base, which, streamSubject(stream))
      ? { status: 'missing', reason }
      : { status: 'observed', value: health === which, reason }
  return context.with(new Map([...known, ['health.behind', observed('BEHIND')], ['health.blocked', observed('BLOCKED')]]))
}

/** A stream that is blocked may be behind as well, and of one of which nothing is known anything may be so. */
const HIDES: ReadonlySet<Health> = new Set(['UNKNOWN', 'BLOCKED'])

/** Whether a rule gives, or what is missing could make it give, this health. */
const mayBe = (context: Context, health: Health, subject: Subject): boolean =>
  context.program.policy.health.some(
    (rule) => rule.health === health && !['unsatisfied', 'not-applicable'].includes(judge(context, rule.when, subject, undefined).status),
  )

/** Of an `any`, the branch that holds: the reason a person wants to read. */
export function telling(context: Context, condition: Condition, subject: Subject): Condition {
  if (!('any' in condition)) return condition
  return condition.any.find((one) => holds(context, one, subject)) ?? condition
}

/** Nobody escalates to themselves: where the owner is the only one there is, the matter is theirs alone. */
function peopleOf(context: Context, rule: EscalationRule, subject: Subject): Pick<EscalationOwed, 'owner' | 'escalateTo'> | undefined {
  const owner = personFor(context, rule.owner, subject)
  const escalateTo = [...context.holders(rule.escalateTo, subject), ...(isPerson(context, rule.escalateTo) ? [rule.escalateTo] : [])].find(
    (one) => one !== owner,
  )
  return escalateTo === undefined ? undefined : { owner, escalateTo }
}

/** One check sees one moment, so how long a condition has held is for whoever sends the escalation to know. */
const heldText = (seconds: number): string => (seconds > 0 ? `; owed once this has held for ${formatDuration(seconds)}` : '')

const isPerson = (context: Context, id: string): boolean => context.program.people.some((one: Person) => one.id === id)

const personFor = (context: Context, id: string, subject: Subject): string =>
  isPerson(context, id) ? id : ([...context.holders(id, subject)][0] ?? context.streamOf(subject)?.lead ?? id)
