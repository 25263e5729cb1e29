import { buildReport } from '#core/decide/build-report.ts'
import { decide } from '#core/decide/decide.ts'
import type { Decision } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { contextOf, evaluateIn, type EvaluationInput } from '#core/evaluate/evaluate.ts'
import type { Evaluation } from '#core/evaluate/model.ts'

export interface Checked {
  readonly evaluation: Evaluation
  readonly decision: Decision
  readonly report: CheckReport
}

/** The pure half of a check: evidence in, evaluation, decision and report out. `replay` calls it too. */
export function judgeCheck(input: EvaluationInput): Checked {
  const context = contextOf(input)
  const evaluation = evaluateIn(context, input.streams)
  const decision = decide(context, evaluation)
  return { evaluation, decision, report: buildReport(context, evaluation, decision) }
}
