import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'
import type { Store } from '#store/store.ts'
import { temporaryFolder } from '../crash/processes.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'
import { signOff } from './sign-off.ts'
import { ATTACKS, COLUMNS, fill, LENGTH, named, type Stored, type Tables } from './tampering.ts'
import { describeWithPostgres } from './with-postgres.ts'

const rowsOf = (list: readonly object[]): readonly Stored[] =>
  list.map((row) => ({ ...row, seq: Number((row as { readonly seq: string }).seq) }) as Stored)
const split = (rows: readonly (Stored & { readonly program: string })[], head: Tables['head']): Tables => {
  const of = (program: string) => rows.filter((row) => row.program === program)
  return { p: of('p'), q: of('q'), head }
}

/** Positions that have a record before and one after. */
const POSITIONS = Array.from({ length: LENGTH - 2 }, (_, index) => index + 2)

describe('a file that somebody wrote to with another tool', () => {
  test.each(Object.entries(ATTACKS))(`at ${POSITIONS.length} positions the first bad record is named: %s`, async (_, attack) => {
    const file = join(temporaryFolder(), 'ledger.sqlite')
    const store = await openSqlite(file)
    await fill(store)
    await store.close()
    const database = new DatabaseSync(file)
    const found = database
      .prepare(`SELECT program, ${COLUMNS.join(', ')} FROM ledger ORDER BY program, seq`)
      .all() as unknown as (Stored & { program: string })[]
    const before = split(found, { seq: LENGTH, hash: found.find(({ program, seq }) => program === 'p' && seq === LENGTH)?.hash ?? '' })
    const insert = database.prepare(`INSERT INTO ledger (program, ${COLUMNS.join(', ')}) VALUES (?, ${COLUMNS.map(() => '?').join(', ')})`)
    const write = ({ p, q, head }: Tables) => {
      database.exec('BEGIN; DELETE FROM ledger')
      for (const [program, rows] of Object.entries({ p, q }))
        for (const row of rows) insert.run(program, ...COLUMNS.map((column) => row[column]))
      database.prepare("UPDATE heads SET seq = ?, hash = ? WHERE program = 'p'").run(head.seq, head.hash)
      database.exec('COMMIT')
    }
    const reader = await openSqlite(file, { readOnly: true })
    expect(await named(reader)).toBe('nothing was found')
    for (const at of POSITIONS) {
      const { tables, seq, noted } = attack(before, at)
      write(tables)
      expect([at, await named(reader, noted)]).toEqual([at, seq])
    }
    // The heads alone do not make it unsound.
    write(before)
    expect(await named(reader, [before.head])).toBe('nothing was found')
    await reader.close()
    database.close()
  })
})

/** What `EDIT` changes is the end of the ledger of p. */
const EDIT = (ledger: string) => `UPDATE ${ledger} SET body = replace(body, 'reason', 'excuse') WHERE program = 'p' AND seq = ${LENGTH}`

async function buildsOn(store: Store, next = LENGTH + 1): Promise<void> {
  const error: unknown = await store.append('p', [signOff('next')]).catch((refused: unknown) => refused)
  expect(error).toMatchObject({ code: 'damaged', message: expect.stringContaining(`record ${LENGTH} of p was edited`) as string })
  const message = { key: 'm', channel: 'c', to: 't', thread: 'h', notBefore: '2026-02-25T16:00:00Z', notice: {} }
  await expect(store.append('p', [signOff('next'), signOff('other')], { messages: [message] })).rejects.toMatchObject({ code: 'damaged' })
  expect((await store.head('p'))?.seq).toBe(LENGTH)
  expect((await store.append('q', [signOff(`next-${next}`)]))[0]?.seq).toBe(next)
}

test('nothing is built onto a last record that somebody edited, in a file', async () => {
  const file = join(temporaryFolder(), 'ledger.sqlite')
  const store = await openSqlite(file)
  await fill(store)
  await store.close()
  const database = new DatabaseSync(file)
  database.exec(EDIT('ledger'))
  database.close()
  const later = await openSqlite(file)
  await buildsOn(later)
  await later.close()
})

describeWithPostgres('a database that somebody wrote to with another tool', () => {
  let server: PostgresServer
  let url: string
  let store: Store
  let before: Tables
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database()
    store = await openPostgres(url)
    await fill(store)
    const { rows } = await server.query(url, `SELECT program, ${COLUMNS.join(', ')} FROM muster.ledger ORDER BY program, seq`)
    const found = rowsOf(rows as object[]) as (Stored & { program: string })[]
    before = split(found, { seq: LENGTH, hash: found.find(({ program, seq }) => program === 'p' && seq === LENGTH)?.hash ?? '' })
  })
  afterAll(async () => {
    await store.close()
    await server.remove()
  })

  test.each(Object.entries(ATTACKS))('the first bad record is named: %s', async (_, attack) => {
    for (const at of [2, 3, 50, LENGTH - 1]) {
      const { tables, seq, noted } = attack(before, at)
      const all = [...tables.p.map((row) => ({ ...row, program: 'p' })), ...tables.q.map((row) => ({ ...row, program: 'q' }))]
      await server.query(url, 'DELETE FROM muster.ledger')
      await server.query(
        url,
        `INSERT INTO muster.ledger (program, ${COLUMNS.join(', ')}) SELECT * FROM unnest($1::text[], $2::bigint[], ${COLUMNS.slice(1)
          .map((_, index) => `$${index + 3}::text[]`)
          .join(', ')})`,
        [all.map(({ program }) => program), ...COLUMNS.map((column) => all.map((row) => row[column]))],
      )
      await server.query(url, "UPDATE muster.heads SET seq = $1, hash = $2 WHERE program = 'p'", [tables.head.seq, tables.head.hash])
      expect([at, await named(store, noted)]).toEqual([at, seq])
    }
  })

  test('nothing is built onto a last record that somebody edited', async () => {
    const own = await server.database()
    const writer = await openPostgres(own)
    await fill(writer)
    await server.query(own, EDIT('muster.ledger'))
    const later = await openPostgres(own)
    await buildsOn(later)
    await later.close()
    // Nor by a process that went on all the while: it looks again after a second.
    await sleep(1000)
    await buildsOn(writer, LENGTH + 2)
    await writer.close()
  })
})
