import type { StatementSync } from 'node:sqlite'
import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { InternalError } from '#core/problems.ts'
import { lane } from '#store/lane.ts'
import { needsMigration, statementsAfter, VERSION_TABLE } from '#store/migrate.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import {
  checkProgram,
  faultOfEnd,
  idTwice,
  planAdoption,
  planAppend,
  planBatch,
  requireHead,
  type BatchPlan,
  type Outcome,
  type Request,
  type Row,
} from '#store/plan.ts'
import { accessTo, connect, versionOf, type Access, type Connection, type Sqlite } from '#store/sqlite/connection.ts'
import { explained, isBusy, resultOf, storeError } from '#store/sqlite/errors.ts'
import { createStoreFile, storeExists } from '#store/sqlite/file.ts'
import { insertMessages } from '#store/sqlite/messages.ts'
import { COLUMNS, headOf, rowOf, SELECT_BY_ID, SELECT_HEAD } from '#store/sqlite/rows.ts'
import { begin, transaction } from '#store/sqlite/transaction.ts'
import { StoreError, type Store } from '#store/store.ts'

/** Opens a store for writing: makes it when it is not there, brings an older one forward. */
export async function openWriter(sqlite: Sqlite, file: string, patience: number): Promise<Access> {
  const connection = await whileBusy(patience, async () => {
    if (!storeExists(file))
      await createStoreFile(file, (draft) => connectToWrite(sqlite, draft, patience, (made) => migrateTo(made, file)).close())
    return connectToWrite(sqlite, file, patience, (existing) => {
      if (needsMigration(versionOf(existing), MIGRATIONS.length, file, false)) migrateTo(existing, file)
    })
  })
  return accessTo(connection, file)
}

/** Two processes that first open a store, or change its journal mode, meet a lock that the busy timeout does not wait for. */
async function whileBusy<T>(patience: number, work: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited += 20) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || waited >= patience) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

