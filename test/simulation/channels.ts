import type { Channel, Dispatch, Sent } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig } from '#core/program/model.ts'
import type { Chance } from './random.ts'

/** Something that arrived at the other end of a channel. */
export interface Effect {
  readonly key: string
  readonly channel: string
  readonly to: string
  readonly thread: string
  readonly notice: Notice
  /** Wall clock of the sender, and true time. */
  readonly at: string
  readonly elapsed: number
}

/** Whether the other end knows a message by its key when it comes twice. */
export const PROVABLE: ReadonlySet<ChannelConfig['send']> = new Set<ChannelConfig['send']>(['file', 'webhook', 'email', 'calendar'])

/** The world at the other end of all channels: what has arrived there, and what is out of order. */
export class Outside {
  readonly effects: Effect[] = []
  readonly #known = new Set<string>()
  readonly #chance: Chance
  readonly #elapsed: () => number
  /** Channel id -> true times from and until which nothing gets through. */
  readonly outages = new Map<string, { readonly from: number; readonly until: number }[]>()
  /** Share of sends whose answer is lost although they arrived. */
  lostAnswers = 0

  constructor(chance: Chance, elapsed: () => number) {
    this.#chance = chance
    this.#elapsed = elapsed
  }

  open(config: ChannelConfig, point: () => Promise<void>): Channel {
    return {
      send: async (dispatch) => {
        await point()
        const sent = this.#send(config, dispatch)
        await point()
        return sent
      },
      close: async () => {},
    }
  }

  #send(config: ChannelConfig, dispatch: Dispatch): Sent {
    const now = this.#elapsed()
    if (this.outages.get(config.id)?.some(({ from, until }) => now >= from && now < until))
      return { outcome: 'retry', reason: 'nobody answers' }
    const isProvable = PROVABLE.has(config.send)
    if (!isProvable && dispatch.maybeSent) {
      // A status that is missed is better than one that comes twice; an escalation is not.
      if (!dispatch.notice.urgent) return { outcome: 'uncertain', reason: 'it may have arrived' }
      this.#arrive(config, dispatch)
      return { outcome: 'uncertain', reason: 'it was sent again, and may be there twice' }
    }
    if (!isProvable || !this.#known.has(dispatch.key)) this.#arrive(config, dispatch)
    this.#known.add(dispatch.key)
    if (this.#chance.is(this.lostAnswers)) return { outcome: 'retry', reason: 'the answer is lost', maybeSent: true }
    return { outcome: 'delivered', reference: `${config.id}:${dispatch.key}` }
  }

  #arrive({ id }: ChannelConfig, { key, person, notice, now }: Dispatch): void {
    this.effects.push({ key, channel: id, to: person?.id ?? '*', thread: notice.thread, notice, at: now, elapsed: this.#elapsed() })
  }
}
