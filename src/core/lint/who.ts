import type { Plan, PlanUnit } from '#core/plan/model.ts'

/** Words that stand for whoever leads a stream. */
const LEAD = /^(?:(?:primary|stream|team|track|each|respective|owning|all|primary stream)\s+)*(?:leads?|owners?)$/

/** A handle or name as it is compared: without `@`, in lower case, words joined by dashes. */
export const slug = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^@/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

export const meansLead = (name: string): boolean =>
  LEAD.test(
    name
      .trim()
      .toLowerCase()
      .replace(/[-_\s]+/g, ' '),
  )

/** Ids of the people that a name stands for: a person, everyone who holds a role, or (for `leads`) every lead. */
export function peopleCalled(plan: Plan, name: string): readonly string[] {
  if (meansLead(name)) return [...new Set(plan.units.flatMap((unit) => leadOf(plan, unit) ?? []))]
  const person = personCalled(plan, name)
  return person === undefined ? holders(plan, name) : [person]
}

/** Id of the person with that id, handle or name. */
export const personCalled = (plan: Plan, name: string): string | undefined => names(plan).people.get(slug(name))

/** Ids of the people who hold a role. */
export const holders = (plan: Plan, role: string): readonly string[] => names(plan).roles.get(slug(role)) ?? []

interface Names {
  readonly people: ReadonlyMap<string, string>
  readonly roles: ReadonlyMap<string, readonly string[]>
}

const MADE = new WeakMap<Plan, Names>()

/** Every name of every person and role as it is compared: made once for a plan, looked up by all rules. */
function names(plan: Plan): Names {
  const known = MADE.get(plan)
  if (known) return known
  const people = new Map<string, string>()
  const roles = new Map<string, string[]>()
  const call = (name: string | undefined, id: string): void => {
    if (name !== undefined && !people.has(slug(name))) people.set(slug(name), id)
  }
  for (const one of plan.people) call(one.id, one.id)
  for (const one of plan.people) call(one.handle, one.id)
  for (const one of plan.people) call(one.name, one.id)
  for (const one of plan.people)
    for (const role of one.roles) roles.set(slug(role.value), [...new Set([...(roles.get(slug(role.value)) ?? []), one.id])])
  people.delete('')
  const made = { people, roles }
  MADE.set(plan, made)
  return made
}

export const leadOf = (plan: Plan, unit: PlanUnit): string | undefined =>
  unit.lead === undefined ? undefined : (personCalled(plan, unit.lead.value) ?? slug(unit.lead.value))

export const nameOf = (plan: Plan, id: string): string => plan.people.find((one) => one.id === id)?.name ?? id
