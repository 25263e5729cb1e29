import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMemory } from '#store/memory.ts'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'
import { outboxAgrees } from './outbox.ts'
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

  test('what was being written when its connection broke is written over another one, and that one is kept', async () => {
    const url = await server.database()
    const store = await openPostgres(url)
    await store.append('p', [signOff('first')])
    const other = new pg.Client({ connectionString: url })
    await other.connect()
    await other.query('BEGIN')
    await other.query('SELECT 1 FROM muster.heads FOR UPDATE')
    const writing = store.append('p', [signOff('second')])
    const broken = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'muster' AND wait_event_type = 'Lock'`
    while ((await other.query(broken)).rows.length === 0) await sleep(5)
    await other.query('COMMIT')
    expect(await writing).toMatchObject([{ seq: 2 }])
    expect(await store.append('p', [signOff('third')])).toMatchObject([{ seq: 3 }])
    await other.end()
    await store.close()
  })
})
