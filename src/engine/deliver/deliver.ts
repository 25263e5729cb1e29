import { readNotice } from '#core/notify/notice.ts'
import type { Settlement } from '#core/notify/outbox.ts'
import type { Program } from '#core/program/model.ts'
import { epoch, formatInstant } from '#core/schedule/time.ts'
import { EVERYBODY } from '#engine/deliver/address.ts'
import { dedup } from '#engine/deliver/dedup.ts'
import { group } from '#engine/deliver/group.ts'
import { mute } from '#engine/deliver/mute.ts'
import { record } from '#engine/deliver/record.ts'
import { send } from '#engine/deliver/send.ts'
import { dropped, type Delivering, type InHand, type Stage } from '#engine/deliver/stage.ts'
import { asAddressed, takesBack, withFormer, type KnownPeople } from '#engine/former-people.ts'
import type { Follower } from '#engine/follow.ts'
import type { Claimed, RunPorts } from '#engine/run-ports.ts'
import { unlessAborted } from '#engine/unless-aborted.ts'

const STAGES: readonly Stage[] = [mute, dedup, group, send]

/** So many at a time: one that hangs holds up no more than these. */
const MOST_AT_ONCE = 16
const LEASE_SECONDS = 120

export interface Delivered {
  readonly settled: number
  readonly failed: number
  readonly uncertain: number
  /** Given to a channel, and to be tried again. */
  readonly again: number
  /** Channel id -> why nothing has got through for a while. */
  readonly stuck: ReadonlyMap<string, string>
  /** When the first of those that were given back may go out. */
  readonly againAt?: string
}

export const nothingSent = () => ({ settled: 0, failed: 0, uncertain: 0, again: 0, stuck: new Map<string, string>() })

/** After so many tries, about five minutes, a channel is in trouble: there is a day left to mend it. */
const STUCK_TRIES = 6

/** What one process sends. A channel that hangs holds up what goes over it, and nothing else. */
export interface Sender {
  /**
   * Sends whatever is in the outbox and may go out now, until there is nothing of that left. When
   * `patience` is aborted it waits no longer: what is going on ends by itself, meanwhile nothing more
   * goes over those channels, and what came of it is told by the next call.
   */
  deliver(program: Program, signal: AbortSignal, patience?: AbortSignal): Promise<Delivered>
  /** Until everything that goes on has ended. */
  ended(): Promise<void>
}

