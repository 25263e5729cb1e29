import { describe } from 'vitest'
import { WITHOUT_POSTGRES } from './postgres-server.ts'

/** `describe`, where a PostgreSQL server can be installed; elsewhere nothing, and CI says so. */
export const describeWithPostgres = WITHOUT_POSTGRES ? (_title: string, _tests: () => void): void => undefined : describe
