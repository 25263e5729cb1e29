import { metricOf } from '#core/lint/criteria-of.ts'
import { indexOf } from '#core/lint/index-of.ts'
import { finding, type Rule } from '#core/lint/rule.ts'
import type { PlanAmount, PlanCriterion } from '#core/plan/model.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { Problem } from '#core/problems.ts'

/** Amounts that no work can make true: more than the whole, a part of nothing, a range that runs backwards. */
export const impossibleAmounts: Rule = (plan) => [
  ...plan.units.flatMap((unit) =>
    unit.deliverables.flatMap((one) => (one.full ? amountProblems(one.full, one.kind === 'performance') : [])),
  ),
  ...plan.checkpoints.flatMap((checkpoint) => [
    ...checkpoint.targets.flatMap((one) => (one.amount ? amountProblems(one.amount, one.kind === 'performance') : [])),
    ...checkpoint.criteria.flatMap((one) => criterionProblems(one, metricOf(plan, one) !== undefined)),
  ]),
]

function amountProblems(amount: PlanAmount, isPerformance: boolean): readonly Problem[] {
  const { low, high, whole, unit, text } = amount
  if (whole === 0)
    return [
      finding(
        amount,
        'empty-whole',
        'error',
        `"${text}" is a part of nothing: no share of it can be reached or missed`,
        'write the whole, or take the amount out',
      ),
    ]
  if (low > high)
    return [finding(amount, 'impossible-range', 'error', `the range ${text} runs backwards`, 'write the smaller amount first')]
  if (whole !== undefined && high > whole)
    return [
      finding(
        amount,
        'amount-above-whole',
        'error',
        `"${text}" is more than its whole of ${formatValue(whole, unit)}`,
        'correct the part or the whole',
      ),
    ]
  if (whole === undefined && !isPerformance && unit === 'ratio' && (low < 0 || high > 1))
    return [finding(amount, 'impossible-range', 'error', `"${text}" is no share that can be reached`, 'write a share from 0 % to 100 %')]
  return []
}

/** Subjects whose ratio is a share of a whole, which performance and what is not known need not be. */
const SHARES: ReadonlySet<PlanCriterion['about']> = new Set([
  'code',
  'tests',
  'documentation',
  'coverage',
  'confidence',
  'merged',
  'review',
])

function criterionProblems(criterion: PlanCriterion, isChecked: boolean): readonly Problem[] {
  const { comparison, about, unit } = criterion
  if (!comparison) return []
  const say = (why: string, remedy: string): readonly Problem[] => [
    finding(criterion, 'impossible-range', 'error', `"${criterion.text}" ${why}`, remedy),
  ]
  if (comparison.op === 'between' && comparison.low > comparison.high)
    return say('asks for a range that runs backwards', 'write the smaller amount first')
  if (unit !== 'ratio' || isChecked || !SHARES.has(about)) return []
  const value = comparison.op === 'between' ? comparison.high : comparison.value
  if (typeof value !== 'number') return []
  if (value > 1 || (value === 1 && comparison.op === 'above')) return say('asks for more than the whole', 'write a share of at most 100 %')
  return comparison.op === 'below' && value <= 0 ? say('asks for less than nothing', 'write a share above 0 %') : []
}

/** One thing counted in two units: lines here, tests there. */
export const mixedUnits: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.targets.flatMap((target) => {
      const full = indexOf(plan).deliverable(target.unit, target.deliverable)?.full
      const { amount } = target
      if (!full || !amount || !isPlain(full.unit) || !isPlain(amount.unit) || full.unit === amount.unit) return []
      return [
        finding(
          amount,
          'unit-mismatch',
          'error',
          `${target.title} is counted in ${amount.unit} here and in ${full.unit} where it is defined`,
          'count it in one unit',
          [{ file: full.file, line: full.line, column: full.column, message: `the whole is ${full.text}` }],
        ),
      ]
    }),
  )

/** Units that cannot stand for each other; a share or a bare number can stand for any. */
const isPlain = (unit: Unit): boolean => unit !== 'ratio' && unit !== 'count' && unit !== 'change' && unit !== 'boolean'

/** A share that is compared with a time, a size or a number of lines. */
export const wrongUnit: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.criteria.flatMap((criterion) => {
      const { about, unit, comparison } = criterion
      const isShare = about === 'coverage' || about === 'confidence'
      if (
        metricOf(plan, criterion) !== undefined ||
        !comparison ||
        !isShare ||
        !(unit === 'seconds' || unit === 'bytes' || unit === 'lines')
      )
        return []
      return [
        finding(criterion, 'unit-mismatch', 'error', `"${criterion.text}" compares a share with ${unit}`, 'write a share, such as 80 %'),
      ]
    }),
  )
