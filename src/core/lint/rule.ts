import type { Waiver } from '#core/ledger/events.ts'
import type { Plan } from '#core/plan/model.ts'
import type { Place, Problem, ProblemCode, Severity } from '#core/problems.ts'

/** What the linter may know beside the plan; what is absent is not looked at. */
export interface Known {
  /** Names of the branches of the repository, without `refs/heads/`. */
  readonly branches?: readonly string[]
  /** Waivers of the ledger. */
  readonly waivers?: readonly Waiver[]
}

/** One kind of contradiction: a plan in, findings out. Says nothing where the plan leaves it open. */
export type Rule = (plan: Plan, known: Known) => readonly Problem[]

export type Related = Problem['related'][number]

/** A finding at a place; `related` are the other facts it disagrees with, each at its own place. */
export const finding = (
  at: Place,
  code: ProblemCode,
  severity: Severity,
  message: string,
  remedy: string,
  related: readonly Related[] = [],
): Problem => ({
  file: at.file,
  line: at.line,
  column: at.column,
  code,
  severity,
  message,
  remedy,
  related: related.filter((one) => !isSamePlace(one, at)),
})

export const beside = (at: Place, message: string): Related => ({ file: at.file, line: at.line, column: at.column, message })

export const isSamePlace = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && a.column === b.column

/** Groups in the order in which their keys first appear. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return [...groups.values()]
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
