import { asked, ceilingOf, floorOf, metricOf, progressOf, type Counted } from '#core/lint/criteria-of.ts'
import { indexOf } from '#core/lint/index-of.ts'
import { beside, finding, groupBy, listed, type Rule } from '#core/lint/rule.ts'
import type { Plan, PlanCheckpoint, PlanCriterion, PlanMetric, PlanUnit } from '#core/plan/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { Problem } from '#core/problems.ts'

/** A criterion or deliverable that nothing in the program can bring evidence for. */
export const nothingMeasures: Rule = (plan) => {
  const { metrics } = plan
  if (!metrics) return []
  const named = new Map(metrics.map((one) => [one.name, one]))
  const criteria = plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.criteria.flatMap((criterion) => {
      const why = whyUnmeasured(plan, checkpoint, criterion, named)
      return why === undefined
        ? []
        : [
            finding(
              criterion,
              'nothing-measures',
              'warning',
              `"${criterion.text}" at ${checkpoint.name} can never be shown: ${why}`,
              'measure it, judge it where it is measured, or let a person sign it',
            ),
          ]
    }),
  )
  const deliverables = plan.units.flatMap((unit) =>
    unit.deliverables.flatMap((one) => {
      const metric = named.get(one.measure ?? '')
      if (!metric || bringsFor(metric, unit.id)) return []
      return [
        finding(
          one,
          'nothing-measures',
          'warning',
          `nothing brings ${metric.name} for ${unit.name}`,
          'name a source that is for this stream, or widen the source',
        ),
      ]
    }),
  )
  return [...criteria, ...deliverables]
}

const bringsFor = (metric: PlanMetric, unit: string): boolean => metric.units?.includes(unit) ?? true

function whyUnmeasured(
  plan: Plan,
  checkpoint: PlanCheckpoint,
  criterion: PlanCriterion,
  named: ReadonlyMap<string, PlanMetric>,
): string | undefined {
  const units = plan.units.filter((one) => criterion.units?.includes(one.id) ?? true)
  const whole = criterion.units?.length === 0
  const looked = whole ? plan.units : units
  const { targets } = criterion
  if (targets) {
    const isDue = (unit: PlanUnit): boolean =>
      indexOf(plan)
        .targets(checkpoint, unit.id)
        .some((one) => targets.includes(one.kind))
    return looked.length > 0 && !looked.some(isDue) ? `no target for ${listed(targets)} is due here` : undefined
  }
  const metric = named.get(criterion.metric ?? '')
  if (!metric) return undefined
  const [family, kind] = metric.name.split('.')
  if ((family === 'progress' || family === 'due') && looked.length > 0) {
    const isMeasured = (unit: PlanUnit): boolean =>
      unit.deliverables.some((one) => one.measure !== undefined && (kind === undefined || one.kind === kind))
    return looked.some(isMeasured) ? undefined : `no deliverable of kind ${kind ?? 'any'} has a measure`
  }
  if (whole) return metric.whole ? undefined : `${metric.name} is brought for streams, not for the program as a whole`
  const without = units.filter((one) => !bringsFor(metric, one.id))
  return without.length === 0 ? undefined : `nothing brings ${metric.name} for ${listed(without.map((one) => one.name))}`
}

/** Whether more or less of it is better, for what a plan calls by its subject alone. */
const BETTER_WHEN_MORE: ReadonlySet<PlanCriterion['about']> = new Set(['coverage', 'documentation', 'confidence'])

/** A limit on the side on which there should be none: coverage of at most 80 %, at least one bug. */
export const thresholdDirection: Rule = (plan) => {
  const named = new Map((plan.metrics ?? []).map((one) => [one.name, one]))
  return plan.checkpoints.flatMap((checkpoint) =>
    checkpoint.criteria.flatMap((criterion) => {
      const { comparison, about, unit } = criterion
      const metric = metricOf(plan, criterion)
      if (!comparison) return []
      const better = metric === undefined ? betterByName(criterion, about, unit) : named.get(metric)?.better
      const isCeiling = comparison.op === 'atMost' || comparison.op === 'below'
      const isFloor = comparison.op === 'atLeast' || (comparison.op === 'above' && comparison.value >= 0)
      if (!(better === 'higher' && isCeiling) && !(better === 'lower' && isFloor)) return []
      const turned = better === 'higher' ? 'at least' : 'at most'
      return [
        finding(
          criterion,
          'threshold-direction',
          'warning',
          `"${criterion.text}" asks for ${asked(criterion)}, and ${better === 'higher' ? 'more' : 'less'} of it is better`,
          `write "${turned}", if that is what is meant`,
        ),
      ]
    }),
  )
}

function betterByName({ text }: PlanCriterion, about: PlanCriterion['about'], unit: PlanCriterion['unit']): 'higher' | 'lower' | undefined {
  // "Coverage drops less than 2 %", "open review comments": the word for the loss turns the direction.
  if (
    /\b(?:drop|loss|decrease|declin|reduc|missing|fail|gap|lack|incomplete|miss|without|not|no|skip|uncover|overhead|regress|diff|delta|chang)/i.test(
      text,
    )
  )
    return undefined
  return BETTER_WHEN_MORE.has(about) && unit === 'ratio' ? 'higher' : undefined
}

