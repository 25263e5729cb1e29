import { canonical, CanonicalError } from '#core/ledger/canonical.ts'
import type { DeliveryState, NewMessage, OutboxMessage, Settlement } from '#core/notify/outbox.ts'
import type { ClaimedMessage } from '#store/outbox.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError } from '#store/store.ts'
import { isKey, isName } from '#store/text.ts'

/** A message as drivers keep it, beside its program and position. `notice` is canonical JSON. */
export interface MessageRow {
  readonly id: string
  /** Digest of channel, recipient and thread: what goes out one after another. What is urgent has a lane of its own, with `!` before it. */
  readonly lane: string
  readonly channel: string
  readonly recipient: string
  readonly thread: string
  readonly not_before: string
  /** `not_before` in milliseconds. */
  readonly due: number
  readonly expires: string | null
  readonly notice: string
  readonly state: DeliveryState
  readonly attempt: number
  readonly tries: number
  /** 0 or 1. */
  readonly maybe_sent: number
  /** Milliseconds of the store's clock; 0 while nobody sends it. */
  readonly lease_until: number
  readonly reference: string | null
  readonly reason: string | null
}

export const MESSAGE_COLUMNS =
  'id, lane, channel, recipient, thread, not_before, due, expires, notice, state, attempt, tries, maybe_sent, lease_until, reference, reason'

/** @throws StoreError `invalid-event`. */
export function newRow(message: NewMessage): MessageRow {
  const { key, channel, to, thread, urgent, notBefore, expires } = message
  if (!isKey(key)) throw invalid(message, 'its key is empty, longer than 250 characters, or not well-formed text')
  for (const [name, text] of Object.entries({ channel, to, thread }))
    if (!isName(text)) throw invalid(message, `its ${name} is empty or not well-formed text`)
  const due = millisecondsOf(notBefore)
  if (due === undefined) throw invalid(message, `"${notBefore}" is not an instant in UTC`)
  if (expires !== undefined && millisecondsOf(expires) === undefined) throw invalid(message, `"${expires}" is not an instant in UTC`)
  return {
    id: key,
    lane: `${urgent ? '!' : ''}${sha256(canonical([channel, to, thread]))}`,
    channel,
    recipient: to,
    thread,
    not_before: notBefore,
    due,
    expires: expires ?? null,
    notice: noticeText(message),
    state: 'pending',
    attempt: 0,
    tries: 0,
    maybe_sent: 0,
    lease_until: 0,
    reference: null,
    reason: null,
  }
}

function noticeText(message: NewMessage): string {
  try {
    return canonical(message.notice)
  } catch (error) {
    if (error instanceof CanonicalError) throw invalid(message, error.message)
    throw error
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/

/** Undefined when it is no instant in UTC. */
function millisecondsOf(instant: string): number | undefined {
  const time = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** Milliseconds of a clock that is given. @throws StoreError `invalid-event`, for one that is none. */
export function timeOf(instant: string): number {
  const time = millisecondsOf(instant)
  if (time !== undefined) return time
  throw new StoreError(
    'invalid-event',
    `"${instant}" is not an instant in UTC.`,
    'Give one such as 2026-02-25T16:00:00Z; nothing was written.',
  )
}

/** The row once somebody has claimed it. */
export const claimed = (row: MessageRow, leaseUntil: number): MessageRow => ({
  ...row,
  state: 'sending',
  attempt: row.attempt + 1,
  tries: row.tries + 1,
  maybe_sent: row.state === 'sending' ? 1 : row.maybe_sent,
  lease_until: leaseUntil,
})

/** What is to be written over a row; `done` when it was before, by a call whose answer was lost; `late` when it may not be. */
export type Change = MessageRow | 'done' | 'late'

/** What settling an attempt does. @throws StoreError `invalid-event`. */
export function planSettlement(row: MessageRow | undefined, attempt: number, settlement: Settlement): Change {
  if (row?.attempt !== attempt || attempt === 0) return 'late'
  const wanted = settled(row, settlement)
  if (row.state === 'sending') return wanted
  const isSame = (['state', 'not_before', 'reference', 'reason'] as const).every((field) => row[field] === wanted[field])
  return isSame ? 'done' : 'late'
}

function settled(row: MessageRow, settlement: Settlement): MessageRow {
  const ended = { ...row, lease_until: 0, state: settlement.state }
  if (settlement.state === 'delivered') return { ...ended, reference: settlement.reference ?? null, reason: null }
  if (settlement.state !== 'pending') return { ...ended, reason: settlement.reason }
  return {
    ...ended,
    not_before: settlement.notBefore,
    due: timeOf(settlement.notBefore),
    reason: settlement.reason,
    tries: settlement.untried ? row.tries - 1 : row.tries,
    maybe_sent: settlement.maybeSent ? 1 : row.maybe_sent,
  }
}

/** What trying a message again by hand does. The fence stays, so that nobody who is late can settle it. */
export function planRetry(row: MessageRow | undefined, notBefore: string): Change {
  const due = timeOf(notBefore)
  if (!row) return 'late'
  const fresh: MessageRow = {
    ...row,
    state: 'pending',
    not_before: notBefore,
    due,
    tries: 0,
    maybe_sent: 0,
    lease_until: 0,
    reference: null,
    reason: null,
  }
  if (row.state === 'uncertain' || row.state === 'failed' || row.state === 'dropped') return fresh
  const isSame = row.state === 'pending' && row.tries === 0 && row.not_before === notBefore && row.reason === null
  return isSame ? 'done' : 'late'
}

/** @throws StoreError `damaged` when the notice is not JSON. */
export function toMessage(row: MessageRow): OutboxMessage {
  const { id, lane, channel, recipient, thread, not_before, expires, state, attempt, tries, maybe_sent, reference, reason } = row
  return {
    key: id,
    channel,
    to: recipient,
    thread,
    ...(lane.startsWith('!') && { urgent: true }),
    notBefore: not_before,
    ...(expires !== null && { expires }),
    notice: parseNotice(row),
    state,
    attempt,
    tries,
    maybeSent: maybe_sent !== 0,
    ...(reference !== null && { reference }),
    ...(reason !== null && { reason }),
  }
}

/** A row that was claimed, with the reference of what was delivered before it. */
export const toClaim = (row: MessageRow, previous: string | null): ClaimedMessage => ({
  ...toMessage(row),
  ...(previous !== null && { previous }),
})

function parseNotice({ id, notice }: MessageRow): unknown {
  try {
    return JSON.parse(notice)
  } catch (cause) {
    throw new StoreError('damaged', `The message ${id} does not hold JSON: it was edited or damaged.`, 'Restore a backup.', cause)
  }
}

const invalid = (message: NewMessage, why: string) =>
  new StoreError(
    'invalid-event',
    `The message ${message.key} cannot be recorded: ${why}.`,
    'Nothing was written; correct the message and append it again.',
  )
