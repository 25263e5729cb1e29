import type { Connection } from '#store/sqlite/connection.ts'

/** The write lock is taken at the start: a transaction that reads first and then writes fails when another process wrote in between. */
export function transaction<T>(connection: Connection, work: () => T): T {
  connection.prepare('BEGIN IMMEDIATE').run()
  try {
    const result = work()
    connection.prepare('COMMIT').run()
    return result
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK')
    throw error
  }
}
