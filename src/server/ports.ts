import type { Recorded } from '#core/evidence/reported.ts'
import type { Head } from '#core/ledger/chain.ts'
import type { EventType, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { Radar } from '#core/merge/radar.ts'
import type { DeliveryState, OutboxMessage } from '#core/notify/outbox.ts'
import type { Program } from '#core/program/model.ts'

/** What the server asks of a store: the part of its port that it uses. */
export interface ServedLedger {
  append(program: string, events: readonly NewEvent[], options?: { readonly expectedSeq?: number }): Promise<LedgerEvent[]>
  read(
    program: string,
    options?: { readonly after?: number; readonly types?: readonly EventType[]; readonly limit?: number },
  ): AsyncIterable<LedgerEvent>
  head(program: string): Promise<Head | undefined>
  find(program: string, id: string): Promise<LedgerEvent | undefined>
  messages(
    program: string,
    filter?: { readonly states?: readonly DeliveryState[]; readonly limit?: number },
  ): Promise<readonly OutboxMessage[]>
  /** Whether an id of a kind, which counts once, is spent now; for so long by the store's clock. */
  spend(program: string, kind: string, id: string, seconds: number): Promise<boolean>
  spent(program: string, kind: string): Promise<readonly string[]>
  retry(program: string, key: string, notBefore: string, events: readonly NewEvent[]): Promise<LedgerEvent[] | undefined>
}

export interface CheckOptions {
  /** Ids of the streams that are judged; absent: all. */
  readonly streams?: readonly string[]
  /** Ids of the events that are recorded. */
  readonly newId: () => string
  readonly progress: (progress: { readonly done: number; readonly of: number; readonly last?: string }) => void
}

/** One program that is served. */
export interface ServedProgram {
  readonly id: string
  readonly ledger: ServedLedger
  /** The program as its file has it now; the last good one while an edit is broken. */
  program(): Program
  /** What is wrong with the file as it is now; undefined while it is in force. */
  trouble(): string | undefined
  /** Whether this process does what is due of it by itself. */
  running(): boolean
  /** Makes whoever runs it in this process ask now what is due. */
  wake(): void
  /** Gathers, judges and records a checkpoint. */
  check(checkpoint: string, options: CheckOptions): Promise<{ readonly decision: string }>
  /** The files of a branch as they stand now, for a signature that counts for one tree. */
  treeOf(branch: string): Promise<string>
  /** What CI has reported, each piece checked again. */
  reported(): Promise<readonly Recorded[]>
  /** Puts evidence on record that CI sent. */
  accept(
    envelope: unknown,
  ): Promise<{ readonly outcome: 'recorded' | 'known' | 'refused'; readonly seq?: number; readonly reason?: string }>
  /** The radar as it was looked at last; undefined before. */
  radar(): Promise<Radar | undefined>
  /** Looks again. */
  look(): Promise<void>
}

export interface ServerPorts {
  readonly programs: readonly ServedProgram[]
  /** Instant in UTC. */
  readonly now: () => string
  readonly newId: () => string
  readonly version: string
}
