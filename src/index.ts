/**
 * The public API: the pure half of Muster. Read a program, judge a snapshot of evidence, verify and
 * replay what was recorded. Gathering and keeping are the command line's.
 */
export { KINDS as COLLECTOR_KINDS } from '#collect/registry.ts'
export { judgeCheck, type Checked } from '#core/check.ts'
export type { Decision } from '#core/decide/model.ts'
export type { CheckReport, CriterionReport, StreamReport } from '#core/decide/report.ts'
export { evaluate, type EvaluationInput } from '#core/evaluate/evaluate.ts'
export type { Evaluation, Explanation, Judgement } from '#core/evaluate/model.ts'
export type { Collector, CollectorKind, Fact } from '#core/evidence/collector.ts'
export type { Evidence, Snapshot } from '#core/evidence/evidence.ts'
export { forecast, type ForecastInput } from '#core/forecast/forecast.ts'
export { remembering, type History } from '#core/forecast/history.ts'
export type { ForecastReport } from '#core/forecast/report.ts'
export { verifyChain, verifyStream, type Head, type Verification } from '#core/ledger/chain.ts'
export type { LedgerEvent } from '#core/ledger/events.ts'
export { replay, type Replay } from '#core/ledger/record.ts'
export { foldEvents, type LedgerState } from '#core/ledger/state.ts'
export { loadProgram, type Loaded } from '#core/program/load.ts'
export type { Program } from '#core/program/model.ts'
export { PROBLEMS, type Problem, type ProblemCode } from '#core/problems.ts'
export { FORMATS, RENDERERS, type Format } from '#render/registry.ts'
export type { Rendered, Renderer, RenderOptions } from '#render/renderer.ts'
