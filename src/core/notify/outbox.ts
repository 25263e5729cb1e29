/**
 * The outbox: messages are written in the transaction of the state change that they tell of, and
 * sent afterwards, each until it is settled. Plain data; the store keeps it, the engine sends.
 */

/**
 * `pending`: not tried yet, or to be tried again. `sending`: somebody holds it; after a crash this
 * is what is found. `uncertain`: it may have arrived, and the channel cannot tell. `dropped`: muted,
 * or of no use any more.
 */
export const DELIVERY_STATES = ['pending', 'sending', 'delivered', 'uncertain', 'failed', 'dropped'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export interface NewMessage {
  /** Deterministic, unique within the program: written twice, it is one message. At most 250 characters. */
  readonly key: string
  /** Id of a channel of the program. */
  readonly channel: string
  /** Person id, or `*` where the channel has one address for all. */
  readonly to: string
  /**
   * Messages of one thread to one recipient over one channel go out one after another, in the order
   * in which they were written: later ones continue, or edit, what the earlier ones said.
   */
  readonly thread: string
  /** It waits for nothing of its thread but what is urgent itself: what is held back does not hold it back. */
  readonly urgent?: true
  /** Instant before which it is not sent. */
  readonly notBefore: string
  /** Instant from which it is of no use any more. */
  readonly expires?: string
  /** What is said: the JSON of a `Notice`. */
  readonly notice: unknown
}

export interface OutboxMessage extends NewMessage {
  readonly state: DeliveryState
  /** How often it was claimed: the fence. 0 while nobody has. */
  readonly attempt: number
  /** How often it was given to the channel, the claim that is going on counted: what retries are counted by. */
  readonly tries: number
  /** An earlier try may have had its effect. Once true it stays so until somebody retries by hand. */
  readonly maybeSent: boolean
  /** What the channel called it, once delivered. */
  readonly reference?: string
  /** Why the last attempt, or the message, failed. */
  readonly reason?: string
}

/** How one attempt ended. */
export type Settlement =
  | { readonly state: 'delivered'; readonly reference?: string }
  | { readonly state: 'uncertain' | 'failed' | 'dropped'; readonly reason: string }
  /**
   * To be tried again from then on. `untried`: it was held back and never given to the channel, so
   * it is no try. `maybeSent`: nobody knows whether this try had its effect.
   */
  | {
      readonly state: 'pending'
      readonly notBefore: string
      readonly reason: string
      readonly untried?: true
      readonly maybeSent?: true
    }
