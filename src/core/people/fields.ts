import { z } from 'zod'
import { MOST_CHARACTERS, textProblem } from '#core/ledger/free-text.ts'
import type { Given } from '#core/people/given.ts'
import { refuse, type Refusal } from '#core/people/refusal.ts'
import { readDeadline } from '#core/schedule/deadline.ts'
import { addSpan, epoch } from '#core/schedule/time.ts'

/** What inputs of several acts are made of. */

/** A text that goes on record as it is given. */
export const text = z
  .string('write text')
  .superRefine((value, context) => {
    const problem = textProblem(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({ maxLength: MOST_CHARACTERS })

/** An id of the program or the ledger; whether there is such a thing is for the act to say. */
export const reference = z.string().min(1, 'it is empty').max(200, 'it is longer than any id')

export const time = z.string().min(1, 'it is empty').max(100, 'it is longer than any time')

export const deadline = time.describe(
  'A duration from now (2h, 3 days), a wall time in the zone of the program, EOD for the end of its working hours (EOD, Fri EOD), or an instant',
)

/** Whoever is still on it says so again: what is acknowledged must not be forgotten. */
const MOST_DAYS_ACKNOWLEDGED = 7

export const acknowledged = deadline.optional().describe(`Until when, at most ${MOST_DAYS_ACKNOWLEDGED} days; 2h unless said`)

/** Until when something is acknowledged. */
export function readAcknowledged(given: Given, field: string, written = '2h'): ReturnType<typeof readField> {
  const until = readField(given, field, written)
  if (!until.ok || epoch(until.instant) <= epoch(addSpan(given.at, MOST_DAYS_ACKNOWLEDGED * 86_400, given.program.calendar.zone)))
    return until
  return refuse('invalid-input', `${written} is more than ${MOST_DAYS_ACKNOWLEDGED} days away`, {
    field,
    remedy: 'acknowledge it for less, and again when that lapses',
  })
}

/** The instant of a time to come. */
export function readField(
  { program, at }: Given,
  field: string,
  written: string,
): Refusal | { readonly ok: true; readonly instant: string } {
  const read = readDeadline(written, at, program.calendar)
  return read.ok ? { ok: true, instant: read.at } : refuse('invalid-input', read.reason, { field })
}
