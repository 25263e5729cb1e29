import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, ChannelKind, Person, Program } from '#core/program/model.ts'

/** One thing to send, with all that a channel needs to say it once. */
export interface Dispatch {
  /** Key of the outbox message: the idempotency key wherever the channel has one. */
  readonly key: string
  /** 1 for the first. */
  readonly attempt: number
  /** An earlier attempt may have had its effect (it was found `sending` after a crash, or timed out). */
  readonly maybeSent: boolean
  readonly program: Program
  readonly config: ChannelConfig
  /** Absent where the channel has one address for all. */
  readonly person?: Person
  readonly notice: Notice
  /** Reference of what was delivered last in the same thread to the same recipient. */
  readonly previous?: string
  /** Instant. */
  readonly now: string
  readonly signal: AbortSignal
}

export type Sent =
  | { readonly outcome: 'delivered'; readonly reference?: string }
  /** It may have arrived: the connection broke after the request, and the channel cannot be asked. */
  | { readonly outcome: 'uncertain'; readonly reason: string }
  /**
   * Try again, not before so many seconds where the other side said so. `maybeSent`: nobody knows
   * whether this try had its effect, and the next one is told so.
   */
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterSeconds?: number; readonly maybeSent?: true }
  /** It will never work as it is: no address, refused, revoked. */
  | { readonly outcome: 'failed'; readonly reason: string }

/** A channel, opened. It never throws for what the other side does. */
export interface Channel {
  send(dispatch: Dispatch): Promise<Sent>
  close(): Promise<void>
}

/** What there is to know of a kind of channel without loading it. */
export interface ChannelKindInfo {
  readonly kind: ChannelKind
  /** One address for all (a Slack channel, a file), or a message for each person. */
  readonly recipients: 'all' | 'person'
  /** Whether `person` can be reached; a reason when not. */
  readonly reaches: (person: Person) => true | string
  /** Kinds of notices it carries. */
  readonly carries: (kind: Notice['kind']) => boolean
}
