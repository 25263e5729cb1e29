import type { Migration } from '#store/migrate.ts'
import { ledger } from '#store/migrations/0001-ledger.ts'
import { outbox } from '#store/migrations/0002-outbox.ts'
import { spent } from '#store/migrations/0003-spent.ts'

/** In order, numbered from 1 without gaps; a released one is never changed. */
export const MIGRATIONS: readonly Migration[] = [ledger, outbox, spent]
