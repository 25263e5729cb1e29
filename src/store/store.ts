import type { Head } from '#core/ledger/chain.ts'
import type { EventType, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { Outbox } from '#store/outbox.ts'
import type { Spent } from '#store/spent.ts'

/**
 * The port behind which ledgers are kept, one for each program. Every method rejects with a
 * `StoreError` and with nothing else.
 */
export interface Store extends Outbox, Spent {
  /**
   * Seals events onto the end of a ledger, all or none. When the promise resolves they are on the
   * disk. An event whose id is already there with the same content is not written again, and the
   * stored one is returned in its place; so a retry sends the same events once more.
   * @throws StoreError `conflict`, `id-reused`, `invalid-event`.
   */
  append(program: string, events: readonly NewEvent[], options?: AppendOptions): Promise<LedgerEvent[]>
  /**
   * Takes over events that were sealed elsewhere, as they are, all or none: they must continue the
   * chain at `onto`, where the ledger must end. Gives its new head. The outbox stays as it is: what
   * was sent must not be sent again because the ledger knows it no more.
   * @throws StoreError `conflict` when it ends elsewhere, `broken-chain`, `invalid-event`, `id-reused`.
   */
  adopt(program: string, events: AsyncIterable<LedgerEvent>, options: AdoptOptions): Promise<Head | undefined>
  /** Oldest first, up to the head at the time of the first step; what is appended meanwhile is left out. */
  read(program: string, options?: ReadOptions): AsyncIterable<LedgerEvent>
  /** Undefined when the ledger is empty. */
  head(program: string): Promise<Head | undefined>
  /** Number of the last record there is, 0 without one: that of the head, unless somebody changed the store by hand. */
  last(program: string): Promise<number>
  /** Ids of the programs that have a ledger, sorted by code unit. */
  programs(): Promise<string[]>
  find(program: string, id: string): Promise<LedgerEvent | undefined>
  /** The newest event of a type. */
  latest(program: string, type: EventType): Promise<LedgerEvent | undefined>
  close(): Promise<void>
}

export interface AppendOptions {
  /** Written into the outbox in the same transaction; see `Outbox`. */
  readonly messages?: readonly NewMessage[]
  /** Append only if this is the number of the last event (0: the ledger is empty). Events that are already stored do not conflict. */
  readonly expectedSeq?: number
}

export interface AdoptOptions {
  /** Head of the ledger as the caller knows it; undefined: it is empty. */
  readonly onto: Head | undefined
  /** Removes what the ledger holds in the same transaction, and begins the chain anew. */
  readonly replace?: boolean
}

export interface ReadOptions {
  /** Only events with a higher number. */
  readonly after?: number
  readonly types?: readonly EventType[]
  readonly limit?: number
}

export type StoreErrorCode =
  /** Someone else appended first. */
  | 'conflict'
  /** The id belongs to an event with other content. */
  | 'id-reused'
  | 'invalid-event'
  /** What was to be taken over is not a sound chain, or not the continuation of this one. */
  | 'broken-chain'
  /** Another process held the store for longer than the time limit. */
  | 'busy'
  /** The bytes on the disk are not a sound store. */
  | 'damaged'
  | 'not-a-store'
  | 'newer-schema'
  | 'older-schema'
  | 'read-only'
  /** The place cannot be read or written. */
  | 'inaccessible'
  | 'full'
  /** This machine's SQLite or file system, or that PostgreSQL server, cannot keep a store safely. */
  | 'unsupported'
  | 'closed'

/** `message` says what happened, `remedy` what to do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly remedy: string

  constructor(code: StoreErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
  }
}

/** What a store that was opened for reading only has no more of than its refusal. */
export type Writing = Pick<Store, 'append' | 'adopt' | 'claim' | 'settle' | 'retry' | 'lease' | 'spend' | 'spent'>

export function refuseWriting(place: string): Writing {
  const refuse = async () => {
    throw new StoreError('read-only', `The store ${place} was opened for reading only.`, 'Open it for writing.')
  }
  return { append: refuse, adopt: refuse, claim: refuse, settle: refuse, retry: refuse, lease: refuse, spend: refuse, spent: refuse }
}
