import { canonical, CanonicalError, type Hash } from '#core/ledger/canonical.ts'
import type { LedgerEvent, NewEvent, Sealed } from '#core/ledger/events.ts'
import { KNOWN_SCHEMAS, SCHEMA } from '#core/ledger/schema.ts'

/** Where a ledger ends. Exported elsewhere (file, git note, message), it proves truncation and rewriting. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

/** What the first event names as the one before it. */
export const NO_EVENT = '0'.repeat(64)

/** What is wrong with the first bad record. */
export type Break =
  /** Its content is not what was sealed. */
  | 'edited'
  /** It is not there, or another stands in its place. */
  | 'missing'
  /** It stands twice, or was put in between two that belong together. */
  | 'inserted'
  /** It is sound in itself, but not the record that the next one was sealed on. */
  | 'replaced'
  /** The ledger ends before the exported head. */
  | 'truncated'
  /** The chain holds, but leads to another hash than the exported one. */
  | 'rewritten'
  /** It was sealed under event types that this version does not know. */
  | 'schema'
  /** It says that it is of another program than the one whose ledger it stands in. */
  | 'foreign'

export type Verification =
  | { readonly ok: true; readonly head: Head | undefined }
  | {
      readonly ok: false
      /** The first bad record: its place in the ledger, counted from 1. */
      readonly seq: number
      readonly kind: Break
      readonly reason: string
      readonly remedy: string
    }
export type Broken = Extract<Verification, { ok: false }>

/**
 * Seals an event onto the one before it.
 * @throws CanonicalError when the event holds what JSON cannot.
 */
export function seal(event: NewEvent, previous: Head | undefined, hash: Hash): LedgerEvent {
  return sealText(event, canonical(event.body), previous, hash)
}

/** `seal` for those who need the canonical JSON of the body themselves: it is made only once. */
export function sealText(event: NewEvent, body: string, previous: Head | undefined, hash: Hash): LedgerEvent {
  const { id, at, actor, type } = event
  const place = { seq: (previous?.seq ?? 0) + 1, previous: previous?.hash ?? NO_EVENT, schema: SCHEMA }
  const sealed: Sealed = { id, at, actor, ...place, hash: hash(contentText({ id, at, actor, type, ...place }, body)) }
  return { ...sealed, type, body: event.body } as LedgerEvent
}

type Content = Omit<Sealed, 'hash'> & { readonly type: string }

/** Canonical JSON of all that the hash is over. */
const contentText = ({ id, at, actor, type, previous, schema, seq }: Content, body: string): string =>
  `{"actor":${canonical(actor)},"at":${canonical(at)},"body":${body},"id":${canonical(id)},"previous":"${previous}","schema":"${schema}","seq":${seq},"type":"${type}"}`

/** Whether a record that is kept with the canonical JSON of its body has the hash of its content. */
export function isSealedText(record: Content & Pick<Sealed, 'hash'>, body: string, hash: Hash): boolean {
  try {
    return hash(contentText(record, body)) === record.hash
  } catch (error) {
    if (error instanceof CanonicalError) return false
    throw error
  }
}

/** id, at, actor, seq, previous, schema, hash, type, body: the hash is over all others, and there are no more. */
const FIELDS = 9

/** Whether an event has the hash of its content; one that JSON cannot hold never was sealed. */
function isSound(event: LedgerEvent, hash: Hash): boolean {
  const { hash: sealed, ...content } = event
  try {
    return Object.keys(event).length === FIELDS && hash(canonical(content)) === sealed
  } catch {
    return false
  }
}

/** What a ledger is held against. */
export interface Expected {
  /**
   * Heads that were exported earlier, in any order; without one, an end cut off or rewritten whole
   * cannot be seen.
   */
  readonly heads?: readonly Head[]
  /** Whose ledger it is: records that say they are of another program are found. */
  readonly program?: string
}

/** Walks a ledger from its first event and names the first bad record. */
export function verifyChain(events: Iterable<LedgerEvent>, hash: Hash, expected: Expected = {}): Verification {
  const walk = chainWalk(hash, expected)
  for (const event of events) {
    const broken = walk.step(event)
    if (broken) return broken
  }
  return walk.end()
}

/** `verifyChain` over what a store reads. */
export async function verifyStream(events: AsyncIterable<LedgerEvent>, hash: Hash, expected: Expected = {}): Promise<Verification> {
  const walk = chainWalk(hash, expected)
  for await (const event of events) {
    const broken = walk.step(event)
    if (broken) return broken
  }
  return walk.end()
}

/** `verifyChain` one event at a time, from the first or on from `start`. */
export function chainWalk(hash: Hash, expected: Expected = {}, start?: Head) {
  const heads = (expected.heads ?? []).toSorted((a, b) => a.seq - b.seq)
  // Several may be noted for one record; it must agree with all of them.
  const headsAt = Map.groupBy(heads, (head) => head.seq)
  let last = start
  let beforeLast = NO_EVENT
  let proven = 0

  function step(event: LedgerEvent): Broken | undefined {
    const seq = (last?.seq ?? 0) + 1
    const previous = last?.hash ?? NO_EVENT
    const broken = judge(event, { seq, previous, beforePrevious: beforeLast, isProven: proven === seq - 1 && seq > 1 }, hash)
    if (broken) return broken
    const foreign = foreignProgram(event, expected.program)
    if (foreign !== undefined) return ofAnother(seq, foreign, expected.program ?? '')
    const here = headsAt.get(seq)
    if (here?.some((head) => head.hash !== event.hash)) return rewritten(seq, proven)
    if (here) proven = seq
    beforeLast = previous
    last = { seq, hash: event.hash }
    return undefined
  }

  function end(): Verification {
    const farthest = heads.at(-1)
    const length = last?.seq ?? 0
    return farthest && farthest.seq > length ? truncated(length, farthest.seq) : { ok: true, head: last }
  }

  return { step, end, head: () => last }
}

