import {
  appliesTo,
  asked,
  COUNTED,
  floorOf,
  inOrder,
  isGate,
  progressOf,
  reaches,
  type Counted,
  type Floor,
} from '#core/lint/criteria-of.ts'
import { indexOf } from '#core/lint/index-of.ts'
import { beside, finding, groupBy, type Rule } from '#core/lint/rule.ts'
import type { Plan, PlanAmount, PlanCheckpoint, PlanCriterion, PlanDeliverable, PlanTarget, PlanUnit } from '#core/plan/model.ts'
import { formatValue, round } from '#core/program/quantity.ts'
import type { Problem } from '#core/problems.ts'

interface Due {
  readonly target: PlanTarget
  readonly amount: PlanAmount
  /** Share of the whole, 0-1 and above. */
  readonly share: number
}

/**
 * A target that leaves its stream below a criterion of the same checkpoint: who does all that is
 * due still fails. Against a list that decides it is a gate out of reach. What the plan leaves open
 * (a piece without a target, an amount that is only about right) is taken in the target's favour.
 */
export const targetBelowCriterion: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) => {
    const owing = [...new Set(checkpoint.targets.map((one) => one.unit))].flatMap((id) => indexOf(plan).unit(id) ?? [])
    const reading = COUNTED.filter((kind) => checkpoint.criteria.some((one) => progressOf(one) === kind))
    return owing.flatMap((unit) => reading.flatMap((kind) => againstProgress(plan, checkpoint, unit, kind)))
  })

function againstProgress(plan: Plan, checkpoint: PlanCheckpoint, unit: PlanUnit, kind: Counted): readonly Problem[] {
  const due = duesOf(plan, checkpoint, unit, kind)
  const [first] = due
  if (!first) return []
  const best = bestShare(plan, checkpoint, unit, kind, due)
  const unmet = checkpoint.criteria.flatMap((criterion) => {
    const floor = progressOf(criterion) === kind && appliesTo(criterion, unit.id) ? floorOf(criterion) : undefined
    return floor && !reaches(best, floor) ? [{ criterion, floor }] : []
  })
  return groupBy(unmet, ({ criterion }) => String(isGate(criterion))).flatMap((group) => {
    const [worst] = group.toSorted((a, b) => b.floor.value - a.floor.value || Number(b.floor.strict) - Number(a.floor.strict))
    if (!worst) return []
    const gate = isGate(worst.criterion)
    const what =
      due.length === 1
        ? first.amount.unit === 'ratio'
          ? `${amountText(first.amount)} of the ${kind}`
          : `${amountText(first.amount)}, ${formatValue(round(first.share), 'ratio')} of the whole`
        : `${due.map((one) => amountText(one.amount)).join(' and ')}, ${formatValue(round(best), 'ratio')} of the whole`
    const message = `${unit.name} owes ${what}, at ${checkpoint.name}; ${gate ? 'the decision' : 'the criterion'} asks for ${asked(worst.criterion)}`
    const related = group.map(({ criterion }) => beside(criterion, `${criterion.text}: ${asked(criterion)}`))
    const critical = group.some(({ criterion }) => criterion.tier === 'critical')
    return [
      finding(
        first.target,
        gate ? 'gate-out-of-reach' : 'target-below-criterion',
        critical ? 'error' : 'warning',
        message,
        remedy(due, worst.floor),
        related,
      ),
    ]
  })
}

function remedy(due: readonly Due[], floor: Floor): string {
  const [only] = due
  const whole = only?.amount.whole
  const lower = 'or lower the criterion'
  if (!only || due.length > 1 || whole === undefined || only.amount.unit === 'ratio')
    return `raise the target to ${floor.strict ? 'more than ' : ''}${formatValue(floor.value, 'ratio')}, ${lower}`
  return `raise the target to at least ${formatValue(leastOf(floor, whole), only.amount.unit)} of ${formatValue(whole, 'count')}, ${lower}`
}

/** The least whole number of a whole that reaches the floor. */
const leastOf = (floor: Floor, whole: number): number =>
  floor.strict ? Math.floor(round(floor.value * whole)) + 1 : Math.ceil(round(floor.value * whole))

/** The targets of a kind that a unit owes here, with their share of the whole where that is known. */
function duesOf(plan: Plan, checkpoint: PlanCheckpoint, unit: PlanUnit, kind: Counted): readonly Due[] {
  return indexOf(plan)
    .targets(checkpoint, unit.id)
    .flatMap((target) => {
      const share = target.kind === kind ? shareOf(plan, target) : undefined
      return share === undefined || !target.amount ? [] : [{ target, amount: target.amount, share }]
    })
}