export function connectToWrite(sqlite: Sqlite, file: string, patience: number, prepare?: (connection: Connection) => void): Connection {
  const connection = connect(sqlite, file, 'mode=rw', patience)
  try {
    useWal(connection, file)
    connection.exec('PRAGMA synchronous = FULL')
    // Four times the usual: moving the log into the file costs a wait for the disk of its own.
    connection.exec('PRAGMA wal_autocheckpoint = 4000')
    prepare?.(connection)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function useWal(connection: Connection, file: string): void {
  const mode = () => connection.prepare('PRAGMA journal_mode').get()?.['journal_mode']
  if (mode() === 'wal') return
  const now = connection.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode']
  if (now === 'wal') return
  throw new StoreError(
    'unsupported',
    `The file system of ${file} cannot hold a write-ahead log (journal mode stays "${String(now)}").`,
    'Name a place on a local disk for the store.',
  )
}

/** Another process may have migrated since the version was looked at, so it is looked at again under the lock. */
const migrateTo = (connection: Connection, file: string): void =>
  transaction(connection, () => {
    connection.exec(VERSION_TABLE)
    const version = versionOf(connection)
    if (needsMigration(version, MIGRATIONS.length, file, false))
      for (const statement of statementsAfter(version, MIGRATIONS)) connection.exec(statement)
  })

/** Appends that are asked for together become durable together. */
export function appendsTo(writer: Access): Store['append'] {
  const ask = lane(async (requests) => {
    const outcomes = new Map<Request, Outcome>()
    writer.run((connection) =>
      transaction(connection, () => {
        for (const [program, of] of Map.groupBy(requests, (request) => request.program))
          appendAll(connection, writer.file, program, of).forEach((outcome, index) => outcomes.set(of[index] ?? never(), outcome))
      }),
    )
    return requests.map((request) => outcomes.get(request) ?? never())
  })
  return async (program, events, options = {}) => ask({ program: checkProgram(program), events, options })
}

/** Everything is checked before the first row: a request that is refused has written nothing, and the others of its transaction go on. */
function appendAll(connection: Connection, file: string, program: string, requests: readonly Request[]): readonly Outcome[] {
  let head
  try {
    head = lockedHead(connection, file, program)
  } catch (refused) {
    return requests.map(() => ({ refused }))
  }
  const plan = planBatch(requests, head, storedRows(connection, file, program, requests))
  writePlan(connection, program, plan)
  return plan.outcomes
}

/**
 * Appends events in a transaction that is open; undefined when they ought to be stored already, and are not.
 * @throws StoreError
 */
export function appendNow(
  connection: Connection,
  file: string,
  program: string,
  events: readonly NewEvent[],
  expected: 'new' | 'stored',
): LedgerEvent[] | undefined {
  const request = { program, events, options: {} }
  const plan = planAppend(events, lockedHead(connection, file, program), storedRows(connection, file, program, [request]))
  if (expected === 'stored' && plan.rows.length > 0) return undefined
  writePlan(connection, program, plan)
  return plan.events
}

function writePlan(connection: Connection, program: string, { rows, head, messages }: Omit<BatchPlan, 'outcomes'>): void {
  if (rows.length === 0 || !head) return
  const insert = connection.prepare(INSERT)
  for (const row of rows) insertRow(insert, program, row)
  connection.prepare(MOVE_HEAD).run(program, head.seq, head.hash)
  insertMessages(connection, program, messages)
}

/** Rows that have the ids asked for: usually none, so many are looked for at once. */
function storedRows(connection: Connection, file: string, program: string, requests: readonly Request[]): (id: string) => Row | undefined {
  const ids = requests.flatMap(({ events }) => events.map(({ id }) => id))
  if (ids.length <= 1) return (id) => rowOf(connection.prepare(SELECT_BY_ID).get(program, id), file)
  const rows = new Map<string, Row>()
  for (const found of connection.prepare(SELECT_BY_IDS).iterate(program, JSON.stringify(ids))) {
    const row = rowOf(found, file)
    if (row) rows.set(row.id, row)
  }
  return (id) => rows.get(id)
}

const insertRow = (insert: StatementSync, program: string, row: Row): void =>
  void insert.run(program, row.seq, row.id, row.type, row.at, row.actor, row.previous, row.hash, row.schema, row.body)

/**
 * Takes over a chain in one transaction, on a connection of its own: the source may be slow, and
 * what others append meanwhile must not fall into this transaction.
 */
export function adoptsInto(writer: Access, open: () => Connection): Store['adopt'] {
  return async (program, events, { onto, replace = false }) => {
    checkProgram(program)
    writer.run(() => undefined)
    const connection = open()
    try {
      begin(connection)
      requireHead(headOf(connection.prepare(SELECT_HEAD).get(program)), onto)
      if (replace) for (const sql of DELETE_LEDGER) connection.prepare(sql).run(program)
      else lockedHead(connection, writer.file, program)
      const adoption = planAdoption(program, replace ? undefined : onto)
      const insert = connection.prepare(INSERT)
      for await (const event of events) insertRow(insert, program, adoption.take(event))
      const head = adoption.head()
      if (head) connection.prepare(MOVE_HEAD).run(program, head.seq, head.hash)
      connection.exec('COMMIT')
      return head
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK')
      throw isIdTwice(error) ? idTwice() : storeError(error, writer.file)
    } finally {
      connection.close()
    }
  }
}

const CONSTRAINT = 19

/** A number that is taken is another matter: then it is this ledger that goes on behind its head. */
const isIdTwice = (error: unknown): boolean => resultOf(error) === CONSTRAINT && String(error).includes('ledger.id')

/** @throws StoreError `damaged` when nothing may be sealed onto the end of the ledger. */
function lockedHead(connection: Connection, file: string, program: string): Head | undefined {
  const head = headOf(connection.prepare(SELECT_HEAD).get(program))
  const fault = head && faultOfEnd(program, head, rowOf(connection.prepare(SELECT_BY_SEQ).get(program, head.seq), file))
  if (fault !== undefined) throw explained('damaged', file, fault)
  return head
}

function never(): never {
  throw new InternalError('every request of a batch has its outcome')
}

const SELECT_BY_SEQ = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND seq = ?`
const SELECT_BY_IDS = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND id IN (SELECT value FROM json_each(?))`
const INSERT = 'INSERT INTO ledger (program, seq, id, type, at, actor, previous, hash, schema, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const MOVE_HEAD =
  'INSERT INTO heads (program, seq, hash) VALUES (?, ?, ?) ON CONFLICT (program) DO UPDATE SET seq = excluded.seq, hash = excluded.hash'
const DELETE_LEDGER = ['DELETE FROM ledger WHERE program = ?', 'DELETE FROM heads WHERE program = ?']
