import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { DeliveryState, OutboxMessage, Settlement } from '#core/notify/outbox.ts'

/**
 * The outbox of a store: a part of the port that every driver implements and the contract suite
 * holds. Messages come in by `append(program, events, { messages })`, in the transaction of the
 * events; a message whose key is there already is not written again, whatever it says. Events that
 * are all stored already bring no message.
 */
export interface Outbox {
  /**
   * Takes messages to send: those that are pending and not before their time, and those that are
   * `sending` under a lease that has run out, which are `maybeSent` from then on. Each becomes
   * `sending`, its attempt and its tries one higher, its lease `leaseSeconds` long by the store's own
   * clock. Of one thread (channel, recipient, thread) only the oldest unsettled message is taken, and
   * none while another one of it is being sent. Oldest first, at most `limit`; none of the channels `except`.
   */
  claim(program: string, options: ClaimOptions): Promise<readonly ClaimedMessage[]>
  /**
   * Ends an attempt, and appends events, in one transaction. Undefined, and nothing is written,
   * when the attempt is not the current one any more: somebody else has claimed it since.
   */
  settle(
    program: string,
    key: string,
    attempt: number,
    settlement: Settlement,
    events: readonly NewEvent[],
  ): Promise<LedgerEvent[] | undefined>
  /**
   * Makes a settled message that was not delivered pending again, as if it had never been tried, and
   * appends events, in one transaction. Undefined, and nothing is written, when there is no such message.
   */
  retry(program: string, key: string, notBefore: string, events: readonly NewEvent[]): Promise<LedgerEvent[] | undefined>
  /** In the order in which they were written. */
  messages(
    program: string,
    filter?: { readonly states?: readonly DeliveryState[]; readonly thread?: string; readonly limit?: number },
  ): Promise<readonly OutboxMessage[]>
  /**
   * Takes a named lease for a holder: true while nobody else holds it by the store's clock. The
   * holder may take it again, which prolongs it; 0 seconds gives it back.
   */
  lease(program: string, name: string, holder: string, seconds: number): Promise<boolean>
  /**
   * How many seconds of a lease are left by the store's clock, whoever holds it; negative since it ran
   * out or was given back. Undefined where nobody ever took it.
   */
  leased(program: string, name: string): Promise<number | undefined>
}

export interface ClaimOptions {
  /** Instant that `notBefore` is held against. */
  readonly now: string
  readonly leaseSeconds: number
  readonly limit: number
  readonly except?: readonly string[]
}

export interface ClaimedMessage extends OutboxMessage {
  /** Reference of the message of the same thread, channel and recipient that was delivered last. */
  readonly previous?: string
}