/** How much of its whole a target is, where the plan tells. */
export function shareOf(plan: Plan, { amount, comparison, unit, deliverable }: PlanTarget): number | undefined {
  // Where less is better, or a range is the goal, an amount is no part of a whole.
  if (!amount || comparison?.op === 'atMost' || comparison?.op === 'below' || amount.unit === 'change') return undefined
  const value = amount.sense === 'about' ? amount.high * 1.1 : amount.low
  if (amount.whole !== undefined) return amount.whole > 0 ? value / amount.whole : undefined
  if (amount.unit === 'ratio') return value
  const full = indexOf(plan).deliverable(unit, deliverable)?.full
  const whole = full?.whole ?? full?.low
  return whole !== undefined && whole > 0 && full?.unit === amount.unit ? value / whole : undefined
}

/** The share that is reached when all that is due is done: pieces not due here count as they were last due, else as done. */
function bestShare(plan: Plan, checkpoint: PlanCheckpoint, unit: PlanUnit, kind: Counted, due: readonly Due[]): number {
  const here = new Set(due.map((one) => one.target.deliverable))
  const others = unit.deliverables.filter((one) => one.measure !== undefined && one.kind === kind && !here.has(one.id))
  const shares = [...due.map((one) => Math.min(1, one.share)), ...others.map((one) => lastShare(plan, checkpoint, unit, one))]
  const mean = shares.reduce((sum, one) => sum + one, 0) / shares.length
  const wholes = due.map((one) => one.amount.whole ?? 0)
  const total = wholes.reduce((sum, one) => sum + one, 0)
  const isSum = others.length === 0 && wholes.every((one) => one > 0) && new Set(due.map((one) => one.amount.unit)).size === 1
  return isSum ? Math.max(mean, due.reduce((sum, one) => sum + one.amount.low, 0) / total) : mean
}

function lastShare(plan: Plan, checkpoint: PlanCheckpoint, unit: PlanUnit, deliverable: PlanDeliverable): number {
  const order = inOrder(plan)
  const before = order.slice(0, Math.max(0, order.indexOf(checkpoint)))
  const shares = before.flatMap((one) =>
    indexOf(plan)
      .targets(one, unit.id)
      .filter((target) => target.deliverable === deliverable.id)
      .flatMap((target) => shareOf(plan, target) ?? []),
  )
  return shares.at(-1) ?? 1
}

/** `150 of 400 lines`, `80 %`. */
export const amountText = ({ low, whole, unit, text, sense }: PlanAmount): string =>
  unit === 'ratio'
    ? formatValue(low, unit)
    : whole === undefined
      ? text
      : `${sense === 'about' ? 'about ' : ''}${formatValue(low, 'count')} of ${formatValue(whole, unit)}`

/** A target in the unit of the very metric that a criterion reads, and below what it asks for. */
export const targetBelowMetric: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.targets.flatMap((target) => {
      const { amount, comparison } = target
      const unit = indexOf(plan).unit(target.unit)
      const measure = indexOf(plan).deliverable(target.unit, target.deliverable)?.measure
      if (!amount || !unit || measure === undefined || comparison?.op !== 'atLeast') return []
      return checkpoint.criteria.flatMap((criterion) => {
        const floor = criterion.metric === measure && appliesTo(criterion, unit.id) ? floorOf(criterion) : undefined
        if (!floor || reaches(amount.low, floor)) return []
        const code = isGate(criterion) ? 'gate-out-of-reach' : 'target-below-criterion'
        const message = `${unit.name} owes ${formatValue(amount.low, amount.unit)} at ${checkpoint.name}; the criterion asks for ${asked(criterion)}`
        return [
          finding(target, code, criterion.tier === 'critical' ? 'error' : 'warning', message, 'raise the target, or lower the criterion', [
            beside(criterion, `${criterion.text}: ${asked(criterion)}`),
          ]),
        ]
      })
    }),
  )

