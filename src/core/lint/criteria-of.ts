import type { Plan, PlanCheckpoint, PlanCriterion } from '#core/plan/model.ts'
import type { DeliverableKind } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'

/** The kinds of deliverable of which a share is counted as progress. */
export const COUNTED = ['code', 'tests', 'documentation'] as const satisfies readonly DeliverableKind[]
export type Counted = (typeof COUNTED)[number]

/** What is asked for at least: `strict` when the value itself is not enough. */
export interface Floor {
  readonly value: number
  readonly strict: boolean
}

export function floorOf({ comparison }: PlanCriterion): Floor | undefined {
  if (!comparison) return undefined
  if (comparison.op === 'atLeast' || comparison.op === 'above') return { value: comparison.value, strict: comparison.op === 'above' }
  if (comparison.op === 'between') return { value: comparison.low, strict: false }
  return comparison.op === 'equals' && typeof comparison.value === 'number' ? { value: comparison.value, strict: false } : undefined
}

export function ceilingOf({ comparison }: PlanCriterion): Floor | undefined {
  if (!comparison) return undefined
  if (comparison.op === 'atMost' || comparison.op === 'below') return { value: comparison.value, strict: comparison.op === 'below' }
  return comparison.op === 'equals' && typeof comparison.value === 'number' ? { value: comparison.value, strict: false } : undefined
}

/** Whether an amount reaches a floor; a hair of decimal noise below it still does. */
export const reaches = (amount: number, floor: Floor): boolean =>
  floor.strict ? amount > floor.value + 1e-9 : amount >= floor.value - 1e-9

/** The kind whose progress, as a share of the whole, the criterion reads. */
export function progressOf(criterion: PlanCriterion): Counted | undefined {
  const byMetric = /^progress\.(\w+)$/.exec(criterion.metric ?? '')?.[1]
  if (criterion.metric !== undefined) return COUNTED.find((one) => one === byMetric)
  return criterion.unit === 'ratio' ? COUNTED.find((one) => one === criterion.about) : undefined
}

/** The metric that a source of the plan brings it from. A document names a metric only as a proposal: there the words count. */
export const metricOf = (plan: Plan, criterion: PlanCriterion): string | undefined => (plan.metrics ? criterion.metric : undefined)

export const appliesTo = (criterion: PlanCriterion, unit: string): boolean => criterion.units?.includes(unit) ?? true

/** A list that decides, not one that is looked at on the way. */
export const isGate = (criterion: PlanCriterion): boolean => /^(?:go|gate|merge|decision|release)\b/i.test(criterion.list)

/** `more than 95 %`, `at least 40 %`, `40 % to 50 %`: what a comparison asks for. */
export function asked({ comparison, unit }: PlanCriterion): string {
  if (!comparison) return 'a person’s word'
  const show = (value: number | boolean): string => formatValue(value, unit)
  if (comparison.op === 'between') return `${show(comparison.low)} to ${show(comparison.high)}`
  const words = { atLeast: 'at least ', atMost: 'at most ', above: 'more than ', below: 'less than ', equals: '' } as const
  return words[comparison.op] + show(comparison.value)
}

/**
 * Checkpoints in the order of time, as far as it is known: all that have a date, or, where none
 * has one, in the order of the document. A plan that dates only some of them has no order.
 */
export function inOrder(plan: Plan): readonly PlanCheckpoint[] {
  if (plan.checkpoints.every((one) => one.when?.date === undefined)) return plan.checkpoints
  const dated = plan.checkpoints.filter((one) => one.when?.date !== undefined)
  return dated.length === plan.checkpoints.length ? dated.toSorted((a, b) => compare(timeOf(a), timeOf(b))) : []
}

export const timeOf = (checkpoint: PlanCheckpoint): string => `${checkpoint.when?.date ?? ''} ${checkpoint.when?.time ?? ''}`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
