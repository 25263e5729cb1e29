import { claimed, planRetry, planSettlement, timeOf, toClaim, type Change, type MessageRow } from '#store/outbox-plan.ts'
import { outboxSql } from '#store/outbox-sql.ts'
import type { Outbox } from '#store/outbox.ts'
import { checkProgram } from '#store/plan.ts'
import type { Access, Connection } from '#store/sqlite/connection.ts'
import { messageRow } from '#store/sqlite/messages.ts'
import { transaction } from '#store/sqlite/transaction.ts'
import { appendNow } from '#store/sqlite/write.ts'

const SQL = outboxSql('')
const own = (sql: string): string => sql.replaceAll('$', '?')

/** How the outbox in a file is written to. `clock` is in milliseconds, read once for each transaction. */
export function outboxIn(writer: Access, clock: () => number): Pick<Outbox, 'claim' | 'settle' | 'retry' | 'lease'> {
  const { file } = writer

  const change: (
    program: string,
    key: string,
    plan: (row: MessageRow | undefined) => Change,
    events: Parameters<Outbox['settle']>[4],
  ) => ReturnType<Outbox['settle']> = async (program, key, plan, events) => {
    checkProgram(program)
    return writer.run((connection) =>
      transaction(connection, () => {
        const planned = plan(messageRow(connection.prepare(own(SQL.byId)).get(program, key), file))
        if (planned === 'late') return undefined
        const appended = appendNow(connection, file, program, events, planned === 'done' ? 'stored' : 'new')
        if (appended && planned !== 'done') writeChange(connection, program, planned)
        return appended
      }),
    )
  }

  return {
    async claim(program, { now, leaseSeconds, limit, except = [] }) {
      checkProgram(program)
      const time = timeOf(now)
      const [isAny, claimable] = [own(SQL.isAnyClaimable(except.length)), own(SQL.claimable(except.length))]
      return writer.run((connection) => {
        // Most of the time there is nothing, and then nobody has to wait for the lock.
        if (limit <= 0 || !connection.prepare(isAny).get(program, time, 1, ...except, clock())) return []
        return transaction(connection, () => {
          const at = clock()
          const found = Array.from(connection.prepare(claimable).iterate(program, time, limit, ...except, at), (row) => ({
            row: messageRow(row, file),
            previous: row['previous'],
          }))
          return found.flatMap(({ row, previous }) => {
            if (!row) return []
            const taken = claimed(row, at + leaseSeconds * 1000)
            writeChange(connection, program, taken)
            return [toClaim(taken, typeof previous === 'string' ? previous : null)]
          })
        })
      })
    },
    settle: (program, key, attempt, settlement, events) => change(program, key, (row) => planSettlement(row, attempt, settlement), events),
    retry: (program, key, notBefore, events) => change(program, key, (row) => planRetry(row, notBefore), events),
    async lease(program, name, holder, seconds) {
      checkProgram(program)
      return writer.run((connection) =>
        transaction(connection, () => connection.prepare(own(SQL.lease)).get(program, name, holder, seconds * 1000, clock()) !== undefined),
      )
    },
  }
}

const writeChange = (connection: Connection, program: string, row: MessageRow): void => {
  const { id, not_before, due, state, attempt, tries, maybe_sent, lease_until, reference, reason } = row
  connection.prepare(own(SQL.change)).run(program, id, not_before, due, state, attempt, tries, maybe_sent, lease_until, reference, reason)
}
