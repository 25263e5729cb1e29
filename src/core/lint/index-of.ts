import type { Plan, PlanCheckpoint, PlanDeliverable, PlanTarget, PlanUnit } from '#core/plan/model.ts'

/** Finds the parts of a plan by id, so that no rule looks through all of them for each of them. */
export interface PlanIndex {
  readonly unit: (id: string | undefined) => PlanUnit | undefined
  readonly deliverable: (unit: string, id: string) => PlanDeliverable | undefined
  /** What a unit owes at a checkpoint. */
  readonly targets: (checkpoint: PlanCheckpoint, unit: string) => readonly PlanTarget[]
  /** All that a unit owes, in the order of the document. */
  readonly owed: (unit: string) => readonly { readonly checkpoint: PlanCheckpoint; readonly target: PlanTarget }[]
}

const MADE = new WeakMap<Plan, PlanIndex>()

export function indexOf(plan: Plan): PlanIndex {
  const known = MADE.get(plan)
  if (known) return known
  const made = makeIndex(plan)
  MADE.set(plan, made)
  return made
}

function makeIndex(plan: Plan): PlanIndex {
  const units = new Map<string, PlanUnit>()
  const deliverables = new Map<string, Map<string, PlanDeliverable>>()
  for (const unit of plan.units) {
    if (!units.has(unit.id)) units.set(unit.id, unit)
    const own = deliverables.get(unit.id) ?? new Map<string, PlanDeliverable>()
    for (const one of unit.deliverables) if (!own.has(one.id)) own.set(one.id, one)
    deliverables.set(unit.id, own)
  }
  const owed = new Map<string, { checkpoint: PlanCheckpoint; target: PlanTarget }[]>()
  const here = new Map<PlanCheckpoint, Map<string, PlanTarget[]>>()
  for (const checkpoint of plan.checkpoints) {
    const own = new Map<string, PlanTarget[]>()
    here.set(checkpoint, own)
    for (const target of checkpoint.targets) {
      push(own, target.unit, target)
      push(owed, target.unit, { checkpoint, target })
    }
  }
  return {
    unit: (id) => (id === undefined ? undefined : units.get(id)),
    deliverable: (unit, id) => deliverables.get(unit)?.get(id),
    targets: (checkpoint, unit) => here.get(checkpoint)?.get(unit) ?? [],
    owed: (unit) => owed.get(unit) ?? [],
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
