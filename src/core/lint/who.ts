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

export const meansLead = (name: string): boolean => LEAD.test(name.trim().toLowerCase().replace(/[-_\s]+/g, ' '))

/** Ids of the people that a name stands for: a person, everyone who holds a role, or (for `leads`) every lead. */
export function peopleCalled(plan: Plan, name: string): readonly string[] {
  if (meansLead(name)) return [...new Set(plan.units.flatMap((unit) => leadOf(plan, unit) ?? []))]
  const person = personCalled(plan, name)
  return person === undefined ? holders(plan, name) : [person]
}

/** Id of the person with that id, handle or name. */
export const personCalled = (plan: Plan, name: string): string | undefined => {
  const wanted = slug(name)
  return plan.people.find((one) => one.id === name || slug(one.id) === wanted || slug(one.name) === wanted || (one.handle !== undefined && slug(one.handle) === wanted))?.id
}

/** Ids of the people who hold a role. */
export const holders = (plan: Plan, role: string): readonly string[] => {
  const wanted = slug(role)
  return plan.people.filter((one) => one.roles.some((each) => slug(each.value) === wanted)).map((one) => one.id)
}

export const leadOf = (plan: Plan, unit: PlanUnit): string | undefined => (unit.lead === undefined ? undefined : (personCalled(plan, unit.lead.value) ?? slug(unit.lead.value)))

export const nameOf = (plan: Plan, id: string): string => plan.people.find((one) => one.id === id)?.name ?? id
