import type { Head } from '#core/ledger/chain.ts'
import { checkProgram, toEvent, type Row } from '#store/plan.ts'
import { explained } from '#store/postgres/errors.ts'
import type { Client, Pool } from '#store/postgres/pool.ts'
import { leasedIn, messagesIn } from '#store/postgres/messages.ts'
import type { Store, Writing } from '#store/store.ts'
import type { Address } from '#store/postgres/address.ts'

/** What `rowOf` reads. */
export const COLUMNS = 'seq, id, type, at, actor, previous, hash, schema, body'

/** A row as the driver gives it: 64-bit integers come as text, because numbers cannot hold them all. */
export type Found = Omit<Row, 'seq'> & { readonly seq: string }

/** A page ends after so many events or bytes: an event can hold a hundred megabytes of evidence. */
const PAGE_EVENTS = 500
const PAGE_BYTES = 1_000_000

export function readsFrom(pool: Pool): Omit<Store, keyof Writing | 'close'> {
  const { address } = pool
  const oneEvent = (sql: string, values: readonly unknown[]) =>
    pool.run(async (client) => {
      const { rows } = await client.query<Found>(sql, [...values])
      return rows[0] && toEvent(rowOf(rows[0], address))
    })
  const head = async (program: string) => headOf(await pool.run((client) => selectHead(client, checkProgram(program))), address)

  return {
    async *read(program, { after = 0, types, limit = Infinity } = {}) {
      const end = (await head(program))?.seq ?? 0
      let left = limit
      for (let from = after; from < end && left > 0;) {
        const values = [program, from, end, Math.min(PAGE_EVENTS, left), types ?? null]
        const { rows } = await pool.run((client) => client.query<Found>({ name: 'muster-page', text: SELECT_PAGE, values }))
        for (const row of rows) yield toEvent(rowOf(row, address))
        left -= rows.length
        from = Number(rows.at(-1)?.seq ?? end)
      }
    },
    head,
    async last(program) {
      const { rows } = await pool.run((client) => client.query<{ seq: string | null }>(SELECT_LAST, [checkProgram(program)]))
      return numberOf(rows[0]?.seq ?? '0', address)
    },
    async programs() {
      const { rows } = await pool.run((client) => client.query<{ program: string }>('SELECT program FROM muster.heads'))
      return rows.map(({ program }) => program).sort()
    },
    find: async (program, id) => oneEvent(SELECT_BY_ID, [checkProgram(program), id]),
    messages: messagesIn(pool),
    leased: leasedIn(pool),
    latest: async (program, type) => oneEvent(SELECT_LATEST, [checkProgram(program), type]),
  }
}

const SELECT_LAST = 'SELECT max(seq) AS seq FROM muster.ledger WHERE program = $1'

export interface FoundHead {
  readonly seq: string
  readonly hash: string
}

export async function selectHead(client: Client, program: string): Promise<FoundHead | undefined> {
  const { rows } = await client.query<FoundHead>('SELECT seq, hash FROM muster.heads WHERE program = $1', [program])
  return rows[0]
}

export const headOf = (found: FoundHead | undefined, address: Address): Head | undefined =>
  found && { seq: numberOf(found.seq, address), hash: found.hash }

export const rowOf = (found: Found, address: Address): Row => ({ ...found, seq: numberOf(found.seq, address) })

/** @throws StoreError `damaged` for a number that was never given. */
function numberOf(text: string, address: Address): number {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  throw explained('damaged', address, `a record has the number ${text}`)
}

/** The sizes are read without the bodies, and the bodies only of what fits. */
const SELECT_PAGE = `SELECT ${COLUMNS} FROM (
  SELECT *, sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS before
  FROM (
    SELECT ${COLUMNS} FROM muster.ledger
    WHERE program = $1 AND seq > $2 AND seq <= $3 AND ($5::text[] IS NULL OR type = ANY ($5))
    ORDER BY seq LIMIT $4
  ) AS page
) AS sized WHERE before < ${PAGE_BYTES} ORDER BY seq`
const SELECT_BY_ID = `SELECT ${COLUMNS} FROM muster.ledger WHERE program = $1 AND id = $2`
const SELECT_LATEST = `SELECT ${COLUMNS} FROM muster.ledger WHERE program = $1 AND type = $2 ORDER BY seq DESC LIMIT 1`
