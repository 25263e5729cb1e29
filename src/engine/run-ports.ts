import type { Hash } from '#core/ledger/canonical.ts'
import type { Head } from '#core/ledger/chain.ts'
import type { EventType, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { Channel, ChannelKindInfo } from '#core/notify/channel.ts'
import type { Compose } from '#core/notify/compose.ts'
import type { DeliveryState, NewMessage, OutboxMessage, Settlement } from '#core/notify/outbox.ts'
import type { Recorded } from '#core/evidence/reported.ts'
import type { ChannelConfig, ChannelKind, Program } from '#core/program/model.ts'
import type { Due } from '#core/schedule/due.ts'
import type { History } from '#core/schedule/history.ts'
import type { GatherPorts, Progress } from '#engine/ports.ts'

/** As much of a store as running needs; what each method promises stands at the store's own port. */
export interface RunLedger {
  append(
    program: string,
    events: readonly NewEvent[],
    options?: { readonly messages?: readonly NewMessage[]; readonly expectedSeq?: number },
  ): Promise<LedgerEvent[]>
  read(program: string, options?: { readonly after?: number; readonly types?: readonly EventType[] }): AsyncIterable<LedgerEvent>
  head(program: string): Promise<Head | undefined>
  claim(
    program: string,
    options: { readonly now: string; readonly leaseSeconds: number; readonly limit: number; readonly except?: readonly string[] },
  ): Promise<readonly Claimed[]>
  settle(
    program: string,
    key: string,
    attempt: number,
    settlement: Settlement,
    events: readonly NewEvent[],
  ): Promise<LedgerEvent[] | undefined>
  messages(
    program: string,
    filter?: { readonly states?: readonly DeliveryState[]; readonly thread?: string; readonly limit?: number },
  ): Promise<readonly OutboxMessage[]>
  lease(program: string, name: string, holder: string, seconds: number): Promise<boolean>
  spent(program: string, kind: string): Promise<readonly string[]>
}

/** A message taken to be sent; `previous` is what the channel called the last one of its thread. */
export type Claimed = OutboxMessage & { readonly previous?: string }

/** What decides and what words it: pure, and the same everywhere. */
export interface Planning {
  readonly due: Due
  /** First instant after `now` at which something may be due; undefined when nothing will be until an event comes. */
  readonly nextWakeAt: (program: Program, history: History, now: string) => string | undefined
  readonly folding: () => { readonly take: (event: LedgerEvent) => void; readonly history: () => History }
  readonly compose: Compose
}

/** The world as evidence is gathered from it, opened for one look. */
export interface Edges {
  readonly ports: GatherPorts
  /** Brings what the repository has now. Rejects when it cannot be reached. */
  refresh(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Everything that running reaches the world through. */
export interface RunPorts extends Planning {
  readonly ledger: RunLedger
  readonly openEdges: (program: Program) => Promise<Edges>
  /** What CI has sent, from the ledger. */
  readonly readReported: (program: Program) => Promise<readonly Recorded[]>
  readonly channelKinds: Readonly<Record<ChannelKind, ChannelKindInfo>>
  /** Opened on first use, and kept. */
  readonly channel: (config: ChannelConfig, program: Program) => Promise<Channel>
  /** Name of this process among those that share the ledger. */
  readonly holder: string
  /** Instant in UTC. */
  readonly now: () => string
  readonly newId: () => string
  readonly hash: Hash
  /** From 0 up to 1, seeded: spreads retries. */
  readonly random: () => number
  readonly version: string
  /** Aborts after that many seconds. */
  readonly timeLimit: (seconds: number) => AbortSignal
  /** Calls again and again, that many seconds apart, until it is ended. */
  readonly every: (seconds: number, work: () => void) => { end(): void }
  /** Told how gathering goes on. */
  readonly progress?: (event: Progress) => void
  /** One line for people for each thing that is done. */
  readonly say: (line: string) => void
}

/** Someone else appended first: what is due is asked again. */
export const isConflict = (error: unknown): error is Error => codeOf(error) === 'conflict'

/** For ids that are made from a key, as good as a conflict: the same write came in twice at once, and the other was first. */
export const isConflictOrTwin = (error: unknown): error is Error => isConflict(error) || codeOf(error) === 'id-reused'

/** The store, or the network before it, may come back. */
export const isStoreAway = (error: unknown): error is Error => ['busy', 'inaccessible', 'full'].includes(String(codeOf(error)))

const codeOf = (error: unknown): unknown => (isStoreError(error) && 'code' in error ? error.code : undefined)

export const isStoreError = (error: unknown): error is Error => error instanceof Error && error.name === 'StoreError'
