import { z } from 'zod'
import { readClaim } from '#core/ledger/claim.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import { textProblem } from '#core/ledger/free-text.ts'
import { nearest } from '#core/program/nearest.ts'
import type { Program, Stream } from '#core/program/model.ts'
import { parseQuantity } from '#core/program/quantity.ts'

/** What a lead writes, in flags or in a file: the same keys. */
const KEYS = ['stream', 'done', 'next', 'risk', 'claim', 'confidence-week', 'confidence'] as const

const MOST_ENTRIES = 100

const text = z.string('write text').superRefine((value, context) => {
  const problem = textProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

const texts = z
  .union(
    [text.transform((one) => [one]), z.array(text).max(MOST_ENTRIES, `at most ${MOST_ENTRIES} entries`)],
    'write text, or a list of texts',
  )
  .optional()

const share = z
  .union([z.string(), z.number()], 'write a share such as 80%')
  .transform((value, context): number => {
    const parsed = parseQuantity(value)
    const { low, high, unit } = parsed.ok ? parsed.quantity : { low: -1, high: -1, unit: undefined }
    if (unit === 'ratio' && low === high && low >= 0 && low <= 1) return low
    context.addIssue({ code: 'custom', message: `${value} is not a share from 0% to 100%` })
    return z.NEVER
  })
  .optional()

function schemaFor(program: Program, stream: Stream) {
  const claims = z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], 'write an amount such as 150 lines'), 'write name: amount')
    .transform((amounts, context): Record<string, number> => {
      const read: [string, number][] = []
      for (const [name, amount] of Object.entries(amounts)) {
        const claim = readClaim(program, stream, name, amount)
        if (claim.ok) read.push([name, claim.value])
        else context.addIssue({ code: 'custom', message: claim.reason, path: [name] })
      }
      if (read.length > MOST_ENTRIES) context.addIssue({ code: 'custom', message: `at most ${MOST_ENTRIES} claims` })
      return Object.fromEntries(read)
    })
    .optional()
  return z.strictObject(
    { stream: z.string().optional(), done: texts, next: texts, risk: texts, claim: claims, 'confidence-week': share, confidence: share },
    'write the keys of a check-in, such as done: and next:',
  )
}

export type CheckInPart = Partial<Omit<CheckIn, 'stream'>>

export interface CheckInMistake {
  readonly path: readonly (string | number)[]
  /** `unknown-key` where the key itself is the mistake. */
  readonly kind: 'unknown-key' | 'value'
  readonly message: string
}

/** Reads what a lead wrote, or gives every mistake in it. */
export function readCheckIn(
  program: Program,
  stream: Stream,
  written: unknown,
): { readonly part: CheckInPart; readonly mistakes: readonly CheckInMistake[] } {
  const result = schemaFor(program, stream).safeParse(written)
  if (!result.success) return { part: {}, mistakes: result.error.issues.flatMap((issue) => mistakesOf(issue)) }
  const { done, next, risk, claim, confidence: programShare, 'confidence-week': week } = result.data
  const confidence = { ...(week !== undefined && { week }), ...(programShare !== undefined && { program: programShare }) }
  return {
    part: {
      ...(done && { done }),
      ...(next && { next }),
      ...(risk && { risks: risk }),
      ...(claim && { claims: claim }),
      ...(Object.keys(confidence).length > 0 && { confidence }),
    },
    mistakes: [],
  }
}

function mistakesOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): CheckInMistake[] {
  const path = [...above, ...issue.path].map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, KEYS)
      return {
        path: [...path, key],
        kind: 'unknown-key',
        message: `${key} is not a key of a check-in; ${near === undefined ? `there are: ${KEYS.join(', ')}` : `did you mean ${near}?`}`,
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
  return inner ? inner.flatMap((one) => mistakesOf(one, path)) : [{ path, kind: 'value', message: issue.message }]
}

/** Lists one after the other; of claims and confidences said twice, the later. */
export function mergeCheckIn(stream: string, parts: readonly CheckInPart[]): CheckIn {
  const confidence = Object.assign({}, ...parts.map((one) => one.confidence ?? {})) as NonNullable<CheckIn['confidence']>
  return {
    stream,
    done: parts.flatMap((one) => one.done ?? []),
    next: parts.flatMap((one) => one.next ?? []),
    risks: parts.flatMap((one) => one.risks ?? []),
    claims: Object.assign({}, ...parts.map((one) => one.claims ?? {})) as CheckIn['claims'],
    ...(Object.keys(confidence).length > 0 && { confidence }),
  }
}

/** Whether it says anything: a check-in is a lead's word, and silence is none. */
export const saysSomething = (checkIn: CheckIn): boolean =>
  checkIn.done.length + checkIn.next.length + checkIn.risks.length + Object.keys(checkIn.claims).length > 0 ||
  checkIn.confidence !== undefined
