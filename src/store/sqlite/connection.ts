import { pathToFileURL } from 'node:url'
import type * as sqlite from 'node:sqlite'
import { SELECT_VERSION } from '#store/migrate.ts'
import { storeError } from '#store/sqlite/errors.ts'
import { StoreError } from '#store/store.ts'

/** The module is handed around, because it is loaded only where a store is opened. */
export type Sqlite = typeof sqlite

/** One open database with its statements, prepared on first use. */
export interface Connection {
  exec(sql: string): void
  prepare(sql: string): sqlite.StatementSync
  readonly inTransaction: boolean
  close(): void
}

/** A way to the database: `run` does one piece of work that leaves no statement open. */
export interface Access {
  readonly file: string
  run<T>(work: (connection: Connection) => T): T
  close(): void
}

/** `query` is that of SQLite's file URIs; it keeps a file from being made where there is none. */
export function connect(module: Sqlite, file: string, query: string, patience: number): Connection {
  const database = new module.DatabaseSync(uri(file, query), { readOnly: query.includes('mode=ro'), timeout: patience })
  const statements = new Map<string, sqlite.StatementSync>()
  // A store that came with somebody's repository must not run functions from its own schema.
  database.exec('PRAGMA trusted_schema = OFF')
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql)
      if (!statement) statements.set(sql, (statement = database.prepare(sql)))
      return statement
    },
    get inTransaction() {
      return database.isTransaction
    },
    close: () => database.close(),
  }
}

/** Version of the newest migration applied; 0 for none. */
export const versionOf = (connection: Connection): number => Number(connection.prepare(SELECT_VERSION).get()?.['version'] ?? 0)

export const accessTo = (connection: Connection, file: string): Access =>
  guarded({ run: (work) => work(connection), close: () => connection.close() }, file)

/** Speaks to its caller in `StoreError`s, and refuses once it is closed. */
export function guarded(access: Omit<Access, 'file'>, file: string): Access {
  let closed = false
  return {
    file,
    run(work) {
      if (closed) throw new StoreError('closed', `The store ${file} is closed.`, 'Open it again.')
      try {
        return access.run(work)
      } catch (error) {
        throw storeError(error, file)
      }
    },
    close() {
      if (!closed) access.close()
      closed = true
    },
  }
}

const uri = (file: string, query: string): URL => {
  const url = pathToFileURL(file)
  url.search = query
  return url
}
