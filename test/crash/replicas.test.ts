import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'
import type { Store } from '#store/store.ts'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { wrongs } from './inspect.ts'
import { acknowledged, start, temporaryFolder } from './processes.ts'
import { randomFrom, workRound } from './work.ts'

const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
/** `CRASH_RESTARTS` asks for more. */
const RESTARTS = Number(process.env['CRASH_RESTARTS'] ?? 8)
const REPLICAS = 3
/** The second is one that all replicas write to. */
const PROGRAMS = ['own', 'shared'] as const

test(`four processes work on one file, each claiming what the others brought: nobody is told that it is busy (seed ${SEED})`, async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'ledger.sqlite')
  const acks = Array.from({ length: 4 }, (_, index) => join(folder, `acks-${index}`))
  const writers = acks.map((path, index) => start('writer.ts', [file, path, `r${index}`, String(SEED + index), '1', '40']))
  const ends = await Promise.all(writers.map(async ({ ended, errors }) => ({ code: await ended, errors: errors() })))
  expect(ends).toEqual(writers.map(() => ({ code: 0, errors: '' })))
  const known = acks.flatMap((path) => acknowledged(path).get('p0') ?? [])
  expect(known.length).toBe(new Set(known).size)
  const store = await openSqlite(file)
  expect(await wrongs(store, 'p0', known)).toEqual([])
  await store.close()
})

describeWithPostgres('several replicas on one database', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  test(`that restarts amid their appends: nobody is told of it, no gap, nothing twice, nothing lost (seed ${SEED})`, async () => {
    const url = await server.database()
    const random = randomFrom(SEED)
    const promised = new Map<string, string[]>()
    const ended = new AbortController()
    let rounds = 0

    const replica = async (store: Store, index: number): Promise<void> => {
      const chance = randomFrom(SEED + index)
      let number = 0
      while (!ended.signal.aborted) {
        for (const name of PROGRAMS) {
          const program = name === 'own' ? `own-${index}` : name
          const known = promised.get(program) ?? []
          promised.set(program, known)
          await workRound(store, program, `r${index}`, number, chance, (id) => void known.push(id))
        }
        number += 10
        rounds += 1
      }
    }

    const stores = await Promise.all(Array.from({ length: REPLICAS }, () => openPostgres(url)))
    const working = Promise.all(stores.map(replica))
    let failure: unknown
    working.catch((error: unknown) => (failure = error))
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await wait(50 + random(150))
      await server.stop(restart % 2 === 0 ? 'fast' : 'immediate')
      await server.start()
      if (failure !== undefined) break
    }
    // They have worked beside each other, however slow the machine.
    const haveWorked = (): boolean => rounds > 10 || failure !== undefined
    while (!haveWorked()) await wait(20)
    ended.abort()
    await working
    const [store] = stores
    for (const [program, known] of promised) {
      expect(new Set(known).size).toBe(known.length)
      expect([program, await wrongs(store as Store, program, known)]).toEqual([program, []])
      const ids = []
      for await (const { id } of (store as Store).read(program)) ids.push(id)
      expect([program, ids.length]).toEqual([program, new Set(ids).size])
    }
    await Promise.all(stores.map((one) => one.close()))
  })
})
