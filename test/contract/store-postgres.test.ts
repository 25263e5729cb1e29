import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgres } from '#store/postgres.ts'
import { startPostgres, WITHOUT_POSTGRES, type PostgresServer } from './postgres-server.ts'
import { storeContract } from './store.ts'

let server: PostgresServer

const whereThereIsOne = WITHOUT_POSTGRES ? (_title: string, _tests: () => void): void => undefined : describe

whereThereIsOne('PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  storeContract('postgres', async () => openPostgres(await server.database()))
})