/** Criteria of one checkpoint of which no state, or only the very edge of one, meets both; and the question that asks for more than they do. */
export const criteriaContradict: Rule = (plan) =>
  plan.checkpoints.flatMap((checkpoint) => [...pairs(plan, checkpoint), ...againstQuestion(checkpoint)])

/** A criterion is held against so many before it; a checkpoint that lists more of one matter is no list that people read. */
const MOST_COMPARED = 200

function pairs(plan: Plan, checkpoint: PlanCheckpoint): readonly Problem[] {
  const compared = checkpoint.criteria.filter((one) => one.comparison)
  return groupBy(compared, (one) => JSON.stringify([metricOf(plan, one) ?? one.about, one.unit])).flatMap((group) =>
    group.flatMap((later, index) =>
      group.slice(Math.max(0, index - MOST_COMPARED), index).flatMap((earlier) => {
        // The cheap question comes first: most criteria of one matter agree.
        const why = disjoint(earlier, later) ?? disjoint(later, earlier) ?? onlyTheEdge(earlier, later)
        return why === undefined || !isSameMatter(plan, earlier, later) ? [] : [contradiction(later, earlier, checkpoint, why)]
      }),
    ),
  )
}

const contradiction = (at: PlanCriterion, other: PlanCriterion, checkpoint: PlanCheckpoint, why: string): Problem =>
  finding(
    at,
    'criteria-contradict',
    'error',
    `at ${checkpoint.name} "${at.text}" asks for ${asked(at)} and "${other.text}" for ${asked(other)}: ${why}`,
    'ask for one and the same in both places',
    [beside(other, `${other.text}: ${asked(other)}`)],
  )

function disjoint(a: PlanCriterion, b: PlanCriterion): string | undefined {
  const [floor, ceiling] = [floorOf(a), ceilingOf(b)]
  if (!floor || !ceiling) return undefined
  const apart = floor.value > ceiling.value || (floor.value === ceiling.value && (floor.strict || ceiling.strict))
  return apart ? 'nothing can meet both' : undefined
}

/** `40-50 %` in one list and `50 %+` in another: who is within the range fails the other. */
function onlyTheEdge(a: PlanCriterion, b: PlanCriterion): string | undefined {
  for (const [range, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const floor = floorOf(other)
    if (range.comparison?.op !== 'between' || other.comparison?.op === 'between' || !floor || range.list === other.list) continue
    if (floor.value >= range.comparison.high && range.comparison.low < range.comparison.high)
      return 'what the one calls enough the other does not'
  }
  return undefined
}

/** Two criteria about one number: the same metric, or the same subject in nearly the same words, for a unit in common. */
function isSameMatter(plan: Plan, a: PlanCriterion, b: PlanCriterion): boolean {
  if (!a.comparison || !b.comparison || a.unit !== b.unit) return false
  if (a.units && b.units && a.units.length + b.units.length > 0 && !a.units.some((one) => b.units?.includes(one))) return false
  if ((a.units?.length === 0) !== (b.units?.length === 0)) return false
  const [first, second] = [metricOf(plan, a), metricOf(plan, b)]
  if (first !== undefined || second !== undefined) return first === second
  if (
    progressOf(a) !== undefined &&
    progressOf(a) === progressOf(b) &&
    [a, b].some((one) => one.comparison?.op === 'between') &&
    [a, b].every((one) => ceilingOf(one) === undefined)
  )
    return true
  return a.about === b.about && likeness(words(a.text), words(b.text)) >= 0.5
}

const words = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/\p{L}{3,}/gu) ?? [])

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((one) => b.has(one)).length
  return shared === 0 ? 0 : shared / (a.size + b.size - shared)
}

const MATTER_WORDS: readonly (readonly [Counted, RegExp])[] = [
  ['code', /^\W*(?:\w+\s+){0,2}?(?:impl|code|complete|done|built)/i],
  ['tests', /^\W*(?:\w+\s+){0,2}?tests?\b/i],
  ['documentation', /^\W*(?:\w+\s+){0,2}?doc/i],
]

/** The question of a checkpoint, or its decision tree, names a share that its own criteria do not ask for. */
function againstQuestion(checkpoint: PlanCheckpoint): readonly Problem[] {
  const { question } = checkpoint
  if (!question) return []
  const text = question.text ?? question.value
  const shares = [...text.matchAll(/(?:(>=?|≥)\s*)?(\d{1,3})\s*%\s*(\+)?/g)].filter(
    ([, more, , plus]) => more !== undefined || plus !== undefined,
  )
  return shares.flatMap((match) => {
    const value = Number(match[2]) / 100
    const kind = MATTER_WORDS.find(([, pattern]) => pattern.test(text.slice(match.index + match[0].length)))?.[0]
    const criteria = checkpoint.criteria.filter((one) => kind !== undefined && progressOf(one) === kind && floorOf(one) !== undefined)
    // Where one of the criteria asks for as much, the question only repeats it.
    if (criteria.length === 0 || criteria.some((one) => (floorOf(one)?.value ?? 0) >= value)) return []
    const said = criteria.map((one) => `"${one.text}"`)
    return [
      finding(
        question,
        'criteria-contradict',
        'error',
        `the decision at ${checkpoint.name} asks for ${formatValue(value, 'ratio')} and more, ${listed(said)} for less`,
        'ask for one and the same share in both places',
        criteria.map((one) => beside(one, `${one.text}: ${asked(one)}`)),
      ),
    ]
  })
}
