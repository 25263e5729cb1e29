import type { SQLOutputValue } from 'node:sqlite'
import type { DeliveryState } from '#core/notify/outbox.ts'
import { MESSAGE_COLUMNS, toMessage, type MessageRow } from '#store/outbox-plan.ts'
import { outbox } from '#store/migrations/0002-outbox.ts'
import { outboxSql } from '#store/outbox-sql.ts'
import type { Outbox } from '#store/outbox.ts'
import { checkProgram } from '#store/plan.ts'
import { versionOf, type Access, type Connection } from '#store/sqlite/connection.ts'
import { explained } from '#store/sqlite/errors.ts'

/** Writes new messages after those that are there; one whose key is known stays as it is. */
export function insertMessages(connection: Connection, program: string, rows: readonly MessageRow[]): void {
  if (rows.length === 0) return
  const insert = connection.prepare(INSERT)
  for (const row of rows) insert.run(program, ...COLUMNS.map((column) => row[column]))
}

const COLUMNS = MESSAGE_COLUMNS.split(', ') as readonly (keyof MessageRow)[]
const LEASED = outboxSql('').leased.replaceAll('$', '?')
const INSERT = `INSERT INTO outbox (program, position, ${MESSAGE_COLUMNS})
  SELECT ?1, coalesce(max(position), 0) + 1, ${COLUMNS.map((_, index) => `?${index + 2}`).join(', ')} FROM outbox WHERE program = ?1
  ON CONFLICT (program, id) DO NOTHING`

/** The outbox as everyone may read it. */
export const messagesIn =
  (access: Access): Outbox['messages'] =>
  async (program, { states, thread, limit } = {}) => {
    checkProgram(program)
    const where = [
      'program = ?',
      ...(states ? [`state IN (${states.map(() => '?').join(', ')})`] : []),
      ...(thread === undefined ? [] : ['thread = ?']),
    ]
    const sql = `SELECT ${MESSAGE_COLUMNS} FROM outbox WHERE ${where.join(' AND ')} ORDER BY position LIMIT ?`
    const values = [program, ...(states ?? []), ...(thread === undefined ? [] : [thread]), limit ?? -1]
    return access.run((connection) =>
      // One that is only looked at may be from before there was an outbox.
      versionOf(connection) < outbox.version
        ? []
        : Array.from(connection.prepare(sql).iterate(...values), (row) => messageRow(row, access.file)).flatMap((row) =>
            row ? [toMessage(row)] : [],
          ),
    )
  }

/** Leases as everyone may look at them. */
export const leasedIn =
  (access: Access, clock: () => number): Outbox['leased'] =>
  async (program, name) => {
    checkProgram(program)
    return access.run((connection) => {
      if (versionOf(connection) < outbox.version) return undefined
      const found = connection.prepare(LEASED).get(program, name, clock())
      return found && Number(found['milliseconds']) / 1000
    })
  }

/** @throws StoreError `damaged` when a column holds another type than was written. */
export function messageRow(found: Record<string, SQLOutputValue> | undefined, file: string): MessageRow | undefined {
  if (!found) return undefined
  const wrong = (column: string) =>
    explained('damaged', file, `column ${column} of the message ${String(found['id'])} does not hold what was written`)
  const text = (column: string): string => {
    const value = found[column]
    if (typeof value === 'string') return value
    throw wrong(column)
  }
  const number = (column: string): number => {
    const value = found[column]
    if (typeof value === 'number') return value
    throw wrong(column)
  }
  const orNull = (column: string): string | null => (found[column] === null ? null : text(column))
  return {
    id: text('id'),
    lane: text('lane'),
    channel: text('channel'),
    recipient: text('recipient'),
    thread: text('thread'),
    not_before: text('not_before'),
    due: number('due'),
    expires: orNull('expires'),
    notice: text('notice'),
    state: text('state') as DeliveryState,
    attempt: number('attempt'),
    tries: number('tries'),
    maybe_sent: number('maybe_sent'),
    lease_until: number('lease_until'),
    reference: orNull('reference'),
    reason: orNull('reason'),
  }
}
