import { beside, finding, groupBy, listed, type Rule } from '#core/lint/rule.ts'
import { certainDate, oncePerPlace } from '#core/lint/time.ts'
import { holders, leadOf, meansLead, nameOf, peopleCalled, slug } from '#core/lint/who.ts'
import type { Fact, Plan, PlanPerson, PlanUnit } from '#core/plan/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { minutesOfDay, weekdayOf } from '#core/schedule/time.ts'
import type { Place, Problem } from '#core/problems.ts'

/** Someone whose own cases are escalated to themselves: the lead of a stream who is also the one it goes to. */
export const selfEscalation: Rule = (plan) => {
  const rules = [
    ...plan.escalations.map((one) => ({ scenario: one.scenario, owner: one.owner.value, to: one.escalateTo })),
    ...plan.matrices.flatMap((one) => (one.escalateTo ? [{ scenario: one.title, owner: 'lead', to: one.escalateTo }] : [])),
  ]
  return rules.flatMap(({ scenario, owner, to }) => {
    const targets = peopleCalled(plan, to.value)
    const goesBack = (id: string | undefined): boolean =>
      id !== undefined && (targets.length === 0 ? slug(to.value) === id : targets.every((one) => one === id))
    if (slug(owner) === slug(to.value) && !meansLead(owner)) return [self(to, scenario, `${owner} escalates to ${to.value}`, [])]
    if (meansLead(to.value)) return []
    if (meansLead(owner)) {
      const caught = plan.units.filter((unit) => goesBack(leadOf(plan, unit)))
      const [first] = caught
      if (!first) return []
      const names = listed(caught.map((unit) => unit.name))
      return [self(to, scenario, `${nameOf(plan, leadOf(plan, first) ?? '')} leads ${names}, whose cases go to ${to.value}`, caught)]
    }
    const owners = peopleCalled(plan, owner)
    return owners.length === 1 && goesBack(owners[0])
      ? [self(to, scenario, `${owner} and ${to.value} are one person, ${nameOf(plan, owners[0] ?? '')}`, [])]
      : []
  })
}

const self = (at: Place, scenario: string, why: string, units: readonly PlanUnit[]) =>
  finding(
    at,
    'self-escalation',
    'error',
    `"${scenario}" is escalated to the one who has it: ${why}`,
    'escalate to somebody else, or name who stands in for these cases',
    units.map((unit) => beside(unit.lead ?? unit, `${unit.name} is led by ${unit.lead?.value ?? ''}`)),
  )

/** A share of the working time above the whole. */
export const overAllocated: Rule = (plan) =>
  plan.people.flatMap(({ name, allocation }) =>
    allocation === undefined || allocation.value <= 1
      ? []
      : [
          finding(
            allocation,
            'over-allocated',
            'error',
            `${name} gives ${formatValue(allocation.value, 'ratio')} of the working time`,
            'give them at most 100 % in all, or share the work',
          ),
        ],
  )

/** More signatures than people who could give them, or a role that nobody holds where others are held. */
export const quorums: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.signOff.flatMap((one) => {
      const lead = meansLead(one.role)
      const able = lead ? plan.units.length : peopleCalled(plan, one.role).length
      if (able === 0) {
        // A list of roles alone, with nobody's name in the plan, is no contradiction.
        const rosterKnown = plan.people.some((person) => person.roles.length > 0)
        return lead || !rosterKnown
          ? []
          : [
              finding(
                one,
                'unknown-role',
                'warning',
                `nobody holds the role "${one.role}" that signs ${checkpoint.name}`,
                'give somebody the role, or let another role sign',
              ),
            ]
      }
      if (one.quorum <= able) return []
      return [
        finding(
          one,
          'quorum-too-large',
          'error',
          `${one.quorum} signatures of ${one.role} are asked for, ${able} could be given`,
          `ask for at most ${able}`,
          plan.people
            .filter((person) => holders(plan, one.role).includes(person.id))
            .map((person) => beside(person, `${person.name} holds the role`)),
        ),
      ]
    }),
  )

/** A name that the plan does not have, one slip away from one that it has. */
export const misspeltPeople: Rule = (plan) => {
  const near = byDeletion(plan.people)
  const used = namesUsed(plan).filter((one) => !meansLead(one.value) && peopleCalled(plan, one.value).length === 0)
  const unknown = used.flatMap((one) => {
    const candidates = deletions(slug(one.value)).flatMap((key) => near.get(key) ?? [])
    const meant = candidates.find((person) => namesOf(person).some((name) => isSlip(slug(one.value), name)))
    return meant === undefined
      ? []
      : [
          finding(
            one,
            'unknown-person',
            'error',
            `nobody is called ${one.value}`,
            `write ${meant.name}, or add ${one.value} to the people`,
            [beside(meant, `${meant.name} stands here`)],
          ),
        ]
  })
  return [...unknown, ...misspeltOnce(plan, near)]
}

