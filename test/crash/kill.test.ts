import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { wrongs } from './inspect.ts'
import { acknowledged, copyStore, goOn, start, stop, temporaryFolder } from './processes.ts'
import { randomFrom } from './work.ts'

/** At so many points each store is looked at; `CRASH_POINTS` asks for more, `CRASH_SEED` for others. */
const POINTS = Number(process.env['CRASH_POINTS'] ?? 200)
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
const ENDLESS = '1000000'
/** Milliseconds; a busy machine takes its time. */
const PATIENCE = 600_000

/**
 * A process that is stopped leaves in its files what one that is killed there leaves: so one
 * process serves for many points, each looked at in a copy, and is killed at the last.
 */
test(
  `SQLite: stopped at ${POINTS} points and killed, everything acknowledged is there with its messages (seed ${SEED})`,
  async () => {
    const random = randomFrom(SEED)
    const each = 50
    for (let done = 0; done < POINTS; done += each) {
      const folder = temporaryFolder()
      const [file, copy, acks] = [join(folder, 'ledger.sqlite'), join(folder, 'copy.sqlite'), join(folder, 'acks')]
      const writer = start('writer.ts', [file, acks, `r${done}`, String(SEED + done), '1', ENDLESS])
      await writer.working
      let seen = 0
      // However slow the machine: until there is something that could be lost.
      for (let point = 0; point < each || seen <= 30; point += 1) {
        await wait(random(6))
        await stop(writer)
        copyStore(file, copy)
        const known = acknowledged(acks).get('p0') ?? []
        const store = await openSqlite(copy)
        expect([SEED, done, point, await wrongs(store, 'p0', known)]).toEqual([SEED, done, point, []])
        await store.close()
        seen = known.length
        goOn(writer)
      }
      writer.child.kill('SIGKILL')
      await writer.ended
      expect(writer.errors()).toBe('')
      const store = await openSqlite(file)
      expect(await wrongs(store, 'p0', acknowledged(acks).get('p0') ?? [])).toEqual([])
      await store.close()
      rmSync(folder, { recursive: true })
    }
  },
  PATIENCE,
)

describeWithPostgres('PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  /** One process works on eight programs, each at a point of its own when it is killed. */
  test(
    `killed at ${POINTS} points, everything acknowledged is there with its messages (seed ${SEED})`,
    async () => {
      const programs = 8
      const random = randomFrom(SEED)
      const folder = temporaryFolder()
      let url = await server.database()
      let acks = ''
      let seen = 0
      for (let kill = 0; kill * programs < POINTS || seen <= POINTS; kill += 1) {
        if (kill % 5 === 0) {
          url = await server.database()
          acks = join(folder, `acks-${kill}`)
        }
        const writer = start('writer.ts', [url, acks, `r${kill}`, String(SEED + kill), String(programs), ENDLESS])
        await writer.working
        await wait(random(120))
        writer.child.kill('SIGKILL')
        await writer.ended
        expect(writer.errors()).toBe('')
        const known = acknowledged(acks)
        const store = await openPostgres(url)
        for (let index = 0; index < programs; index += 1) {
          const program = `p${index}`
          expect([SEED, kill, program, await wrongs(store, program, known.get(program) ?? [])]).toEqual([SEED, kill, program, []])
        }
        await store.close()
        seen += [...known.values()].flat().length
      }
    },
    PATIENCE,
  )
})
