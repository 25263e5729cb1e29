import { existsSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { openMemory } from '#store/memory.ts'
import { migrate, needsMigration } from '#store/migrate.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { checkProgram, planAppend, toEvent, type Row } from '#store/plan.ts'
import { explained, resultOf, storeError } from '#store/sqlite-errors.ts'
import { createStoreFile, requireSafeSqlite, storeExists, walOf } from '#store/sqlite-file.ts'
import { StoreError, type AppendOptions, type Store } from '#store/store.ts'

export interface SqliteOptions {
  /** For commands that only look: makes no file, takes no lock, and finds nothing where no store is yet. */
  readonly readOnly?: boolean
  /** How long to wait for another process, in milliseconds. */
  readonly patienceMilliseconds?: number
}

type Sqlite = typeof import('node:sqlite')

const PATIENCE_MILLISECONDS = 5000

/** Opens the store in one file, which it makes (with its folder) when it is not there. */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Store> {
  const patience = options.patienceMilliseconds ?? PATIENCE_MILLISECONDS
  const sqlite = await import('node:sqlite')
  requireSafeSqlite(process.versions['sqlite'] ?? '0')
  try {
    if (options.readOnly) return storeExists(file) ? storeOver(openReader(sqlite, file, patience), refuseAppend(file)) : nothingYet(file)
    const writer = await openWriter(sqlite, file, patience)
    return storeOver(writer, appendsTo(writer))
  } catch (error) {
    throw storeError(error, file)
  }
}

/** One open database with its statements, prepared on first use. */
interface Connection {
  exec(sql: string): void
  prepare(sql: string): StatementSync
  readonly inTransaction: boolean
  close(): void
}

/** A way to the database: `run` does one piece of work that leaves no statement open. */
interface Access {
  readonly file: string
  run<T>(work: (connection: Connection) => T): T
  close(): void
}

type Append = (program: string, events: readonly NewEvent[], options?: AppendOptions) => Promise<LedgerEvent[]>

function connect(sqlite: Sqlite, location: URL, readOnly: boolean, patience: number): Connection {
  const database: DatabaseSync = new sqlite.DatabaseSync(location, { readOnly, timeout: patience })
  const statements = new Map<string, StatementSync>()
  // A store that came with somebody's repository must not run functions from its own schema.
  database.exec('PRAGMA trusted_schema = OFF')
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql)
      if (!statement) statements.set(sql, (statement = database.prepare(sql)))
      return statement
    },
    get inTransaction() {
      return database.isTransaction
    },
    close: () => database.close(),
  }
}

// --- writing

