import { canonical, CanonicalError } from '#core/ledger/canonical.ts'
import { chainWalk, isSealedText, sealText, type Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent, Sealed } from '#core/ledger/events.ts'
import { isEventType } from '#core/ledger/schema.ts'
import { newRow, type MessageRow } from '#store/outbox-plan.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError, type AppendOptions } from '#store/store.ts'
import { isKey, isName, MOST_KEY } from '#store/text.ts'

/** An event as drivers keep it: `body` is canonical JSON. */
export interface Row extends Sealed {
  readonly type: string
  readonly body: string
}

export interface AppendPlan {
  /** One for each event asked for: the stored one, or the new one. */
  readonly events: LedgerEvent[]
  /** To be written, in this order. */
  readonly rows: readonly Row[]
  /** After they are. */
  readonly head: Head | undefined
  /** For the outbox, in this order, each key once; those whose key is there already are left out by the driver. */
  readonly messages: readonly MessageRow[]
}

/** What an append does to a ledger, decided before anything is written: the same for every driver. */
export function planAppend(
  events: readonly NewEvent[],
  head: Head | undefined,
  stored: (id: string) => Row | undefined,
  options: AppendOptions = {},
): AppendPlan {
  const messages = messageRows(events, options)
  const rows = new Map<string, Row>()
  const result: LedgerEvent[] = []
  let end = head
  for (const event of events) {
    const body = bodyText(event)
    const known = rows.get(event.id) ?? stored(event.id)
    if (known) {
      if (!sameContent(known, event, body)) throw reused(known)
      result.push(toEvent(known))
      continue
    }
    if (options.expectedSeq !== undefined && options.expectedSeq !== (head?.seq ?? 0)) throw conflict(options.expectedSeq, head)
    const sealed = sealText(event, body, end, sha256)
    rows.set(event.id, { ...sealed, body })
    result.push(sealed)
    end = sealed
  }
  return {
    events: result,
    rows: [...rows.values()],
    head: end && { seq: end.seq, hash: end.hash },
    // What tells of nothing new was written when its events were.
    messages: rows.size > 0 ? messages : [],
  }
}

/** @throws StoreError `invalid-event`. */
function messageRows(events: readonly NewEvent[], { messages = [] }: AppendOptions): readonly MessageRow[] {
  if (events.length === 0 && messages.length > 0)
    throw new StoreError('invalid-event', 'Messages were given without the events that they tell of.', 'Append them with their events.')
  return eachOnce(messages.map(newRow))
}

const eachOnce = (rows: readonly MessageRow[]): readonly MessageRow[] =>
  [...new Map(rows.toReversed().map((row) => [row.id, row])).values()].toReversed()

/** One append as it was asked for. */
export interface Request {
  readonly program: string
  readonly events: readonly NewEvent[]
  readonly options: AppendOptions
}

export type Outcome = LedgerEvent[] | { readonly refused: unknown }

export interface BatchPlan extends Omit<AppendPlan, 'events'> {
  /** One for each request. A request that is refused has no row, and the others go on. */
  readonly outcomes: readonly Outcome[]
}

/** What several appends to one ledger do, one after the other. */
export function planBatch(requests: readonly Request[], head: Head | undefined, stored: (id: string) => Row | undefined): BatchPlan {
  const written = new Map<string, Row>()
  const messages: MessageRow[] = []
  let end = head
  const outcomes = requests.map(({ events, options }): Outcome => {
    try {
      const plan = planAppend(events, end, (id) => written.get(id) ?? stored(id), options)
      for (const row of plan.rows) written.set(row.id, row)
      messages.push(...plan.messages)
      end = plan.head
      return plan.events
    } catch (refused) {
      if (refused instanceof StoreError) return { refused }
      throw refused
    }
  })
  return { outcomes, rows: [...written.values()], head: end, messages: eachOnce(messages) }
}

/**
 * Takes sealed events of a program one by one that must continue the chain at `onto`.
 * @throws StoreError `broken-chain`, `invalid-event`.
 */
