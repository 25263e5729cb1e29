import type { Sent } from '#core/notify/channel.ts'
import type { Settlement } from '#core/notify/outbox.ts'
import { addSeconds } from '#core/schedule/time.ts'

/** Stage five: how a try ends. Failures are tried again, each time later, for about a day. */

const FIRST_SECONDS = 10
const LONGEST_SECONDS = 3600
/** Ten seconds, doubled up to an hour: the last try comes about 22 hours after the first. */
export const MOST_TRIES = 30

export interface Try {
  /** 1 for the first. */
  readonly tries: number
  /** An earlier one may have arrived. */
  readonly maybeSent: boolean
  readonly now: string
  /** From 0 up to 1. */
  readonly random: () => number
}

export function settlementOf(sent: Sent, { tries, maybeSent, now, random }: Try): Settlement {
  switch (sent.outcome) {
    case 'delivered':
      return { state: 'delivered', ...(sent.reference !== undefined && { reference: sent.reference }) }
    case 'uncertain':
      return { state: 'uncertain', reason: sent.reason }
    case 'failed':
      return { state: maybeSent ? 'uncertain' : 'failed', reason: sent.reason }
    case 'retry': {
      const isUnsure = maybeSent || sent.maybeSent === true
      if (tries >= MOST_TRIES) return { state: isUnsure ? 'uncertain' : 'failed', reason: `${sent.reason}, after ${tries} tries` }
      const seconds = Math.max(sent.afterSeconds ?? 0, backoff(tries, random))
      return { state: 'pending', notBefore: addSeconds(now, seconds), reason: sent.reason, ...(isUnsure && { maybeSent: true }) }
    }
  }
}

/** Seconds until the next try: doubled each time, and between a half and the whole of that, so that many do not come at once. */
export const backoff = (tries: number, random: () => number): number =>
  Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(tries - 1, 20)) * (0.5 + random() / 2)
