import type { Condition } from '#core/program/model.ts'

export interface SignOffRule {
  readonly roles: readonly string[]
  readonly quorum: number
  readonly sameTree?: true
}

/** The sign-offs that a criterion itself asks for. Those of the targets it looks at are signed at the targets. */
export function signOffRules(condition: Condition): readonly SignOffRule[] {
  if ('signOff' in condition) return [condition.signOff]
  return partsOf(condition).flatMap(signOffRules)
}

/** What a criterion is judged by: its metrics, and `targets` where it looks at those. */
export function metricsOf(condition: Condition): readonly string[] {
  if ('metric' in condition) return [condition.metric]
  if ('targets' in condition) return ['targets']
  return partsOf(condition).flatMap(metricsOf)
}

function partsOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all
  if ('any' in condition) return condition.any
  return 'not' in condition ? [condition.not] : []
}
