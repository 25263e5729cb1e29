import type { Notice } from '#core/notify/notice.ts'
import type { Settlement } from '#core/notify/outbox.ts'
import type { ChannelConfig, Person, Program } from '#core/program/model.ts'
import type { Known } from '#engine/follow.ts'
import type { Claimed, RunPorts } from '#engine/run-ports.ts'

/** A message on its way through the stages. */
export interface InHand {
  readonly message: Claimed
  readonly notice: Notice
  readonly config: ChannelConfig
  /** Absent where the channel has one address for all. */
  readonly person?: Person
}

export interface Delivering {
  readonly program: Program
  readonly known: Known
  readonly now: string
  readonly ports: RunPorts
  /** Message key -> to whom it goes out just now, and since when, in milliseconds. */
  readonly goingOut: Map<string, { readonly to: string; readonly at: number }>
  readonly signal: AbortSignal
}

/** One stage: says how the attempt ends, or nothing, and the next one is asked. */
export type Stage = (inHand: InHand, delivering: Delivering) => Settlement | undefined | Promise<Settlement | undefined>

export const dropped = (reason: string): Settlement => ({ state: 'dropped', reason })

/** Given back without a try. */
export const heldBack = (notBefore: string, reason: string): Settlement => ({ state: 'pending', notBefore, reason, untried: true })
