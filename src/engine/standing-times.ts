import type { Condition, EscalationRule, Program } from '#core/program/model.ts'
import type { History } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'

/**
 * Instants, in milliseconds, at which an escalation rule may come to hold, or not to hold any more,
 * although nobody does anything: a blocker grows older than a rule allows, or its deadline passes;
 * and those at which another clock, ahead of this one, has dated what it depends on.
 */
export function standingTimes(
  { escalation }: Program,
  { state: { blockers }, escalations }: Pick<History, 'state' | 'escalations'>,
): readonly number[] {
  const ages = agesIn(escalation)
  const times = blockers.flatMap((one) => {
    if (one.resolvedAt !== undefined) return [epoch(one.resolvedAt)]
    const openedAt = epoch(one.openedAt)
    // A millisecond past it, because "older than two hours" is not yet so at two hours.
    return [openedAt, epoch(one.deadline) + 1, ...ages.map((seconds) => openedAt + Math.ceil(seconds * 1000) + 1)]
  })
  return [...times, ...escalations.map((one) => epoch(one.clearedAt ?? one.raisedAt))]
}

const AGES = new WeakMap<readonly EscalationRule[], readonly number[]>()

function agesIn(rules: readonly EscalationRule[]): readonly number[] {
  const known = AGES.get(rules)
  if (known) return known
  const found = [...new Set(rules.flatMap((rule) => bounds(rule.when)))]
  AGES.set(rules, found)
  return found
}

function bounds(condition: Condition): readonly number[] {
  if ('all' in condition) return condition.all.flatMap(bounds)
  if ('any' in condition) return condition.any.flatMap(bounds)
  if ('not' in condition) return bounds(condition.not)
  if (!('metric' in condition) || condition.metric !== 'blockers.age') return []
  const { comparison } = condition
  if (comparison.op === 'between') return [comparison.low, comparison.high]
  return typeof comparison.value === 'number' ? [comparison.value] : []
}
