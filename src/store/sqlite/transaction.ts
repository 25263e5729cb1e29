import type { Connection } from '#store/sqlite/connection.ts'
import { isBusy } from '#store/sqlite/errors.ts'

/** The write lock is taken at the start: a transaction that reads first and then writes fails when another process wrote in between. */
export function transaction<T>(connection: Connection, work: () => T): T {
  begin(connection)
  try {
    const result = work()
    connection.prepare('COMMIT').run()
    return result
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

/** SQLite gives the lock to whoever asks at the right moment: one of many can miss it for long, so patience ends only where nobody has written meanwhile. */
export function begin(connection: Connection): void {
  for (;;) {
    const before = writesOfOthers(connection)
    try {
      connection.prepare('BEGIN IMMEDIATE').run()
      return
    } catch (error) {
      if (!isBusy(error) || writesOfOthers(connection) === before) throw error
    }
  }
}

const writesOfOthers = (connection: Connection): unknown => connection.prepare('PRAGMA data_version').get()?.['data_version']