export function planAdoption(program: string, onto: Head | undefined) {
  const walk = chainWalk(sha256, { program }, onto)
  return {
    take(event: LedgerEvent): Row {
      const broken = walk.step(event)
      if (broken) throw new StoreError('broken-chain', broken.reason, broken.remedy)
      const { id, at, actor, seq, previous, schema, hash, type } = event
      return { id, at, actor, seq, previous, schema, hash, type, body: bodyText(event) }
    },
    head: (): Head | undefined => walk.head(),
  }
}

/** Why nothing may be sealed onto the end of a ledger: there is a hole, or its last record was edited. Those before it `muster verify` looks at. */
export function faultOfEnd(program: string, head: Head, last: Row | undefined): string | undefined {
  if (last?.hash !== head.hash) return `the ledger of ${program} does not end at its head, record ${head.seq}`
  return isSealedText(last, last.body, sha256) ? undefined : `record ${head.seq} of ${program} was edited`
}

/** @throws StoreError `conflict` when a ledger does not end where it was expected to. */
export function requireHead(head: Head | undefined, expected: Head | undefined): void {
  if (head?.seq !== expected?.seq || head?.hash !== expected?.hash) throw conflict(expected?.seq ?? 0, head)
}

/** @throws StoreError `damaged` when the body is not JSON. */
export function toEvent(row: Row): LedgerEvent {
  const { id, at, actor, seq, previous, schema, hash, type } = row
  return { id, at, actor, seq, previous, schema, hash, type, body: parseBody(row) } as LedgerEvent
}

function parseBody(row: Row): unknown {
  try {
    return JSON.parse(row.body)
  } catch (cause) {
    throw new StoreError(
      'damaged',
      `Record ${row.seq} (id ${row.id}) does not hold JSON: it was edited or damaged.`,
      'Restore the ledger from a copy taken before that.',
      cause,
    )
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/

/** Canonical JSON of the body of an event that can be recorded. @throws StoreError `invalid-event`. */
export function bodyText(event: NewEvent): string {
  if (!isKey(event.id)) throw invalid(event, `its id is empty, longer than ${MOST_KEY} characters, or not well-formed text`)
  if (!isName(event.actor)) throw invalid(event, 'its actor is empty or not well-formed text')
  if (!INSTANT.test(event.at)) throw invalid(event, `its time "${event.at}" is not an instant in UTC, as 2026-02-25T16:00:00Z is`)
  if (!isEventType(event.type)) throw invalid(event, `there is no event type "${String(event['type'])}"`)
  try {
    return canonical(event.body)
  } catch (error) {
    if (error instanceof CanonicalError) throw invalid(event, error.message)
    throw error
  }
}

export function checkProgram(program: string): string {
  if (isKey(program)) return program
  throw new StoreError(
    'invalid-event',
    `The program id is empty, longer than ${MOST_KEY} characters, or not well-formed text.`,
    'Give the program a plain id.',
  )
}

const sameContent = (row: Row, event: NewEvent, body: string): boolean =>
  row.at === event.at && row.actor === event.actor && row.type === event.type && row.body === body

const invalid = (event: NewEvent, why: string) =>
  new StoreError(
    'invalid-event',
    `The ${event.type} event ${event.id} cannot be recorded: ${why}.`,
    'Nothing was written; correct the event and append it again.',
  )

const reused = (known: Row) =>
  new StoreError(
    'id-reused',
    `The id ${known.id} belongs to record ${known.seq} (${known.type}, ${known.at}), which has other content.`,
    'Give a new event an id of its own; a retry must send exactly the same event.',
  )

/** In a chain that is taken over; the hash does not forbid it, but a retry could not be told from a new event. */
export const idTwice = (id?: string) =>
  new StoreError(
    'id-reused',
    `The ledger that is taken over gives ${id === undefined ? 'one id' : `the id ${id}`} to two records.`,
    'Nothing was written; take it from a copy that Muster wrote.',
  )

const conflict = (expected: number, head: Head | undefined) =>
  new StoreError(
    'conflict',
    `The ledger was expected to end at record ${expected}, but it ends at record ${head?.seq ?? 0}: someone else appended.`,
    'Read what was appended since, decide again, and append with the new number.',
  )
