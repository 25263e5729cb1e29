import { checkProgram } from '#store/plan.ts'
import { spentSql, type Spent } from '#store/spent.ts'
import type { Access } from '#store/sqlite/connection.ts'
import { transaction } from '#store/sqlite/transaction.ts'

const SQL = spentSql('')
const own = (sql: string): string => sql.replaceAll('$', '?')

/** `clock` is in milliseconds. */
export const spentIn = (writer: Access, clock: () => number): Spent => ({
  async spend(program, kind, id, seconds) {
    checkProgram(program)
    return writer.run((connection) =>
      transaction(connection, () => {
        const now = clock()
        connection.prepare(own(SQL.forget)).run(program, now)
        return connection.prepare(own(SQL.spend)).get(program, kind, id, Math.round(seconds * 1000), now) !== undefined
      }),
    )
  },
  async spent(program, kind) {
    checkProgram(program)
    return writer.run((connection) =>
      connection
        .prepare(own(SQL.spent))
        .all(program, kind, clock())
        .map(({ id }) => String(id)),
    )
  },
})
