import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMemory } from '#store/memory.ts'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'
import { outboxAgrees } from './outbox.ts'
import { refusal } from './refusal.ts'
import { signOff } from './sign-off.ts'
import { storeContract } from './store.ts'
import { describeWithPostgres } from './with-postgres.ts'

let server: PostgresServer

describeWithPostgres('PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  storeContract('postgres', async () => openPostgres(await server.database()))
  outboxAgrees('postgres', async () => openPostgres(await server.database()), openMemory, 20)

  // An append is planned, prepared, or run as prepared, by how many went before it.
  test.each([1, 2])(
    'what is written when its connection breaks, %i before it, is written over another one, and that one is kept',
    async (before) => {
      const url = await server.database()
      const store = await openPostgres(url)
      for (let i = 0; i < before; i += 1) await store.append('p', [signOff(`before-${i}`)])
      const other = new pg.Client({ connectionString: url })
      await other.connect()
      await other.query('BEGIN')
      await other.query('SELECT 1 FROM muster.heads FOR UPDATE')
      const writing = store.append('p', [signOff('meanwhile')])
      const broken = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'muster' AND wait_event_type = 'Lock'`
      while ((await other.query(broken)).rows.length === 0) await sleep(5)
      await other.query('COMMIT')
      expect(await writing).toMatchObject([{ seq: before + 1 }])
      expect(await store.append('p', [signOff('after')])).toMatchObject([{ seq: before + 2 }])
      await other.end()
      await store.close()
    },
  )

  const connections = async (url: string): Promise<number> =>
    Number(
      (await server.query(url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muster'"))
        .rows[0]?.count,
    )

  test('whatever is asked for at once is answered, over ten connections at most', async () => {
    const url = await server.database()
    const store = await openPostgres(url)
    // The second time they are there already.
    for (const round of [1, 2]) {
      const programs = Array.from({ length: 30 }, (_, index) => `p${index}`)
      const asked = programs.map((program) => store.append(program, [signOff(`${program}-${round}`)]))
      expect((await Promise.all(asked)).map(([event]) => event?.seq)).toEqual(programs.map(() => round))
      expect(await connections(url)).toBeLessThanOrEqual(10)
    }
    await store.close()
    while ((await connections(url)) > 0) await sleep(5)
  })

  test('a store that could not be reached, however often it was tried, is used again once its server is back', async () => {
    const url = await server.database()
    const store = await openPostgres(url, { patienceMilliseconds: 200 })
    await store.append('p', [signOff('before')])
    await server.stop('fast')
    for (let tries = 0; tries < 12; tries += 1) expect(await refusal(store.head('p'))).toMatchObject({ code: 'inaccessible' })
    await server.start()
    // On a machine with much to do the first tries may still be too short.
    const append = (): ReturnType<typeof store.append> => store.append('p', [signOff('after')]).catch(append)
    expect(await append()).toMatchObject([{ seq: 2 }])
    await store.close()
  })

  test.each([0, 1, 2])('what the server takes but cannot commit, %i before it, is refused and was not written', async (before) => {
    const url = await server.database()
    const store = await openPostgres(url)
    for (let i = 0; i < before; i += 1) await store.append('p', [signOff(`before-${i}`)])
    await server.query(
      url,
      `CREATE FUNCTION muster.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space' USING ERRCODE = '53100'; END $$;
       CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON muster.ledger DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW WHEN (NEW.id = 'late') EXECUTE FUNCTION muster.refuse()`,
    )
    await expect(store.append('p', [signOff('late')])).rejects.toMatchObject({ code: 'full' })
    expect(await store.head('p')).toEqual(before === 0 ? undefined : expect.objectContaining({ seq: before }))
    expect(await store.append('p', [signOff('after')])).toMatchObject([{ seq: before + 1 }])
    await store.close()
  })
})
