import { statSync } from 'node:fs'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { needsMigration } from '#store/migrate.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { checkProgram, toEvent, type Row } from '#store/plan.ts'
import { connect, guarded, versionOf, type Access, type Connection, type Sqlite } from '#store/sqlite/connection.ts'
import { walOf } from '#store/sqlite/file.ts'
import { COLUMNS, headOf, rowOf, SELECT_BY_ID, SELECT_HEAD } from '#store/sqlite/rows.ts'
import { leasedIn, messagesIn } from '#store/sqlite/messages.ts'
import type { Store, Writing } from '#store/store.ts'

/** Opens a store for reading only, without making a file beside it. */
export function openReader(sqlite: Sqlite, file: string, patience: number): Access {
  let connection: Connection | undefined
  let seen: string | undefined

  /** Without a log nobody has written: SQLite can be told that the file does not change, and then it makes no files of its own. */
  function open(): Connection {
    seen = hasLog(file) ? undefined : fingerprint(file)
    const opened = connect(sqlite, file, seen === undefined ? 'mode=ro' : 'mode=ro&immutable=1', patience)
    try {
      needsMigration(versionOf(opened), MIGRATIONS.length, file, true)
    } catch (error) {
      opened.close()
      throw error
    }
    return opened
  }
  const stillHolds = () => seen === undefined || (seen === fingerprint(file) && !hasLog(file))

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

/** An empty one is left where a writer could not even begin; the file changes only once a log was written. */
const hasLog = (file: string): boolean => (statSync(walOf(file), { throwIfNoEntry: false })?.size ?? 0) > 0

/** Changes whenever a checkpoint writes to the file. */
function fingerprint(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true })
  return `${ino} ${size} ${mtimeNs}`
}

/** A page ends after so many events or characters: an event can hold a hundred megabytes of evidence. */
const PAGE_EVENTS = 500
const PAGE_CHARACTERS = 1_000_000

/** The store over an open database; how it writes is given. */
export function storeOver(access: Access, writing: Writing, clock: () => number): Store {
  const { file } = access
  const oneEvent = (sql: string, ...values: readonly SQLInputValue[]) =>
    access.run((connection) => {
      const row = rowOf(connection.prepare(sql).get(...values), file)
      return row && toEvent(row)
    })
  const headNow = (program: string) => access.run((connection) => headOf(connection.prepare(SELECT_HEAD).get(checkProgram(program))))

  return {
    ...writing,
    async *read(program, { after = 0, types, limit = Infinity } = {}) {
      const end = headNow(program)?.seq ?? 0
      const sql = selectPage(types?.length)
      let left = limit
      for (let from = after; from < end && left > 0;) {
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
    async last(program) {
      return access.run((connection) => Number(connection.prepare(SELECT_LAST).get(checkProgram(program))?.['seq'] ?? 0))
    },
    async programs() {
      return access.run((connection) =>
        Array.from(connection.prepare('SELECT program FROM heads').iterate(), (row) => String(row['program'])).sort(),
      )
    },
    async find(program, id) {
      return oneEvent(SELECT_BY_ID, checkProgram(program), id)
    },
    async latest(program, type) {
      return oneEvent(SELECT_LATEST, checkProgram(program), type)
    },
    messages: messagesIn(access),
    leased: leasedIn(access, clock),
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

const SELECT_LAST = 'SELECT max(seq) AS seq FROM ledger WHERE program = ?'
const SELECT_LATEST = `SELECT ${COLUMNS} FROM ledger WHERE program = ? AND type = ? ORDER BY seq DESC LIMIT 1`

/** Of one type its index has the order of the ledger already, which SQLite does not see by itself: it would go through every row. */
function selectPage(types: number | undefined): string {
  const from = types === 1 ? 'ledger INDEXED BY ledger_type' : 'ledger'
  const ofTypes = types === undefined ? '' : ` AND type IN (${Array.from({ length: types }, () => '?').join(', ')})`
  return `SELECT ${COLUMNS} FROM ${from} WHERE program = ? AND seq > ? AND seq <= ?${ofTypes} ORDER BY seq LIMIT ?`
}