/** Everyone whom a document names is in `people`: there the one named once, beside a twin named more often, is the slip. */
function misspeltOnce(plan: Plan, near: Near): readonly Problem[] {
  return plan.people.flatMap((one) => {
    if (one.mentions.length !== 1 || one.roles.length > 0) return []
    const candidates = deletions(slug(one.name)).flatMap((key) => near.get(key) ?? [])
    const twin = candidates.find(
      (other) => other !== one && other.mentions.length + other.roles.length > 1 && isSlip(slug(one.name), slug(other.name)),
    )
    if (!twin) return []
    return [
      finding(
        one.mentions[0] ?? one,
        'unknown-person',
        'warning',
        `${one.name} is named here only, and ${twin.name} ${twin.mentions.length} times`,
        `write ${twin.name} if that is who is meant`,
        [beside(twin, `${twin.name} stands here`)],
      ),
    ]
  })
}

type Near = ReadonlyMap<string, readonly PlanPerson[]>

const namesOf = (person: PlanPerson): readonly string[] => [...new Set([person.id, person.name, person.handle ?? ''].map(slug))]

/** Names one slip apart have in common what is left of them without one letter, so no name is held against all others. */
function byDeletion(people: readonly PlanPerson[]): Near {
  const found = new Map<string, PlanPerson[]>()
  for (const one of people) {
    for (const key of new Set(namesOf(one).flatMap(deletions))) {
      const list = found.get(key)
      if (list) list.push(one)
      else found.set(key, [one])
    }
  }
  return found
}

const deletions = (name: string): readonly string[] =>
  name.length > 80
    ? []
    : [name, ...new Set(Array.from({ length: name.length }, (_, index) => name.slice(0, index) + name.slice(index + 1)))]

const namesUsed = (plan: Plan): readonly Fact<string>[] => [
  ...plan.units.flatMap((unit) => [...(unit.lead ? [unit.lead] : []), ...unit.support, ...unit.reviewers]),
  ...plan.checkpoints.flatMap((one) => one.attendees),
  ...plan.escalations.flatMap((one) => [one.owner, one.escalateTo]),
  ...plan.matrices.flatMap((one) => (one.escalateTo ? [one.escalateTo] : [])),
]

/**
 * One letter too many, too few, changed, or two exchanged, in a word of at least five. Not the
 * last letter and no digit: `lead-a` and `lead-b`, `agent1` and `agent2`, Martin and Martina are two.
 */
export function isSlip(a: string, b: string): boolean {
  const [x, y] = [a.split('-'), b.split('-')]
  if (x.length !== y.length) return false
  const different = x.flatMap((word, index) => (word === y[index] ? [] : [[word, y[index] ?? ''] as const]))
  const [pair] = different
  if (!pair || different.length > 1) return false
  const [one, other] = pair
  if (Math.min(one.length, other.length) < 5 || /\d/.test(one + other) || one.at(-1) !== other.at(-1)) return false
  let start = 0
  while (start < one.length && one[start] === other[start]) start += 1
  let end = 0
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end += 1
  const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)]
  return (
    (left.length <= 1 && right.length <= 1) || (left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0])
  )
}

interface Meeting extends Place {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly people: readonly string[]
}

/** Two meetings at one time that somebody should attend both. */
export const meetingsOverlap: Rule = (plan) => {
  const everyone = (facts: readonly Fact<string>[]): readonly string[] => [
    ...new Set(facts.flatMap((one) => peopleCalled(plan, one.value))),
  ]
  const meetings = plan.checkpoints.flatMap((one) => {
    const date = certainDate(one.when)
    const start = minutesOfDay(one.when?.time ?? '')
    if (date === undefined || start === undefined || one.durationSeconds === undefined || !one.when) return []
    const meeting: Meeting = {
      ...placeOf(one.when),
      name: one.name,
      start,
      end: start + one.durationSeconds.value / 60,
      people: everyone(one.attendees),
    }
    return [{ date, meeting }]
  })
  const syncs = plan.syncs.flatMap((one) => {
    const start = minutesOfDay(one.time ?? '')
    return start === undefined || one.durationSeconds === undefined
      ? []
      : [
          {
            days: one.days,
            meeting: {
              ...placeOf(one),
              name: one.name,
              start,
              end: start + one.durationSeconds / 60,
              people: everyone(one.attendees ?? []),
            } satisfies Meeting,
          },
        ]
  })
  const overlaps = groupBy(meetings, (one) => one.date).flatMap((sameDay) =>
    sameDay.flatMap(({ date, meeting }, index) => {
      const others = [...sameDay.slice(0, index), ...syncs.filter((one) => one.days.includes(weekdayOf(date)))]
      return others.flatMap(({ meeting: other }) => {
        const shared = meeting.people.filter((one) => other.people.includes(one))
        if (shared.length === 0 || meeting.start >= other.end || other.start >= meeting.end) return []
        return [
          finding(
            meeting,
            'meetings-overlap',
            'warning',
            `${meeting.name} and ${other.name} meet at the same time on ${date}; ${listed(shared.map((one) => nameOf(plan, one)))} should be at both`,
            'move one of the two, or send somebody else',
            [beside(other, `${other.name} meets here`)],
          ),
        ]
      })
    }),
  )
  return oncePerPlace(overlaps)
}

const placeOf = ({ file, line, column }: Place): Place => ({ file, line, column })
