import type { Head } from '#core/ledger/chain.ts'
import type { EventType, LedgerEvent, NewEvent } from '#core/ledger/events.ts'

/**
 * The port behind which ledgers are kept, one for each program. Every method rejects with a
 * `StoreError` and with nothing else.
 */
export interface Store {
  /**
   * Seals events onto the end of a ledger, all or none. When the promise resolves they are on the
   * disk. An event whose id is already there with the same content is not written again, and the
   * stored one is returned in its place; so a retry sends the same events once more.
   * @throws StoreError `conflict`, `id-reused`, `invalid-event`.
   */
  append(program: string, events: readonly NewEvent[], options?: AppendOptions): Promise<LedgerEvent[]>
  /** Oldest first, up to the head at the time of the first step; what is appended meanwhile is left out. */
  read(program: string, options?: ReadOptions): AsyncIterable<LedgerEvent>
  /** Undefined when the ledger is empty. */
  head(program: string): Promise<Head | undefined>
  /** Ids of the programs that have a ledger, sorted by code unit. */
  programs(): Promise<string[]>
  find(program: string, id: string): Promise<LedgerEvent | undefined>
  /** The newest event of a type. */
  latest(program: string, type: EventType): Promise<LedgerEvent | undefined>
  close(): Promise<void>
}

export interface AppendOptions {
  /** Append only if this is the number of the last event (0: the ledger is empty). Events that are already stored do not conflict. */
  readonly expectedSeq?: number
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
  /** This machine's SQLite, or the file system, cannot keep a store safely. */
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
