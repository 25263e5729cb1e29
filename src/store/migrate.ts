import { StoreError } from '#store/store.ts'

/** One step forward; there are none back. Plain SQL that SQLite and PostgreSQL both read. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly statements: readonly string[]
}

/** What a migration needs of a database. */
export interface Migratable {
  exec(sql: string): void
  /** Version of the newest migration applied; 0 for a new database. */
  version(): number
}

const VERSION_TABLE = 'CREATE TABLE IF NOT EXISTS muster_schema (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)'

/** Applies what is missing. The caller holds the write lock, so that two processes cannot both do it. */
export function migrate(database: Migratable, migrations: readonly Migration[]): void {
  database.exec(VERSION_TABLE)
  const version = database.version()
  for (const migration of migrations.slice(version)) {
    for (const statement of migration.statements) database.exec(statement)
    database.exec(`INSERT INTO muster_schema (version, name) VALUES (${migration.version}, '${migration.name}')`)
  }
}

/**
 * Whether the store must be migrated before use.
 * @throws StoreError `newer-schema`; `older-schema` when it cannot be migrated because it is only read.
 */
export function needsMigration(version: number, known: number, file: string, readOnly: boolean): boolean {
  if (version > known)
    throw new StoreError(
      'newer-schema',
      `${file} was written by a newer Muster: it has schema ${version}, this version knows ${known}.`,
      'Use the newer version; a store never goes back.',
    )
  if (version < known && readOnly)
    throw new StoreError(
      'older-schema',
      `${file} has schema ${version} and must be brought to ${known} before it can be read.`,
      'Run a command that writes to it, such as `muster check`.',
    )
  return version < known
}
