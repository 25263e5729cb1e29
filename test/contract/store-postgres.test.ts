import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres, WITHOUT_POSTGRES, type PostgresServer } from './postgres-server.ts'
import { storeContract } from './store.ts'

let server: PostgresServer

describe.skipIf(WITHOUT_POSTGRES)('PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  storeContract('postgres', async () => openPostgres(await server.database()))
})