/** `>95 % (350+, 580+, 400+, 250+ LOC)`: a gate whose own figures, one for each unit, stay below its share. */
export const gateAgainstItself: Rule = (plan) => {
  const wholes = new Map<string, ReturnType<typeof wholeOf>>()
  const known = (unit: PlanUnit, kind: Counted): ReturnType<typeof wholeOf> => {
    const key = `${kind} ${unit.id}`
    if (!wholes.has(key)) wholes.set(key, wholeOf(plan, unit, kind))
    return wholes.get(key)
  }
  return plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.criteria.flatMap((criterion) => {
      const kind = progressOf(criterion)
      const floor = kind && floorOf(criterion)
      const figures = floor ? figuresOf(criterion) : []
      if (!floor || figures.length < 2 || figures.length !== plan.units.length) return []
      return plan.units.flatMap((unit, index) => {
        const figure = figures[index] ?? 0
        const whole = known(unit, kind)
        if (!whole || figure > whole.value || reaches(figure / whole.value, floor)) return []
        const message = `${figure} of ${formatValue(whole.value, whole.amount.unit)} of ${unit.name} are ${formatValue(round(figure / whole.value), 'ratio')}, and the same criterion asks for ${asked(criterion)}`
        return [
          finding(criterion, 'gate-out-of-reach', 'error', message, `write ${leastOf(floor, whole.value)} or more, or lower the share`, [
            beside(whole.amount, `the whole is ${formatValue(whole.value, whole.amount.unit)}`),
          ]),
        ]
      })
    }),
  )
}

/** The figures of the one list in brackets that names several. */
function figuresOf({ text }: PlanCriterion): readonly number[] {
  const lists = [...text.matchAll(/\(([^()]{3,200})\)/g)].map(([, list = '']) => list.split(','))
  const [list, second] = lists.filter((parts) => parts.length > 1 && parts.every((part) => /^\s*\d+\s*\+?\s*(?:[A-Za-z]+\s*)?$/.test(part)))
  return list && !second ? list.map((part) => Number.parseInt(part, 10)) : []
}

/** The one whole that a unit's amounts of a kind name. */
function wholeOf(plan: Plan, unit: PlanUnit, kind: Counted): { readonly value: number; readonly amount: PlanAmount } | undefined {
  const amounts = [
    ...unit.deliverables.flatMap((one) =>
      one.kind === kind && one.full ? [{ value: one.full.whole ?? one.full.low, amount: one.full }] : [],
    ),
    ...indexOf(plan)
      .owed(unit.id)
      .flatMap(({ target: one }) =>
        one.kind === kind && one.amount?.whole !== undefined ? [{ value: one.amount.whole, amount: one.amount }] : [],
      ),
  ].filter(({ value, amount }) => value > 0 && amount.unit !== 'ratio' && amount.unit !== 'change')
  return new Set(amounts.map((one) => one.value)).size === 1 ? amounts[0] : undefined
}

/** A target lower than the one due before it. Only amounts of one and the same whole can be compared. */
export const targetFalls: Rule = (plan) => {
  const order = new Map(inOrder(plan).map((one, index) => [one, index]))
  const place = (checkpoint: PlanCheckpoint): number => order.get(checkpoint) ?? -1
  if (order.size === 0) return []
  return plan.units.flatMap((unit) => {
    const targets = indexOf(plan)
      .owed(unit.id)
      .toSorted((a, b) => place(a.checkpoint) - place(b.checkpoint))
    return groupBy(targets, ({ target }) => target.deliverable).flatMap((group) =>
      group.flatMap(({ checkpoint, target }, index) => {
        const before = group[index - 1]
        const [now, then] = [comparable(plan, target), before && comparable(plan, before.target)]
        if (!before || !now || !then || now.whole !== then.whole || now.share >= then.share - 1e-9 || before.checkpoint === checkpoint)
          return []
        return [
          finding(
            target,
            'target-falls',
            'warning',
            `${unit.name} owes ${now.text} at ${checkpoint.name}, and already ${then.text} at ${before.checkpoint.name}`,
            'raise the later target, or lower the earlier one',
            [beside(before.target, `${then.text} at ${before.checkpoint.name}`)],
          ),
        ]
      }),
    )
  })
}

function comparable(plan: Plan, target: PlanTarget): { readonly share: number; readonly whole: number; readonly text: string } | undefined {
  const { amount, kind } = target
  if (!amount || kind === 'performance' || amount.sense === 'about' || amount.low !== amount.high) return undefined
  const full = indexOf(plan).deliverable(target.unit, target.deliverable)?.full
  const whole = amount.whole ?? (amount.unit === 'ratio' ? 1 : full?.unit === amount.unit ? (full.whole ?? full.low) : undefined)
  const share = shareOf(plan, target)
  return share === undefined || whole === undefined ? undefined : { share, whole, text: amountText(amount) }
}
