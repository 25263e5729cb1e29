import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { migrate, needsMigration } from '#store/migrate.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { checkProgram, planAppend } from '#store/plan.ts'
import { accessTo, connect, versionOf, type Access, type Connection, type Sqlite } from '#store/sqlite-connection.ts'
import { explained, resultOf } from '#store/sqlite-errors.ts'
import { createStoreFile, storeExists } from '#store/sqlite-file.ts'
import { headOf, rowOf, SELECT_BY_ID } from '#store/sqlite-rows.ts'
import { StoreError, type AppendOptions, type Store } from '#store/store.ts'

/** Opens a store for writing: makes it when it is not there, brings an older one forward. */
export async function openWriter(sqlite: Sqlite, file: string, patience: number): Promise<Access> {
  const connection = await whileBusy(patience, () => {
    if (!storeExists(file)) createStoreFile(file, (draft) => connectToWrite(sqlite, draft, patience, migrateAll).close())
    return connectToWrite(sqlite, file, patience, (existing) => {
      if (needsMigration(versionOf(existing), MIGRATIONS.length, file, false)) migrateAll(existing)
    })
  })
  return accessTo(connection, file)
}

/** Two processes that first open a store, or change its journal mode, meet a lock that the busy timeout does not wait for. */
async function whileBusy<T>(patience: number, work: () => T): Promise<T> {
  for (let waited = 0; ; waited += 20) {
    try {
      return work()
    } catch (error) {
      const result = resultOf(error)
      if ((result !== 5 && result !== 6) || waited >= patience) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function connectToWrite(sqlite: Sqlite, file: string, patience: number, prepare: (connection: Connection) => void): Connection {
  const connection = connect(sqlite, file, 'mode=rw', patience)
  try {
    useWal(connection, file)
    connection.exec('PRAGMA synchronous = FULL')
    prepare(connection)
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

const migrateAll = (connection: Connection): void =>
  transaction(connection, () => migrate({ exec: (sql) => connection.exec(sql), version: () => versionOf(connection) }, MIGRATIONS))

/** The write lock is taken at the start: a transaction that reads first and then writes fails when another process wrote in between. */
function transaction(connection: Connection, work: () => void): void {
  connection.exec('BEGIN IMMEDIATE')
  try {
    work()
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

type Outcome = LedgerEvent[] | { readonly refused: unknown }

interface Request {
  readonly program: string
  readonly events: readonly NewEvent[]
  readonly options: AppendOptions
  readonly settle: (outcome: Outcome) => void
}

/** Appends that are asked for together become durable together: one transaction, one wait for the disk. */
export function appendsTo(writer: Access): Store['append'] {
  let waiting: Request[] = []

  function commit(): void {
    const batch = waiting
    waiting = []
    const outcomes = new Map<Request, Outcome>()
    try {
      writer.run((connection) =>
        transaction(connection, () => batch.forEach((request) => outcomes.set(request, appendOne(connection, writer.file, request)))),
      )
    } catch (refused) {
      for (const request of batch) outcomes.set(request, { refused })
    }
    for (const [request, outcome] of outcomes) request.settle(outcome)
  }

  return (program, events, options = {}) =>
    new Promise((resolve, reject) => {
      checkProgram(program)
      if (waiting.length === 0) queueMicrotask(commit)
      waiting.push({ program, events, options, settle: (outcome) => ('refused' in outcome ? reject(outcome.refused) : resolve(outcome)) })
    })
}

/** Everything is checked before the first row: a request that is refused has written nothing, and the others of its transaction go on. */
function appendOne(connection: Connection, file: string, request: Request): Outcome {
  const { program, events, options } = request
  try {
    const head = lockedHead(connection, file, program)
    const plan = planAppend(events, head, (id) => rowOf(connection.prepare(SELECT_BY_ID).get(program, id), file), options)
    const insert = connection.prepare(INSERT)
    for (const row of plan.rows)
      insert.run(program, row.seq, row.id, row.type, row.at, row.actor, row.previous, row.hash, row.schema, row.body)
    if (plan.rows.length > 0 && plan.head) connection.prepare(MOVE_HEAD).run(program, plan.head.seq, plan.head.hash)
    return plan.events
  } catch (error) {
    if (error instanceof StoreError) return { refused: error }
    throw error
  }
}

/** @throws StoreError `damaged` when the ledger does not end at its head: nothing may be sealed over a hole. */
function lockedHead(connection: Connection, file: string, program: string): Head | undefined {
  const found = connection.prepare(SELECT_END).get(program)
  if (found && found['hash'] !== found['last'])
    throw explained('damaged', file, `the ledger of ${program} does not end at its head, record ${String(found['seq'])}`)
  return headOf(found)
}

const SELECT_END =
  'SELECT heads.seq AS seq, heads.hash AS hash, ledger.hash AS last FROM heads ' +
  'LEFT JOIN ledger ON ledger.program = heads.program AND ledger.seq = heads.seq WHERE heads.program = ?'
const INSERT = 'INSERT INTO ledger (program, seq, id, type, at, actor, previous, hash, schema, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const MOVE_HEAD =
  'INSERT INTO heads (program, seq, hash) VALUES (?, ?, ?) ON CONFLICT (program) DO UPDATE SET seq = excluded.seq, hash = excluded.hash'
