import { indexOf } from '#core/lint/index-of.ts'
import { beside, finding, groupBy, type Rule } from '#core/lint/rule.ts'
import { slug } from '#core/lint/who.ts'
import type { Plan, PlanAmount } from '#core/plan/model.ts'
import { formatDuration, formatValue } from '#core/program/quantity.ts'
import type { Place, Problem } from '#core/problems.ts'

/** One thing that a plan says in one place: about what, and what it is said to be. */
interface Statement extends Place {
  readonly about: string
  readonly title: string
  readonly value: string
  readonly checkpoint?: string
  /** In one document it may have several values. */
  readonly isListed?: true
}

/** One fact with two values, in two documents or in two places of one: 400 or 500 lines, one hour or two. */
export const factsDisagree: Rule = (plan) => groupBy(statements(plan), (one) => one.about).flatMap(disagreements)

function disagreements(group: readonly Statement[]): readonly Problem[] {
  const [first] = group
  if (!first) return []
  const values = groupBy(group, (one) => one.value)
  return values.slice(1).flatMap(([other]) => {
    if (!other || (other.isListed && other.file === first.file)) return []
    const message = `${first.title} is ${first.value} in ${first.file}:${first.line} and ${other.value} here`
    // A whole that grows from one checkpoint to the next may be meant; two documents, or one checkpoint, cannot both be right.
    const certain = first.file !== other.file || first.checkpoint === other.checkpoint
    return [
      finding(other, 'facts-disagree', certain ? 'error' : 'warning', message, 'keep one of the two, and write it in both places', [
        beside(first, `${first.value} here`),
      ]),
    ]
  })
}

const statements = (plan: Plan): readonly Statement[] => [
  ...wholes(plan),
  ...units(plan),
  ...checkpoints(plan),
  ...limits(plan),
  ...said(plan),
]

/** What several documents say of one thing. Of what one document says more than once the reader made a list. */
const said = (plan: Plan): readonly Statement[] =>
  (plan.statements ?? []).map((one) => ({
    ...at(one),
    about: `said ${one.about}`,
    title: one.about,
    value: one.value,
    isListed: true as const,
  }))

/** The whole of which an amount is a part. */
function wholes(plan: Plan): readonly Statement[] {
  return plan.units.flatMap((unit) => {
    const state = (
      deliverable: string,
      title: string,
      amount: PlanAmount,
      whole: number | undefined,
      checkpoint?: string,
    ): readonly Statement[] =>
      whole === undefined || whole <= 0 || amount.sense !== 'exact' || amount.unit === 'ratio' || amount.unit === 'change'
        ? []
        : [
            {
              ...at(amount),
              about: `whole ${unit.id} ${deliverable} ${amount.unit}`,
              title: `the whole of ${unit.name}: ${title}`,
              value: formatValue(whole, amount.unit),
              ...(checkpoint !== undefined && { checkpoint }),
            },
          ]
    return [
      ...unit.deliverables.flatMap((one) =>
        one.full && one.full.low === one.full.high ? state(one.id, one.title, one.full, one.full.whole ?? one.full.low) : [],
      ),
      ...indexOf(plan)
        .owed(unit.id)
        .flatMap(({ checkpoint, target: one }) =>
          one.amount ? state(one.deliverable, one.title, one.amount, one.amount.whole, checkpoint.id) : [],
        ),
    ]
  })
}

const units = (plan: Plan): readonly Statement[] =>
  plan.units.flatMap((unit) => [
    ...(unit.lead ? [{ ...at(unit.lead), about: `lead ${unit.id}`, title: `the lead of ${unit.name}`, value: slug(unit.lead.value) }] : []),
    ...(unit.branch
      ? [{ ...at(unit.branch), about: `branch ${unit.id}`, title: `the branch of ${unit.name}`, value: unit.branch.value }]
      : []),
  ])

const checkpoints = (plan: Plan): readonly Statement[] =>
  plan.checkpoints.flatMap((one) => [
    ...(one.when?.date === undefined
      ? []
      : [{ ...at(one.when), about: `date ${one.id}`, title: `the date of ${one.name}`, value: one.when.date }]),
    ...(one.when?.time === undefined
      ? []
      : [{ ...at(one.when), about: `time ${one.id}`, title: `the time of ${one.name}`, value: one.when.time }]),
  ])

/** After how long a scenario is escalated. Two steps of a ladder, to two people, are two limits. */
function limits(plan: Plan): readonly Statement[] {
  const ladders = new Set(
    groupBy(plan.escalations, (one) => `${one.file}\n${scenario(one.scenario)}`).flatMap((steps) =>
      steps.length > 1 ? steps.map((step) => scenario(step.scenario)) : [],
    ),
  )
  return plan.escalations.flatMap((one) => {
    if (one.afterSeconds === undefined || one.afterSeconds <= 0) return []
    const key = scenario(one.scenario)
    const step = ladders.has(key) ? ` ${slug(one.escalateTo.value)}` : ''
    return [{ ...at(one), about: `limit ${key}${step}`, title: `the limit of "${one.scenario}"`, value: formatDuration(one.afterSeconds) }]
  })
}

/** A scenario without its figures, whatever the order of its words. */
const scenario = (text: string): string =>
  (text.toLowerCase().match(/\p{L}+/gu) ?? [])
    .filter(
      (word) => !/^(?:h|hr|hrs|hours?|m|min|mins|minutes?|d|days?|s|sec|seconds?|for|more|than|over|after|is|are|an?|the|of)$/.test(word),
    )
    .toSorted()
    .join(' ')

const at = ({ file, line, column }: Place): Place => ({ file, line, column })
