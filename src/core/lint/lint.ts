import { impossibleAmounts, mixedUnits, wrongUnit } from '#core/lint/amounts.ts'
import { criteriaContradict, nothingMeasures, thresholdDirection } from '#core/lint/criteria.ts'
import { dependencyCycle, lateDependency, undeclaredDependency } from '#core/lint/dependencies.ts'
import { factsDisagree } from '#core/lint/documents.ts'
import { lookalikeNames } from '#core/lint/names.ts'
import { branchNotFound, duplicateBranch, pathsOverlap, waiverWithoutExpiry } from '#core/lint/ownership.ts'
import { meetingsOverlap, misspeltPeople, overAllocated, quorums, selfEscalation } from '#core/lint/people.ts'
import { groupBy, type Known, type Rule } from '#core/lint/rule.ts'
import { gateAgainstItself, targetBelowCriterion, targetBelowMetric, targetFalls } from '#core/lint/targets.ts'
import { agendaTooLong, dayOff, outsideHours, weekdayMismatch } from '#core/lint/time.ts'
import type { Plan } from '#core/plan/model.ts'
import { bySeverityThenPlace, type Problem } from '#core/problems.ts'

/** Every rule. The order says nothing: findings come out by place. */
export const RULES: readonly Rule[] = [
  weekdayMismatch,
  dayOff,
  outsideHours,
  agendaTooLong,
  meetingsOverlap,
  targetBelowCriterion,
  targetBelowMetric,
  gateAgainstItself,
  targetFalls,
  impossibleAmounts,
  mixedUnits,
  wrongUnit,
  nothingMeasures,
  thresholdDirection,
  criteriaContradict,
  dependencyCycle,
  lateDependency,
  undeclaredDependency,
  lookalikeNames,
  misspeltPeople,
  selfEscalation,
  overAllocated,
  quorums,
  factsDisagree,
  pathsOverlap,
  duplicateBranch,
  branchNotFound,
  waiverWithoutExpiry,
]

/** All contradictions of a plan, by place. Pure: the same plan gives the same findings, in any order of rules. */
export const lint = (plan: Plan, known: Known = {}): Problem[] =>
  once(RULES.flatMap((rule) => rule(plan, known))).toSorted(bySeverityThenPlace)

/** A fact that a plan holds in two forms is wrong once. */
const once = (problems: readonly Problem[]): readonly Problem[] =>
  groupBy(problems, ({ code, file, line, column, message }) => JSON.stringify([code, file, line, column, message])).flatMap((group) =>
    group.slice(0, 1),
  )
