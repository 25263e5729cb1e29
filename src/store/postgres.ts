import { openMemory } from '#store/memory.ts'
import { needsMigration, SELECT_VERSION, statementsAfter, VERSION_TABLE } from '#store/migrate.ts'
import { outbox } from '#store/migrations/0002-outbox.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { parseAddress } from '#store/postgres/address.ts'
import { outboxIn } from '#store/postgres/outbox.ts'
import { inTransaction, openPool, type Client, type Pool } from '#store/postgres/pool.ts'
import { readsFrom } from '#store/postgres/read.ts'
import { spentIn } from '#store/postgres/spent.ts'
import { adoptsInto, appendsTo } from '#store/postgres/write.ts'
import { refuseWriting, StoreError, type Store } from '#store/store.ts'

export interface PostgresOptions {
  /** For commands that only look: makes nothing, and finds nothing where no store is yet. */
  readonly readOnly?: boolean
  /** How long to wait for others, or for a server that restarts, in milliseconds. */
  readonly patienceMilliseconds?: number
}

const PATIENCE_MILLISECONDS = 10_000
const OLDEST_POSTGRES = 15

/** Opens the store in the schema `muster` of a database, which it makes when it is not there. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const { readOnly = false, patienceMilliseconds = PATIENCE_MILLISECONDS } = options
  const address = parseAddress(url)
  const pool = openPool(address, { readOnly, patienceMilliseconds })
  try {
    const version = await pool.run((client) => inspect(client, address.shown))
    if (version === undefined && readOnly) {
      await pool.close()
      return { ...openMemory(), ...refuseWriting(address.shown) }
    }
    if (needsMigration(version ?? 0, MIGRATIONS.length, address.shown, readOnly)) await migrate(pool)
    return {
      ...(readOnly
        ? refuseWriting(address.shown)
        : { append: appendsTo(pool), adopt: adoptsInto(pool), ...outboxIn(pool), ...spentIn(pool) }),
      ...readsFrom(pool),
      // One that is only looked at may be from before there was an outbox.
      ...(readOnly && (version ?? 0) < outbox.version && { messages: async () => [], leased: async () => undefined }),
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/**
 * Version of the store, or undefined where there is none.
 * @throws StoreError `unsupported` for a server that is too old, or that would lose or change what it was given.
 */
async function inspect(client: Client, shown: string): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number; encoding: string; fsync: string; exists: boolean }>(INSPECT)
  const [found] = rows
  if (!found) throw new StoreError('inaccessible', `The server of ${shown} says nothing of itself.`, 'Name a PostgreSQL server.')
  const unsupported = (what: string, remedy: string) => new StoreError('unsupported', `The server of ${shown} ${what}.`, remedy)
  if (found.version < OLDEST_POSTGRES * 10_000)
    throw unsupported(
      `is PostgreSQL ${Math.floor(found.version / 10_000)}; ${OLDEST_POSTGRES} is the oldest that Muster works with`,
      `Use PostgreSQL ${OLDEST_POSTGRES} or newer.`,
    )
  if (found.encoding !== 'UTF8')
    throw unsupported(`keeps text as ${found.encoding}, which cannot hold everything`, "Make the database with ENCODING 'UTF8'.")
  if (found.fsync !== 'on')
    throw unsupported('runs with fsync off: it would lose what it acknowledged when the power fails', 'Turn fsync on.')
  return found.exists ? versionOf(client) : undefined
}

const INSPECT = `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
  current_setting('fsync') AS fsync, to_regclass('muster.muster_schema') IS NOT NULL AS exists`

/** DDL is transactional here, so a migration is whole or was not; of several processes one does it. */
const migrate = (pool: Pool): Promise<void> =>
  pool.run((client) =>
    inTransaction(client, async () => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('muster migrations'))")
      const { rows } = await client.query<{ exists: boolean }>("SELECT to_regnamespace('muster') IS NOT NULL AS exists")
      if (rows[0]?.exists !== true) await client.query('CREATE SCHEMA muster')
      await client.query('SET LOCAL search_path = muster')
      await client.query(VERSION_TABLE)
      const version = await versionOf(client)
      if (needsMigration(version, MIGRATIONS.length, pool.address.shown, false))
        for (const statement of statementsAfter(version, MIGRATIONS)) await client.query(statement)
    }),
  )

const versionOf = async (client: Client): Promise<number> =>
  Number(
    (await client.query<{ version: string | null }>(SELECT_VERSION.replace('muster_schema', 'muster.muster_schema'))).rows[0]?.version ?? 0,
  )
