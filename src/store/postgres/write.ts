import { NO_EVENT, sealText, type Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { lane } from '#store/lane.ts'
import {
  bodyText,
  checkProgram,
  faultOfEnd,
  idTwice,
  planAdoption,
  planAppend,
  planBatch,
  requireHead,
  type Outcome,
  type Request,
  type Row,
} from '#store/plan.ts'
import { sha256 } from '#store/sha256.ts'
import { insertMessages } from '#store/postgres/messages.ts'
import { explained, isUniqueViolation } from '#store/postgres/errors.ts'
import { inTransaction, type Client, type Pool } from '#store/postgres/pool.ts'
import { COLUMNS, headOf, rowOf, type Found, type FoundHead } from '#store/postgres/read.ts'
import { execute } from '#store/postgres/statement.ts'
import type { Store } from '#store/store.ts'

/** Where a ledger ended when it was seen last; others may have appended since. */
interface Seen {
  head?: Head | undefined
  /** When the record there was last looked at, by `performance.now()`. */
  lookedAt: number
}

/** So long is a record that was looked at believed to be still there and unedited: appends in quick succession look once. */
const BELIEVED_MILLISECONDS = 1000

/**
 * Appends to one program that are asked for together become durable together; programs do not wait
 * for each other. One event that nobody contends for is one statement. Whatever is out of the
 * ordinary (a retry, a conflict, a new ledger, a batch) is planned under a lock.
 */
export function appendsTo(pool: Pool): Store['append'] {
  const lanes = new Map<string, ReturnType<typeof lane>>()
  return async (program, events, options = {}) => {
    checkProgram(program)
    let ask = lanes.get(program)
    if (!ask) {
      const seen: Seen = { lookedAt: -Infinity }
      ask = lane((requests) => pool.run((client) => appendBatch(client, pool, { program, requests, seen })))
      lanes.set(program, ask)
    }
    return ask({ program, events, options })
  }
}

interface Batch {
  readonly program: string
  readonly requests: readonly Request[]
  readonly seen: Seen
}

async function appendBatch(client: Client, pool: Pool, batch: Batch): Promise<readonly Outcome[]> {
  const { requests } = batch
  const [only] = requests
  if (only && requests.length === 1 && only.events.length === 1 && !only.options.messages?.length) {
    const event = await appendAtOnce(client, only, batch.seen)
    if (event) return [[event]]
  }
  return appendPlanned(client, pool, batch)
}

/**
 * On the head that was seen last: this process has sealed it, or looked at it. Undefined when nothing
 * was written, for whatever reason: planning finds it out.
 */
async function appendAtOnce(client: Client, { program, events, options }: Request, seen: Seen): Promise<LedgerEvent | undefined> {
  const { head, lookedAt } = seen
  seen.head = undefined
  const [event] = events
  if (!event || !head || performance.now() - lookedAt >= BELIEVED_MILLISECONDS) return undefined
  if (options.expectedSeq !== undefined && options.expectedSeq !== head.seq) return undefined
  const body = bodyText(event)
  const sealed = sealText(event, body, head, sha256)
  const { seq, hash, previous, id, type, at, actor, schema } = sealed
  const values = [program, String(seq), hash, previous, id, type, at, actor, schema, body]
  try {
    if ((await execute(client, { name: 'muster-append', text: APPEND, values })) !== 1) return undefined
  } catch (error) {
    if (isUniqueViolation(error)) return undefined
    throw error
  }
  seen.head = { seq, hash }
  return sealed
}

/** Thrown to roll back what turned out to write nothing. */
class Nothing extends Error {
  readonly outcomes: readonly Outcome[]

  constructor(outcomes: readonly Outcome[]) {
    super('nothing to write')
    this.outcomes = outcomes
  }
}

async function appendPlanned(client: Client, pool: Pool, { program, requests, seen }: Batch): Promise<readonly Outcome[]> {
  try {
    const plan = await inTransaction(client, async () => {
      const head = await lockHead(client, pool, program)
      await requireEnd(client, pool, program, head)
      const stored = await storedRows(client, pool, program, requests)
      const plan = planBatch(requests, head, (id) => stored.get(id))
      // A ledger that is still empty must not be listed.
      if (plan.rows.length === 0 || !plan.head) throw new Nothing(plan.outcomes)
      await insertRows(client, program, plan.rows)
      await moveHead(client, program, plan.head)
      await insertMessages(client, program, plan.messages)
      return plan
    })
    seen.head = plan.head
    seen.lookedAt = performance.now()
    return plan.outcomes
  } catch (error) {
    if (error instanceof Nothing) return error.outcomes
    // The head is locked, so nobody else can have taken the number.
    if (isUniqueViolation(error)) throw explained('damaged', pool.address, `the ledger of ${program} goes on after its head`)
    throw error
  }
}

/**
 * Appends events under a head that is locked; undefined when they ought to be stored already, and are not.
 * @throws StoreError
 */
export async function appendUnder(
  client: Client,
  pool: Pool,
  { program, events, head, expected }: AppendUnder,
): Promise<LedgerEvent[] | undefined> {
  if (events.length === 0) return []
  await requireEnd(client, pool, program, head)
  const stored = await storedRows(client, pool, program, [{ events }])
  const plan = planAppend(events, head, (id) => stored.get(id))
  if (plan.rows.length === 0) return plan.events
  if (expected === 'stored' || !plan.head) return undefined
  await insertRows(client, program, plan.rows)
  await moveHead(client, program, plan.head)
  return plan.events
}

interface AppendUnder {
  readonly program: string
  readonly events: readonly NewEvent[]
  readonly head: Head | undefined
  readonly expected: 'new' | 'stored'
}

/** The head row is locked before all else: who holds it is the only one that appends to the program. */
export async function lockHead(client: Client, pool: Pool, program: string): Promise<Head | undefined> {
  const select = () => client.query<FoundHead>('SELECT seq, hash FROM muster.heads WHERE program = $1 FOR UPDATE', [program])
  const { rows } = await select()
  if (rows[0]) return headOf(rows[0], pool.address)
  await client.query('INSERT INTO muster.heads (program, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING', [program, NO_EVENT])
  const head = headOf((await select()).rows[0], pool.address)
  return head?.seq === 0 ? undefined : head
}

/**
 * A statement of its own, after the lock: one that waited for the lock would still see the rows of before.
 * @throws StoreError `damaged` when nothing may be sealed onto the end of the ledger.
 */
async function requireEnd(client: Client, pool: Pool, program: string, head: Head | undefined): Promise<void> {
  if (!head) return
  const { rows } = await client.query<Found>(SELECT_BY_SEQ, [program, head.seq])
  const fault = faultOfEnd(program, head, rows[0] && rowOf(rows[0], pool.address))
  if (fault !== undefined) throw explained('damaged', pool.address, fault)
}

async function storedRows(
  client: Client,
  pool: Pool,
  program: string,
  requests: readonly Pick<Request, 'events'>[],
): Promise<Map<string, Row>> {
  const ids = requests.flatMap(({ events }) => events.map(({ id }) => id)).filter((id) => id.isWellFormed() && !id.includes('\0'))
  const { rows } = await client.query<Found>(`SELECT ${COLUMNS} FROM muster.ledger WHERE program = $1 AND id = ANY ($2)`, [program, ids])
  return new Map(rows.map((found) => [found.id, rowOf(found, pool.address)]))
}

async function insertRows(client: Client, program: string, rows: readonly Row[]): Promise<void> {
  const column = (name: keyof Row) => rows.map((row) => row[name])
  await client.query({
    name: 'muster-insert',
    text: INSERT,
    values: [program, ...(['seq', 'id', 'type', 'at', 'actor', 'previous', 'hash', 'schema', 'body'] as const).map(column)],
  })
}

const moveHead = (client: Client, program: string, head: Head) =>
  client.query('UPDATE muster.heads SET seq = $2, hash = $3 WHERE program = $1', [program, head.seq, head.hash])

/** So many characters of events go to the server at once when a chain is taken over. */
const ADOPTED_CHARACTERS = 4_000_000
const ADOPTED_EVENTS = 1000

/** Takes over a chain in one transaction. */
export function adoptsInto(pool: Pool): Store['adopt'] {
  return async (program, events, { onto, replace = false }) => {
    checkProgram(program)
    return pool.transaction(async (client) => {
      const locked = await lockHead(client, pool, program)
      requireHead(locked, onto)
      if (replace) await client.query('DELETE FROM muster.ledger WHERE program = $1', [program])
      else await requireEnd(client, pool, program, locked)
      const adoption = planAdoption(program, replace ? undefined : onto)
      let rows: Row[] = []
      let characters = 0
      const flush = async () => {
        if (rows.length > 0) await insertAdopted(client, program, rows)
        rows = []
        characters = 0
      }
      for await (const event of events) {
        const row = adoption.take(event)
        rows.push(row)
        characters += row.body.length
        if (rows.length >= ADOPTED_EVENTS || characters >= ADOPTED_CHARACTERS) await flush()
      }
      await flush()
      const head = adoption.head()
      if (head) await moveHead(client, program, head)
      else await client.query('DELETE FROM muster.heads WHERE program = $1', [program])
      return head
    })
  }
}

/** The numbers are those of a chain, so that what is there already can only be an id. */
async function insertAdopted(client: Client, program: string, rows: readonly Row[]): Promise<void> {
  try {
    await insertRows(client, program, rows)
  } catch (error) {
    throw isUniqueViolation(error) ? idTwice() : error
  }
}

/** Moves the head and writes the record in one statement. A head that somebody else moves meanwhile is not the one that is looked for. */
const APPEND = `WITH moved AS (
  UPDATE muster.heads SET seq = $2, hash = $3 WHERE program = $1 AND seq = $2::bigint - 1 AND hash = $4 RETURNING 1
)
INSERT INTO muster.ledger (program, seq, id, type, at, actor, previous, hash, schema, body)
SELECT $1, $2, $5, $6, $7, $8, $4, $3, $9, $10 FROM moved`
const SELECT_BY_SEQ = `SELECT ${COLUMNS} FROM muster.ledger WHERE program = $1 AND seq = $2`
const INSERT = `INSERT INTO muster.ledger (program, seq, id, type, at, actor, previous, hash, schema, body)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])`