/** Where an event stands: the number it ought to have, and the hashes of the two before it. */
interface Place {
  readonly seq: number
  readonly previous: string
  readonly beforePrevious: string
  /** The record before is the one that an exported head names: then it is this one that is wrong. */
  readonly isProven: boolean
}

function judge(event: LedgerEvent, place: Place, hash: Hash): Broken | undefined {
  if (!KNOWN_SCHEMAS.includes(event.schema)) return unknownSchema(place.seq, event.schema)
  if (!isSound(event, hash)) return edited(event, place, hash)
  if (event.seq > place.seq) return missing(place.seq, event.seq)
  if (event.seq < place.seq) return inserted(event.seq, `Record ${event.seq} stands a second time, after record ${place.seq - 1}.`)
  if (event.previous !== place.previous) return place.isProven ? replacedAfter(place.seq) : replaced(place.seq)
  return undefined
}

/** A record whose hash does not fit its content, unless it was only given another number: then its neighbour is the bad one. */
function edited(event: LedgerEvent, { seq, previous, beforePrevious }: Place, hash: Hash): Broken {
  const numbered = (other: number) => isSound({ ...event, seq: other }, hash)
  if (seq > 1 && event.previous === beforePrevious && numbered(seq - 1))
    return inserted(seq - 1, `Record ${seq - 1} was put in: record ${seq} was sealed as number ${seq - 1}, on record ${seq - 2}.`)
  if (event.previous !== previous && numbered(seq + 1)) return missing(seq, seq + 1)
  return {
    ok: false,
    seq,
    kind: 'edited',
    reason: `Record ${seq} was edited: its content does not have the hash it was sealed with.`,
    remedy: RESTORE,
  }
}

/** The program that a record says it is of, where that is another one. */
function foreignProgram(event: LedgerEvent, program: string | undefined): string | undefined {
  if (program === undefined || event.type !== 'program') return undefined
  const body: { readonly program?: { readonly id?: unknown } | null } | null = event.body
  const id = body?.program?.id
  return typeof id === 'string' && id !== program ? id : undefined
}

const ofAnother = (seq: number, found: string, program: string): Broken => ({
  ok: false,
  seq,
  kind: 'foreign',
  reason: `Record ${seq} is of the program ${found}, not of ${program}.`,
  remedy: RESTORE,
})

const RESTORE = 'Restore the ledger from a copy taken before the change; nothing from this record on can be relied on.'

const missing = (place: number, found: number): Broken => ({
  ok: false,
  seq: place,
  kind: 'missing',
  reason: `Record ${place} is not in its place: ${place === 1 ? 'the ledger begins with' : `after record ${place - 1} comes`} record ${found}.`,
  remedy: RESTORE,
})

const inserted = (seq: number, reason: string): Broken => ({ ok: false, seq, kind: 'inserted', reason, remedy: RESTORE })

const replaced = (place: number): Broken =>
  place === 1
    ? {
        ok: false,
        seq: 1,
        kind: 'replaced',
        reason: 'Record 1 was sealed on a record before it, which is not there: this is not the beginning of a ledger.',
        remedy: RESTORE,
      }
    : {
        ok: false,
        seq: place - 1,
        kind: 'replaced',
        reason: `Record ${place - 1} was replaced: record ${place} was sealed on another one.`,
        remedy: RESTORE,
      }

const replacedAfter = (place: number): Broken => ({
  ok: false,
  seq: place,
  kind: 'replaced',
  reason: `Record ${place} was replaced: it was not sealed on record ${place - 1}, which is the one that was exported.`,
  remedy: RESTORE,
})

const rewritten = (place: number, proven: number): Broken => ({
  ok: false,
  seq: place,
  kind: 'rewritten',
  reason:
    `Record ${place} has another hash than the head noted for it: ` +
    (proven === place - 1 ? 'it was rewritten.' : `the ledger was rewritten somewhere from record ${proven + 1} to ${place}.`),
  remedy: 'Restore the ledger from a copy that leads to the head that was noted; if that is the head of another ledger, name that one.',
})

const truncated = (length: number, noted: number): Broken => ({
  ok: false,
  seq: length + 1,
  kind: 'truncated',
  reason: `Record ${length + 1} is not there: the ledger ends at ${length}, but a head was noted at record ${noted}.`,
  remedy: `Restore the ledger from a copy that reaches record ${noted}.`,
})

const unknownSchema = (place: number, schema: string): Broken => ({
  ok: false,
  seq: place,
  kind: 'schema',
  reason: `Record ${place} was sealed under event types "${schema}", which this version does not know (it knows ${KNOWN_SCHEMAS.join(', ')}).`,
  remedy: 'Verify it with the version of Muster that wrote it, or a newer one; if that is this version, the record was altered.',
})
