import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { NewEvent } from '#core/ledger/events.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { Store } from '#store/store.ts'

/** Whole numbers from 0 to below a limit, the same for the same seed. */
export type Random = (below: number) => number

export function randomFrom(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  return (below) => uniformInt(generator, 0, below - 1)
}

const AT = '2026-02-25T16:00:00Z'

/** So many messages come with the event of that number: whoever looks later knows it too. */
const messagesOf = (number: number): number => number % 3

const eventId = (run: string, number: number): string => `e-${run}-${number}`
const messageKey = (id: string, index: number): string => `${id}/${index}`

/** Of an event that brought messages: the keys that must be in the outbox when it is in the ledger. */
export function keysOf(id: string): readonly string[] {
  const number = /^e-.*-(\d+)$/.exec(id)?.[1]
  return number === undefined ? [] : Array.from({ length: messagesOf(Number(number)) }, (_, index) => messageKey(id, index))
}

export const toldId = (key: string): string => `told-${key}`

const event = (id: string, reason: string): NewEvent => ({
  id,
  at: AT,
  actor: 'lead-a',
  type: 'sign-off',
  body: { checkpoint: 'week-2', role: 'lead', approve: true, reason },
})

const message = (key: string): NewMessage => ({ key, channel: 'mail', to: 'lead-a', thread: key, notBefore: AT, notice: { text: key } })

/**
 * One round of what a server does: appends events with their messages, several at once, then claims
 * messages and settles them. `acknowledge` is told the id of each event once the store has promised it.
 */
export async function workRound(
  store: Store,
  program: string,
  run: string,
  first: number,
  random: Random,
  acknowledge: (id: string) => void,
): Promise<number> {
  const count = 1 + random(4)
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const number = first + index
      const id = eventId(run, number)
      const size = [20, 200, 3000, 20_000][random(4)] ?? 0
      await store.append(program, [event(id, 'x'.repeat(size))], { messages: keysOf(id).map(message) })
      acknowledge(id)
    }),
  )
  // The lease is over at once, so that the next process goes on where this one was killed.
  for (const { key, attempt } of await store.claim(program, { now: AT, leaseSeconds: 0, limit: random(4) })) {
    const told = await store.settle(program, key, attempt, { state: 'delivered', reference: key }, [event(toldId(key), '')])
    if (told) acknowledge(toldId(key))
  }
  return first + count
}
