import { afterAll, beforeAll } from 'vitest'
import { openMemory } from '#store/memory.ts'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'
import { outboxAgrees } from './outbox.ts'
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
})
