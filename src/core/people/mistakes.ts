import type { z } from 'zod'
import { nearest } from '#core/program/nearest.ts'

/** A mistake in what somebody wrote. */
export interface Mistake {
  readonly path: readonly (string | number)[]
  /** `unknown-key` where the key itself is the mistake. */
  readonly kind: 'unknown-key' | 'value'
  readonly message: string
  /** Number of the input it stands in, where there are several. */
  readonly source?: number
}

/** Every mistake that one issue of a schema stands for. @param keys Those of the input. @param noun What the input is. */
export function mistakesOf(issue: z.core.$ZodIssue, keys: readonly string[], noun: string, above: readonly PropertyKey[] = []): Mistake[] {
  const path = [...above, ...issue.path].map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = path.length > 0 ? undefined : nearest(key, keys)
      const list = path.length > 0 ? 'take it out' : `there are: ${keys.join(', ')}`
      return {
        path: [...path, key],
        kind: 'unknown-key',
        message: `${key} is not a key of a ${path.length > 0 ? path.join('.') : noun}; ${near === undefined ? list : `did you mean ${near}?`}`,
      }
    })
  }
  // Of a union, the branch that got into the value says what is wrong inside it.
  const inner =
    issue.code === 'invalid_union'
      ? issue.errors.find(
          (branch) => branch.length > 0 && branch.every((one) => one.path.length > 0 || one.code === 'custom' || one.code === 'too_big'),
        )
      : undefined
  return inner ? inner.flatMap((one) => mistakesOf(one, keys, noun, path)) : [{ path, kind: 'value', message: issue.message }]
}