async function openWriter(sqlite: Sqlite, file: string, patience: number): Promise<Access> {
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
  const connection = connect(sqlite, uri(file, 'mode=rw'), false, patience)
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

const versionOf = (connection: Connection): number => Number(connection.prepare('SELECT max(version) AS version FROM muster_schema').get()?.['version'] ?? 0)

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
function appendsTo(writer: Access): Append {
  let waiting: Request[] = []

  function commit(): void {
    const batch = waiting
    waiting = []
    const outcomes = new Map<Request, Outcome>()
    try {
      writer.run((connection) => transaction(connection, () => batch.forEach((request) => outcomes.set(request, appendOne(connection, writer.file, request)))))
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
  if (found && found['hash'] !== found['last']) throw explained('damaged', file, `the ledger of ${program} does not end at its head, record ${String(found['seq'])}`)
  return headOf(found)
}

function refuseAppend(file: string): Append {
  return async () => {
    throw new StoreError('read-only', `The store ${file} was opened for reading only.`, 'Open it for writing.')
  }
}

// --- reading

function openReader(sqlite: Sqlite, file: string, patience: number): Access {
  let connection: Connection | undefined
  let seen: string | undefined

  /** Without a log nobody writes: SQLite can be told that the file does not change, and then it makes no files of its own. */
  function open(): Connection {
    seen = existsSync(walOf(file)) ? undefined : fingerprint(file)
    const opened = connect(sqlite, uri(file, seen === undefined ? 'mode=ro' : 'mode=ro&immutable=1'), true, patience)
    try {
      needsMigration(versionOf(opened), MIGRATIONS.length, file, true)
    } catch (error) {
      opened.close()
      throw error
    }
    return opened
  }
  const stillHolds = () => seen === undefined || (seen === fingerprint(file) && !existsSync(walOf(file)))

  function attempt<T>(work: (connection: Connection) => T): { readonly result: T } | undefined {
    try {
      const result = work((connection ??= open()))
      if (stillHolds()) return { result }
    } catch (error) {
      if (stillHolds()) throw error
    }
    connection?.close()
    connection = undefined
    return undefined
  }

  const access = {
    run<T>(work: (connection: Connection) => T): T {
      for (;;) {
        const done = attempt(work)
        if (done) return done.result
      }
    },
    close: () => connection?.close(),
  }
  access.run(() => undefined)
  return guarded(access, file)
}

/** Changes whenever a checkpoint writes to the file. */
function fingerprint(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** Where no store is yet nothing was recorded. */
function nothingYet(file: string): Store {
  return { ...openMemory(), append: refuseAppend(file) }
}

const accessTo = (connection: Connection, file: string): Access => guarded({ run: (work) => work(connection), close: () => connection.close() }, file)

function guarded(access: Omit<Access, 'file'>, file: string): Access {
  let closed = false
  return {
    file,
    run(work) {
      if (closed) throw new StoreError('closed', `The store ${file} is closed.`, 'Open it again.')
      try {
        return access.run(work)
      } catch (error) {
        throw storeError(error, file)
      }
    },
    close() {
      if (!closed) access.close()
      closed = true
    },
  }
}

/** A page ends after so many events or characters: an event can hold a hundred megabytes of evidence. */
const PAGE_EVENTS = 500
const PAGE_CHARACTERS = 1_000_000

function storeOver(access: Access, append: Append): Store {
  const { file } = access
  const oneEvent = (sql: string, ...values: readonly SQLInputValue[]) =>
    access.run((connection) => {
      const row = rowOf(connection.prepare(sql).get(...values), file)
      return row && toEvent(row)
    })
  const headNow = (program: string) => access.run((connection) => headOf(connection.prepare(SELECT_HEAD).get(checkProgram(program))))

  return {
    append,
    async *read(program, { after = 0, types, limit = Infinity } = {}) {
      const end = headNow(program)?.seq ?? 0
      const sql = selectPage(types?.length)
      let left = limit
      for (let from = after; from < end && left > 0; ) {
        const most = Math.min(PAGE_EVENTS, left)
        const page = access.run((connection) => readPage(connection.prepare(sql), file, [program, from, end, ...(types ?? []), most]))
        for (const row of page) yield toEvent(row)
        left -= page.length
        from = page.at(-1)?.seq ?? end
      }
    },
    async head(program) {
      return headNow(program)
    },
    async programs() {
      return access.run((connection) => Array.from(connection.prepare('SELECT program FROM heads').iterate(), (row) => String(row['program'])).sort())
    },
    async find(program, id) {
      return oneEvent(SELECT_BY_ID, checkProgram(program), id)
    },
    async latest(program, type) {
      return oneEvent(SELECT_LATEST, checkProgram(program), type)
    },
    async close() {
      access.close()
    },
  }
}

/** Reads a page whole, so that no statement stays open while the reader waits: it would keep others from appending safely. */
function readPage(statement: StatementSync, file: string, values: readonly SQLInputValue[]): Row[] {
  const rows: Row[] = []
  let characters = 0
  for (const found of statement.iterate(...values)) {
    const row = rowOf(found, file)
    if (!row) break
    rows.push(row)
    characters += row.body.length
    if (characters >= PAGE_CHARACTERS) break
  }
  return rows
}

const COLUMNS = 'seq, id, type, at, actor, previous, hash, schema, body'
const SELECT_BY_ID = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND id = ?`
const SELECT_LATEST = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND type = ? ORDER BY seq DESC LIMIT 1`
const SELECT_HEAD = 'SELECT seq, hash FROM heads WHERE program = ?'
const SELECT_END =
  'SELECT heads.seq AS seq, heads.hash AS hash, ledger.hash AS last FROM heads ' +
  'LEFT JOIN ledger ON ledger.program = heads.program AND ledger.seq = heads.seq WHERE heads.program = ?'
const INSERT =
  'INSERT INTO ledger (program, seq, id, type, at, actor, previous, hash, schema, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const MOVE_HEAD =
  'INSERT INTO heads (program, seq, hash) VALUES (?, ?, ?) ON CONFLICT (program) DO UPDATE SET seq = excluded.seq, hash = excluded.hash'

function selectPage(types: number | undefined): string {
  const ofTypes = types === undefined ? '' : ` AND type IN (${Array.from({ length: types }, () => '?').join(', ')})`
  return `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND seq > ? AND seq <= ?${ofTypes} ORDER BY seq LIMIT ?`
}

type Found = Record<string, SQLOutputValue> | undefined

const headOf = (found: Found): Head | undefined => found && { seq: Number(found['seq']), hash: String(found['hash']) }

/** @throws StoreError `damaged` when a column holds another type than was written. */
function rowOf(found: Found, file: string): Row | undefined {
  if (!found) return undefined
  const text = (column: string): string => {
    const value = found[column]
    if (typeof value === 'string') return value
    throw explained('damaged', file, `column ${column} of record ${String(found['seq'])} does not hold text`)
  }
  const seq = found['seq']
  if (typeof seq !== 'number') throw explained('damaged', file, `a record has the number "${String(seq)}"`)
  const sealed = { seq, id: text('id'), at: text('at'), actor: text('actor'), previous: text('previous'), schema: text('schema'), hash: text('hash') }
  return { ...sealed, type: text('type'), body: text('body') }
}

const uri = (file: string, query: string): URL => {
  const url = pathToFileURL(file)
  url.search = query
  return url
}
