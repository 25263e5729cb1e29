import { lint } from '#core/lint/lint.ts'
import { exitCodeHidden } from '#core/lint/exit-codes.ts'
import { nothingGuards } from '#core/lint/guard.ts'
import type { Known } from '#core/lint/rule.ts'
import { planOf } from '#core/plan/of-program.ts'
import type { Loaded } from '#core/program/load.ts'
import { bySeverityThenPlace, type Problem, type ProblemCode } from '#core/problems.ts'

/** What loading a program file says itself, with more to go by: the resolved file, its defaults, its stand-ins. */
const SAID_BY_LOADING: ReadonlySet<ProblemCode> = new Set([
  'weekday-mismatch',
  'unknown-person',
  'unknown-role',
  'unit-mismatch',
  'dependency-cycle',
  'quorum-too-large',
  'agenda-too-long',
  'duplicate-branch',
])

/** All findings about a program file: the mistakes that loading found, and the contradictions of what could be read. */
export function lintProgram(loaded: Loaded, known: Known = {}): readonly Problem[] {
  const plan = planOf(loaded)
  const same = (one: Problem): boolean =>
    loaded.problems.some((other) => other.code === one.code && other.file === one.file && other.line === one.line)
  const ofSources = [...nothingGuards(loaded), ...exitCodeHidden(loaded)]
  const found = plan ? lint(plan, known).filter((one) => !SAID_BY_LOADING.has(one.code) && !same(one)) : []
  return [...loaded.problems, ...ofSources, ...found].toSorted(bySeverityThenPlace)
}
