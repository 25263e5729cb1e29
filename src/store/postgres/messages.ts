import { MESSAGE_COLUMNS, toMessage, type MessageRow } from '#store/outbox-plan.ts'
import { outboxSql } from '#store/outbox-sql.ts'
import type { Outbox } from '#store/outbox.ts'
import { checkProgram } from '#store/plan.ts'
import { CLOCK, type Client, type Pool } from '#store/postgres/pool.ts'

const NUMBERS = ['due', 'attempt', 'tries', 'maybe_sent', 'lease_until'] as const satisfies readonly (keyof MessageRow)[]
const COLUMNS = MESSAGE_COLUMNS.split(', ') as readonly (keyof MessageRow)[]

/** A row as the driver gives it: 64-bit integers come as text. */
export type FoundMessage = Omit<MessageRow, (typeof NUMBERS)[number]> & Readonly<Record<(typeof NUMBERS)[number], string>>

export const messageRow = (found: FoundMessage): MessageRow => ({
  ...found,
  due: Number(found.due),
  attempt: Number(found.attempt),
  tries: Number(found.tries),
  maybe_sent: Number(found.maybe_sent),
  lease_until: Number(found.lease_until),
})

/** Writes new messages after those that are there, under the head's lock; one whose key is known stays as it is. */
export async function insertMessages(client: Client, program: string, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'muster-messages',
    text: INSERT,
    values: [program, ...COLUMNS.map((column) => rows.map((row) => row[column]))],
  })
}

const isNumber = (column: string): boolean => NUMBERS.some((one) => one === column)
const INSERT = `INSERT INTO muster.outbox (program, position, ${MESSAGE_COLUMNS})
  SELECT $1, (SELECT coalesce(max(position), 0) FROM muster.outbox WHERE program = $1) + number, ${MESSAGE_COLUMNS}
  FROM unnest(${COLUMNS.map((column, index) => `$${index + 2}::${isNumber(column) ? 'bigint' : 'text'}[]`).join(', ')})
    WITH ORDINALITY AS new (${MESSAGE_COLUMNS}, number)
  ON CONFLICT (program, id) DO NOTHING`

/** The outbox as everyone may read it. */
export const messagesIn =
  (pool: Pool): Outbox['messages'] =>
  async (program, { states, thread, limit } = {}) => {
    const values = [checkProgram(program), states ?? null, thread ?? null, limit ?? null]
    const { rows } = await pool.run((client) => client.query<FoundMessage>(SELECT, values))
    return rows.map((found) => toMessage(messageRow(found)))
  }

/** Leases as everyone may look at them. */
export const leasedIn =
  (pool: Pool): Outbox['leased'] =>
  async (program, name) => {
    const { rows } = await pool.run((client) => client.query<{ milliseconds: string }>(LEASED, [checkProgram(program), name]))
    return rows[0] && Number(rows[0].milliseconds) / 1000
  }

const LEASED = outboxSql('muster.').leased.replaceAll('$3', CLOCK)
const SELECT = `SELECT ${MESSAGE_COLUMNS} FROM muster.outbox
  WHERE program = $1 AND ($2::text[] IS NULL OR state = ANY ($2)) AND ($3::text IS NULL OR thread = $3) ORDER BY position LIMIT $4`
