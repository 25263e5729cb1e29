import { StoreError } from '#store/store.ts'

/** One step forward; there are none back. Plain SQL that SQLite and PostgreSQL both read. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly statements: readonly string[]
}

export const VERSION_TABLE = 'CREATE TABLE IF NOT EXISTS muster_schema (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)'
/** Version of the newest migration applied; NULL for a new database. */
export const SELECT_VERSION = 'SELECT max(version) AS version FROM muster_schema'

/**
 * What brings a store forward, for one transaction under the write lock: so it is brought forward
 * whole or not at all, and by one process alone.
 */
export const statementsAfter = (version: number, migrations: readonly Migration[]): readonly string[] =>
  migrations
    .slice(version)
    .flatMap((one) => [...one.statements, `INSERT INTO muster_schema (version, name) VALUES (${one.version}, '${one.name}')`])

/** What later migrations only add to can be read as it is: a look, and a backup, before it is brought forward. */
const OLDEST_READABLE = 1

/**
 * Whether the store must be migrated before use.
 * @throws StoreError `newer-schema`; `older-schema` when it is only read, and too old for that.
 */
export function needsMigration(version: number, known: number, file: string, readOnly: boolean): boolean {
  if (version > known)
    throw new StoreError(
      'newer-schema',
      `${file} was written by a newer Muster: it has schema ${version}, this version knows ${known}.`,
      'Use the newer version; a store never goes back.',
    )
  if (readOnly && version < OLDEST_READABLE)
    throw new StoreError(
      'older-schema',
      `${file} has schema ${version} and must be brought to ${known} before it can be read.`,
      'Run a command that writes to it, such as `muster check`.',
    )
  return !readOnly && version < known
}
