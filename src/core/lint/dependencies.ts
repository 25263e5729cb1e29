import { inOrder, timeOf } from '#core/lint/criteria-of.ts'
import { indexOf } from '#core/lint/index-of.ts'
import { beside, finding, groupBy, listed, type Rule } from '#core/lint/rule.ts'
import { shareOf } from '#core/lint/targets.ts'
import { slug } from '#core/lint/who.ts'
import type { Plan, PlanCheckpoint, PlanUnit } from '#core/plan/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { Problem } from '#core/problems.ts'

/** Units that wait for each other, each circle once. */
export const dependencyCycle: Rule = (plan) => {
  const units = new Map(plan.units.map((one) => [one.id, one]))
  const problems: Problem[] = []
  const done = new Set<string>()
  // An own stack: a plan may chain more units than calls can nest.
  for (const start of units.keys()) {
    const trail: { readonly id: string; next: number }[] = done.has(start) ? [] : [{ id: start, next: 0 }]
    const on = new Map(trail.map((one, index) => [one.id, index]))
    for (let top = trail.at(-1); top; top = trail.at(-1)) {
      const edge = units.get(top.id)?.dependsOn[top.next]
      top.next += 1
      if (!edge) {
        done.add(top.id)
        on.delete(top.id)
        trail.pop()
      } else if (edge.unit !== undefined && on.has(edge.unit)) {
        const circle = trail.slice(on.get(edge.unit)).map((one) => one.id)
        const others = circle
          .slice(0, -1)
          .flatMap((id, index) => units.get(id)?.dependsOn.find((one) => one.unit === circle[index + 1]) ?? [])
        problems.push(
          finding(
            edge,
            'dependency-cycle',
            'error',
            `these wait for each other: ${[...circle, edge.unit].join(' -> ')}`,
            'take one of the dependencies out',
            others.map((one) => beside(one, `waits for ${one.unit ?? ''}`)),
          ),
        )
      } else if (edge.unit !== undefined && units.has(edge.unit) && !done.has(edge.unit)) {
        on.set(edge.unit, trail.length)
        trail.push({ id: edge.unit, next: 0 })
      }
    }
  }
  return problems
}

/** A unit whose last target is due before what it waits for. */
export const lateDependency: Rule = (plan) => {
  const order = new Map(inOrder(plan).map((one, index) => [one, index]))
  if (order.size === 0) return []
  return plan.units.flatMap((unit) => {
    const last = inTime(plan, order, unit).at(-1)
    return unit.dependsOn.flatMap((dependency) => {
      const other = indexOf(plan).unit(dependency.unit)
      const ready = last && other && other !== unit ? readyAt(plan, inTime(plan, order, other), other, dependency.reaches ?? 1) : undefined
      if (!other || !last || !ready || placeIn(order, ready) <= placeIn(order, last) || (ready.when && timeOf(ready) === timeOf(last)))
        return []
      const share = dependency.reaches === undefined || dependency.reaches === 1 ? '' : ` ${formatValue(dependency.reaches, 'ratio')} of`
      const message = `${unit.name} waits for${share} ${other.name}, due at ${ready.name}; its own last target is due before, at ${last.name}`
      const related = [[last, unit] as const, [ready, other] as const].flatMap(([at, owing]) =>
        indexOf(plan).targets(at, owing.id).slice(0, 1),
      )
      return [
        finding(
          dependency,
          'late-dependency',
          'error',
          message,
          'move one of the two checkpoints, or take the dependency out',
          related.map((one) => beside(one, `${one.title} is due here`)),
        ),
      ]
    })
  })
}

type Order = ReadonlyMap<PlanCheckpoint, number>

const placeIn = (order: Order, checkpoint: PlanCheckpoint): number => order.get(checkpoint) ?? -1

/** The checkpoints at which a unit owes something, in the order of time. */
const inTime = (plan: Plan, order: Order, unit: PlanUnit): readonly PlanCheckpoint[] =>
  [
    ...new Set(
      indexOf(plan)
        .owed(unit.id)
        .map((one) => one.checkpoint),
    ),
  ].toSorted((a, b) => placeIn(order, a) - placeIn(order, b))

/** The first checkpoint at which every counted piece of a unit is due to that share; undefined where the plan never asks for it. */
function readyAt(plan: Plan, due: readonly PlanCheckpoint[], unit: PlanUnit, share: number): PlanCheckpoint | undefined {
  const counted = new Set(
    indexOf(plan)
      .owed(unit.id)
      .flatMap(({ target }) => (shareOf(plan, target) === undefined ? [] : [target.deliverable])),
  )
  if (counted.size === 0) return undefined
  return due.find((checkpoint) => {
    for (const target of indexOf(plan).targets(checkpoint, unit.id))
      if ((shareOf(plan, target) ?? 0) >= share - 1e-9) counted.delete(target.deliverable)
    return counted.size === 0
  })
}

/** "No dependencies" beside two units that are integrated at one component. */
export const undeclaredDependency: Rule = (plan) => {
  const unitNames = new Set(plan.units.flatMap((one) => [slug(one.id), slug(one.name)]))
  const points = plan.units
    .flatMap((unit) => unit.integrationPoints.map((point) => ({ unit, point })))
    .filter(({ point }) => slug(point.with) !== '' && !unitNames.has(slug(point.with)))
  return groupBy(points, ({ point }) => slug(point.with)).flatMap((group) => {
    const units = [...new Set(group.map(({ unit }) => unit))]
    const [first] = group
    if (!first || units.length < 2) return []
    const apart = units.filter((one) => !units.some((other) => other !== one && isDeclared(one, other)))
    const denials = [...(plan.noDependencies ?? []), ...apart.flatMap((unit) => unit.dependsOn.filter((one) => one.unit === undefined))]
    const [denial] = denials
    if (!denial || apart.length < 2) return []
    const message = `no dependencies are declared, and ${listed(apart.map((one) => one.name))} share ${first.point.with}`
    return [
      finding(
        denial,
        'undeclared-dependency',
        'warning',
        message,
        `say which of them changes ${first.point.with} first, or who keeps its interface`,
        group.map(({ unit, point }) => beside(point, `${unit.name} meets ${point.with}`)),
      ),
    ]
  })
}

const isDeclared = (a: PlanUnit, b: PlanUnit): boolean =>
  a.dependsOn.some((one) => one.unit === b.id) || b.dependsOn.some((one) => one.unit === a.id)
