import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sleepBeside } from '#cli/running/ports.ts'
import { openMemory } from '#store/memory.ts'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { signOff } from '../contract/sign-off.ts'
import { ended, Place, PROGRAM } from './harness.ts'

/** An hour: whoever is not woken is still asleep when the test runs out of time. */
const LONG = 3600

test('what somebody else puts on record is told of at once, although nothing falls due for years', async () => {
  const place = new Place()
  await place.openBlockers(1, 0)
  const run = place.start()
  // Until the deadline of the first one is told of as well: then nothing is due before 2099.
  while (place.arrived().length < 2) {
    expect(run.exitCode, run.said()).toBe(null)
    await wait(20)
  }
  const told = performance.now()
  await place.withStore(async (store) => {
    const [id, at] = ['acknowledged', new Date().toISOString()]
    const until = new Date(Date.now() + LONG * 1000).toISOString()
    await store.append(PROGRAM, [{ id, at, actor: 'lead', type: 'blocker-acknowledged', body: { blocker: 'b-1', until } }])
  })
  while (place.arrived().length < 3) await wait(20)
  // It looks at the clock every half minute in any case.
  expect(performance.now() - told).toBeLessThan(25_000)
  run.kill('SIGINT')
  await ended(run)
  expect(run.exitCode, run.said()).toBe(0)
})

test('an interrupt ends it, and so does its time where nobody writes', async () => {
  const store = openMemory()
  const { signal } = new AbortController()
  await store.append('p', [signOff('a')])
  await sleepBeside(store, 'p')(0.6, signal, 1)
  const interrupted = new AbortController()
  const asleep = sleepBeside(store, 'p')(LONG, interrupted.signal, 1)
  interrupted.abort()
  await expect(asleep).resolves.toBeUndefined()
})

test('a store that cannot be asked wakes nobody and keeps nobody from being interrupted', async () => {
  const { signal } = new AbortController()
  await sleepBeside({ head: () => Promise.reject(new Error('gone')) }, 'p')(0.6, signal, 1)
  const interrupted = new AbortController()
  let asked: () => void
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const hangs = { head: () => (asked(), new Promise<never>(() => {})) }
  const asleep = sleepBeside(hangs, 'p')(LONG, interrupted.signal, 1)
  await isAsked
  interrupted.abort()
  await expect(asleep).resolves.toBeUndefined()
})

describeWithPostgres('beside a PostgreSQL store', () => {
  test('a record of another process ends it, also one that came before it began', async () => {
    const server = await startPostgres()
    try {
      const url = await server.database()
      const [own, other] = await Promise.all([openPostgres(url), openPostgres(url)])
      const { signal } = new AbortController()
      await own.append('p', [signOff('a')])
      const asleep = sleepBeside(own, 'p')(LONG, signal, 1)
      await other.append('q', [signOff('a')])
      await other.append('p', [signOff('b')])
      await expect(asleep).resolves.toBeUndefined()
      await sleepBeside(own, 'p')(LONG, signal, 1)
      await Promise.all([own.close(), other.close()])
    } finally {
      await server.remove()
    }
  })
})
