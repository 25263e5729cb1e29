import { z } from 'zod'
import { readClaim } from '#core/ledger/claim.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import { blockerInCheckIn } from '#core/people/blocker.ts'
import { text } from '#core/people/fields.ts'
import { mistakesOf, type Mistake } from '#core/people/mistakes.ts'
import type { Program, Stream } from '#core/program/model.ts'
import { parseQuantity } from '#core/program/quantity.ts'

/** What a lead writes, in flags or in a file: the same keys. */
const KEYS = [
  'stream',
  'done',
  'next',
  'risk',
  'claim',
  'plan',
  'waiting-on',
  'blocking',
  'blocker',
  'confidence-week',
  'confidence',
] as const

const MOST_ENTRIES = 100

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
    const meant = Number(value) > 1 && Number(value) <= 100 ? `; write ${Number(value)}%` : ''
    context.addIssue({ code: 'custom', message: `${value} is not a share from 0% to 100%${meant}` })
    return z.NEVER
  })
  .optional()

const amounts = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], 'write an amount such as 150 lines'),
  'write name: amount',
)

const shape = {
  stream: z.string().optional().describe('Stream that is reported on; the one you lead unless said'),
  done: texts.describe('What is done'),
  next: texts.describe('What comes next'),
  risk: texts.describe('What may go wrong'),
  claim: amounts.optional().describe('What is reached, by id of a deliverable or name of a metric: an amount such as "150 lines" or "50%"'),
  plan: amounts.optional().describe('What is reached by the next check-in, in the same form'),
  'waiting-on': texts.describe('What this stream waits for'),
  blocking: texts.describe('Who or what waits for this stream'),
  blocker: blockerInCheckIn.optional().describe('A blocker to open with it'),
  'confidence-week': share.describe('How sure you are of this week’s targets: "80%"'),
  confidence: share.describe('How sure you are of the program’s targets: "90%"'),
}

/** What is written, before it is held against a program; documents the keys. */
export const checkInInput = z.strictObject(shape, 'write the keys of a check-in, such as done: and next:')

function schemaFor(program: Program, stream: Stream) {
  const read = amounts
    .transform((amounts, context): Record<string, number> => {
      const read: [string, number][] = []
      for (const [name, amount] of Object.entries(amounts)) {
        const claim = readClaim(program, stream, name, amount)
        if (claim.ok) read.push([name, claim.value])
        else context.addIssue({ code: 'custom', message: claim.reason, path: [name] })
      }
      if (read.length > MOST_ENTRIES) context.addIssue({ code: 'custom', message: `at most ${MOST_ENTRIES} amounts` })
      return Object.fromEntries(read)
    })
    .optional()
  return checkInInput.extend({ claim: read, plan: read })
}

export type CheckInPart = Partial<Omit<CheckIn, 'stream'>> & { readonly blocker?: z.infer<typeof blockerInCheckIn> }

/** Reads what a lead wrote, or gives every mistake in it. */
export function readCheckIn(
  program: Program,
  stream: Stream,
  written: unknown,
): { readonly part: CheckInPart; readonly mistakes: readonly Mistake[] } {
  const result = schemaFor(program, stream).safeParse(written)
  const mistakes = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => mistakesOf(issue, KEYS, 'check-in'))),
    ...leftOutIn(written),
  ]
  if (!result.success || mistakes.length > 0) return { part: {}, mistakes }
  const { done, next, risk, claim, plan, blocking, blocker, confidence: programShare, 'confidence-week': week } = result.data
  const waitingOn = result.data['waiting-on']
  const confidence = { ...(week !== undefined && { week }), ...(programShare !== undefined && { program: programShare }) }
  return {
    part: {
      ...(done && { done }),
      ...(next && { next }),
      ...(risk && { risks: risk }),
      ...(claim && { claims: claim }),
      ...(plan && { plan }),
      ...(waitingOn && { waitingOn }),
      ...(blocking && { blocking }),
      ...(blocker && { blocker }),
      ...(Object.keys(confidence).length > 0 && { confidence }),
    },
    mistakes: [],
  }
}

/** A record of the schema passes over a key of this name, and nothing that is written may be lost. */
const leftOutIn = (written: unknown): readonly Mistake[] =>
  (['claim', 'plan'] as const).flatMap((key): Mistake[] => {
    const amounts =
      typeof written === 'object' && written !== null && Object.hasOwn(written, key) ? (written as Record<string, unknown>)[key] : undefined
    return typeof amounts === 'object' && amounts !== null && Object.hasOwn(amounts, '__proto__')
      ? [{ path: [key, '__proto__'], kind: 'unknown-key', message: '__proto__ is neither a deliverable nor a metric' }]
      : []
  })

/** Lists one after the other; of amounts and confidences said twice, the later. What nobody said is left out. */
export function mergeCheckIn(stream: string, parts: readonly CheckInPart[]): CheckIn {
  const confidence = Object.assign({}, ...parts.map((one) => one.confidence ?? {})) as NonNullable<CheckIn['confidence']>
  const plan = Object.assign({}, ...parts.map((one) => one.plan ?? {})) as NonNullable<CheckIn['plan']>
  const waitingOn = parts.flatMap((one) => one.waitingOn ?? [])
  const blocking = parts.flatMap((one) => one.blocking ?? [])
  return {
    stream,
    done: parts.flatMap((one) => one.done ?? []),
    next: parts.flatMap((one) => one.next ?? []),
    risks: parts.flatMap((one) => one.risks ?? []),
    claims: Object.assign({}, ...parts.map((one) => one.claims ?? {})) as CheckIn['claims'],
    ...(Object.keys(plan).length > 0 && { plan }),
    ...(waitingOn.length > 0 && { waitingOn }),
    ...(blocking.length > 0 && { blocking }),
    ...(Object.keys(confidence).length > 0 && { confidence }),
  }
}

/** Whether it says anything: a check-in is a lead's word, and silence is none. */
export const saysSomething = (checkIn: CheckIn): boolean =>
  checkIn.done.length + checkIn.next.length + checkIn.risks.length + Object.keys(checkIn.claims).length > 0 ||
  [checkIn.confidence, checkIn.plan, checkIn.waitingOn, checkIn.blocking].some((one) => one !== undefined)
