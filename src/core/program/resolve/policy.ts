import { DEFAULT_ESCALATION, DEFAULT_POLICY, HEALTH_METRICS, VERDICT_METRICS } from '#core/program/metrics.ts'
import type { Condition, EscalationRule, Metric, Policy } from '#core/program/model.ts'
import type { Scope } from '#core/program/resolve/scope.ts'

export function readPolicy(scope: Scope): Policy {
  const file = scope.input.policy
  const streamMetrics = scope.metrics
  const verdict = replace(DEFAULT_POLICY.verdict, file?.verdict, (id, one) => ({
    id,
    title: one.title,
    verdict: one.verdict,
    when: scope.condition(['policy', 'verdict', id, 'when'], one.when, VERDICT_METRICS),
  }))
  const health = replace(DEFAULT_POLICY.health, file?.health, (id, one) => ({
    id,
    title: one.title,
    health: one.health,
    when: scope.condition(['policy', 'health', id, 'when'], one.when, streamMetrics),
  }))
  const matrices = replace(DEFAULT_POLICY.matrices, file?.matrices, (id, one) => {
    const path = ['policy', 'matrices', id]
    for (const [index, option] of one.recommend.entries()) {
      if (!Object.hasOwn(one.options, option))
        scope.say(
          [...path, 'recommend', index],
          'unknown-rule',
          `${id} has no option "${option}"`,
          `write one of: ${Object.keys(one.options).join(', ')}`,
        )
    }
    return {
      id,
      title: one.title,
      health: one.health,
      immediate: one.immediate ?? [],
      ...(one.within !== undefined && { withinSeconds: scope.seconds([...path, 'within'], one.within) }),
      options: Object.entries(one.options).map(([key, value]) => ({
        id: key,
        title: value.title,
        pros: value.pros ?? [],
        cons: value.cons ?? [],
      })),
      recommend: one.recommend,
      recommendation: one.recommendation,
      ...(one.escalateTo !== undefined && { escalateTo: scope.personOrRole([...path, 'escalateTo'], one.escalateTo) }),
    }
  })
  const authority = (key: 'waive' | 'override') =>
    file?.authority?.[key]?.map((role, index) => scope.role(['policy', 'authority', key, index], role)) ?? DEFAULT_POLICY.authority[key]
  if (!file) scope.defaults.push('policy')
  return { verdict, health, matrices, authority: { waive: authority('waive'), override: authority('override') } }
}

export function readEscalation(scope: Scope): EscalationRule[] {
  const metrics = { ...scope.metrics, ...HEALTH_METRICS }
  const rules = replace(
    DEFAULT_ESCALATION.filter((rule) => readable(rule.when, metrics)),
    scope.input.escalation,
    (id, one) => {
      const path = ['escalation', id]
      const owner = scope.personOrRole([...path, 'owner'], one.owner ?? 'lead')
      const escalateTo = scope.personOrRole([...path, 'escalateTo'], one.escalateTo)
      if (owner === escalateTo)
        scope.say([...path, 'escalateTo'], 'self-escalation', `${id} goes from ${owner} to ${escalateTo}`, 'escalate to somebody else')
      return {
        id,
        scenario: one.scenario,
        when: scope.condition([...path, 'when'], one.when, metrics),
        owner,
        escalateTo,
        action: one.action,
        afterSeconds: one.after === undefined ? 0 : scope.seconds([...path, 'after'], one.after),
        steps: (one.steps ?? [])
          .map((step, index) => ({
            afterSeconds: step.after === undefined ? 0 : scope.seconds([...path, 'steps', index, 'after'], step.after),
            to: scope.personOrRole([...path, 'steps', index, 'to'], step.to),
            action: step.action ?? one.action,
          }))
          .toSorted((a, b) => a.afterSeconds - b.afterSeconds),
        ...(one.repeat !== undefined && { repeatSeconds: scope.seconds([...path, 'repeat'], one.repeat) }),
      }
    },
  )
  if (!scope.input.escalation) scope.defaults.push('escalation')
  const known = (id: string): boolean => id === 'lead' || scope.roles.has(id) || Object.hasOwn(scope.input.people, id)
  return rules.map((rule) => ({
    ...rule,
    owner: known(rule.owner) ? rule.owner : 'lead',
    escalateTo: known(rule.escalateTo) ? rule.escalateTo : 'phase-lead',
  }))
}

function readable(condition: Condition, metrics: Readonly<Record<string, Metric>>): boolean {
  if ('metric' in condition) return Object.hasOwn(metrics, condition.metric)
  if ('all' in condition) return condition.all.every((one) => readable(one, metrics))
  if ('any' in condition) return condition.any.every((one) => readable(one, metrics))
  if ('not' in condition) return readable(condition.not, metrics)
  return true
}

/** Defaults with those of the file put in their place by id; what is new comes last. */
function replace<T extends { readonly id: string }, I>(
  defaults: readonly T[],
  file: Readonly<Record<string, I>> | undefined,
  make: (id: string, input: I) => T,
): T[] {
  const own = new Map(Object.entries(file ?? {}).map(([id, input]) => [id, make(id, input)]))
  const kept = defaults.map((rule) => own.get(rule.id) ?? rule)
  return [...kept, ...[...own.values()].filter((rule) => !defaults.some((each) => each.id === rule.id))]
}
