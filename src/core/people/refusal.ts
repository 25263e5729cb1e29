import type { Right } from '#core/ledger/permit.ts'
import type { Mistake } from '#core/people/mistakes.ts'
import { listed, nearest } from '#core/program/nearest.ts'

/** Why something is not recorded. */
export const REFUSAL_CODES = [
  /** The role does not allow it; `rights` says which one does, and who holds it. */
  'not-allowed',
  /** Nobody is named, and several may. */
  'who-acts',
  /** Several could be meant by what `field` leaves out. */
  'ambiguous',
  /** Nothing has that id. */
  'unknown-id',
  /** The input itself; `mistakes` lists every one, or `field` names the one. */
  'invalid-input',
  /** It is so already, or over. */
  'settled',
  /** It is signed for a tree, and the caller has not said which: that of `branch`. */
  'needs-tree',
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly message: string
  readonly remedy?: string
  /** Key of the input that it is about. */
  readonly field?: string
  readonly mistakes?: readonly Mistake[]
  readonly rights?: readonly Right[]
  readonly branch?: string
}

export const refuse = (code: RefusalCode, message: string, more: Omit<Refusal, 'ok' | 'code' | 'message'> = {}): Refusal => ({
  ok: false,
  code,
  message,
  ...more,
})

export function refuseUnknown(noun: string, id: string, ids: readonly string[], field?: string): Refusal {
  const near = nearest(id, ids)
  return refuse('unknown-id', `there is no ${noun} "${id}"${near === undefined ? '' : `; did you mean ${near}?`}`, {
    remedy: listed(id, ids),
    ...(field !== undefined && { field }),
  })
}

export function refuseInput(mistakes: readonly Mistake[]): Refusal {
  const [first] = mistakes
  const field = mistakes.length === 1 && first && first.path.length > 0 ? String(first.path[0]) : undefined
  return refuse('invalid-input', mistakes.map(({ message }) => message).join('; '), { mistakes, ...(field !== undefined && { field }) })
}