export function createSender(follower: Follower, ports: RunPorts): Sender {
  /** Attempts that have not ended, and over which channel they go. */
  const going = new Map<Promise<void>, string>()
  const goingOut: Delivering['goingOut'] = new Map()
  /** Message key -> when it may go out, of those that were given back here. */
  const givenBack = new Map<string, string>()
  let count = nothingSent()
  let broken: { readonly error: unknown } | undefined

  async function attempt(message: Claimed, delivering: Delivering): Promise<void> {
    try {
      const settlement = await settle(message, delivering)
      if (!(await record(delivering.program.id, message, settlement, ports))) return
      if (settlement.state === 'pending') givenBack.set(message.key, settlement.notBefore)
      tally(message, settlement)
      say(message, settlement, delivering)
    } catch (error) {
      broken ??= { error }
    } finally {
      goingOut.delete(message.key)
    }
  }

  function tally(message: Claimed, settlement: Settlement): void {
    if (settlement.state !== 'pending') count.settled += 1
    if (settlement.state === 'failed') count.failed += 1
    if (settlement.state === 'uncertain') count.uncertain += 1
    if (settlement.state !== 'pending' || settlement.untried === true) return
    count.again += 1
    if (message.tries >= STUCK_TRIES) count.stuck.set(message.channel, settlement.reason)
  }

  /** One whose time has come and that is not in hand here, another process has in hand. */
  function againAt(): string | undefined {
    const now = epoch(ports.now())
    for (const [key, at] of givenBack) if (epoch(at) <= now) givenBack.delete(key)
    return [...givenBack.values()].toSorted((one, other) => epoch(one) - epoch(other))[0]
  }

  function begin(message: Claimed, delivering: Delivering): void {
    givenBack.delete(message.key)
    const sending = attempt(message, delivering).finally(() => going.delete(sending))
    going.set(sending, message.channel)
  }

  /** What the call before has left: it is not waited for again. */
  function leftBehind() {
    const left = new Set(going.keys())
    return { channels: [...new Set(going.values())], begun: () => [...going.keys()].filter((one) => !left.has(one)) }
  }

  return {
    async deliver(program, signal, patience) {
      const { channels: except, begun } = leftBehind()
      while (!signal.aborted) {
        if (broken) break
        const room = MOST_AT_ONCE - begun().length
        // Many at a time: each claim is a transaction.
        if (room >= MOST_AT_ONCE / 2) {
          const now = ports.now()
          const claimed = await ports.ledger.claim(program.id, { now, leaseSeconds: LEASE_SECONDS, limit: room, except })
          const known = claimed.length === 0 ? undefined : await follower.catchUp()
          for (const message of claimed) if (known) begin(message, { program, known, now, ports, goingOut, signal })
          if (begun().length === 0) break
        }
        const isNext = Promise.race(begun()).then(() => true)
        if (!(await (patience ? unlessAborted(isNext, patience) : isNext))) break
      }
      // Interrupted, each has a moment to end well.
      if (signal.aborted) await Promise.all(begun())
      const [delivered, failure] = [count, broken]
      count = nothingSent()
      broken = undefined
      if (failure) throw failure.error
      const first = againAt()
      return first === undefined ? delivered : { ...delivered, againAt: first }
    },
    async ended() {
      await Promise.all(going.keys())
    },
  }
}

async function settle(message: Claimed, delivering: Delivering): Promise<Settlement> {
  const inHand = unpack(message, delivering.program, delivering.known.people)
  if ('state' in inHand) return sure(inHand, message)
  for (const stage of STAGES) {
    const settlement = await stage(inHand, delivering)
    if (settlement) return sure(settlement, message)
  }
  throw new TypeError('sending ends every attempt')
}

/** What may have arrived cannot be said to have been dropped. */
const sure = (settlement: Settlement, { maybeSent }: Claimed): Settlement =>
  settlement.state === 'dropped' && maybeSent ? { state: 'uncertain', reason: `it may have arrived; ${settlement.reason}` } : settlement

function unpack(message: Claimed, program: Program, former: KnownPeople): InHand | Settlement {
  const config = program.channels.find((one) => one.id === message.channel)
  if (!config) return dropped(`the program has no channel ${message.channel} any more`)
  const notice = readNotice(message.notice)
  if (!notice) return { state: 'failed', reason: 'it was written by another version of Muster' }
  if (message.to === EVERYBODY) return { message, notice, config }
  const { people } = asAddressed(takesBack(notice) ? withFormer(program, former) : program, notice)
  const person = people.find((one) => one.id === message.to)
  return person ? { message, notice, config, person } : dropped(`${message.to} is not among the people of the program any more`)
}

function say(message: Claimed, settlement: Settlement, { program, ports }: Delivering): void {
  if (settlement.state === 'pending' && settlement.untried === true) return
  const { zone } = program.calendar
  const what = `${message.channel}${message.to === EVERYBODY ? '' : ` to ${message.to}`}: ${titleOf(message.notice)}`
  const how =
    settlement.state === 'pending'
      ? `not delivered (${settlement.reason}); tries again ${formatInstant(settlement.notBefore, zone)}`
      : settlement.state === 'delivered'
        ? 'delivered'
        : `${settlement.state}: ${settlement.reason}`
  ports.say(`${what}: ${how}`)
}

const titleOf = (notice: unknown): string =>
  typeof notice === 'object' && notice !== null && 'title' in notice && typeof notice.title === 'string' ? notice.title : 'a message'
