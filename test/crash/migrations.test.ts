import { chmodSync, chownSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyStream } from '#core/ledger/chain.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { openPostgres } from '#store/postgres.ts'
import { sha256 } from '#store/sha256.ts'
import { copySqlite } from '#store/sqlite/copy.ts'
import { openSqlite } from '#store/sqlite.ts'
import type { Store } from '#store/store.ts'
import { BACK_TO_FIRST, olderStore } from '../contract/older-store.ts'
import { startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { refusal } from '../contract/refusal.ts'
import { signOff } from '../contract/sign-off.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { Disk, readLog } from './images.ts'
import { start, temporaryFolder } from './processes.ts'
import { buildRecorder, describeWithRecorder } from './recorder.ts'
import { randomFrom } from './work.ts'

const LATEST = MIGRATIONS.length

const open = (database: DatabaseSync, sql: string): unknown => database.prepare(sql).get()?.['n']

/** The version that a file says it has, and whether it has the tables of the latest one. */
function stateOf(file: string): readonly [unknown, unknown] {
  const database = new DatabaseSync(file)
  try {
    return [
      open(database, 'SELECT max(version) AS n FROM muster_schema'),
      open(database, "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name IN ('outbox', 'leases')"),
    ]
  } finally {
    database.close()
  }
}

/** Three records of before, the chain sound, and what is new can be written. */
async function requireWhole(store: Store): Promise<void> {
  expect(await verifyStream(store.read('p'), sha256)).toMatchObject({ ok: true, head: { seq: 3 } })
  const message = { key: 'm', channel: 'mail', to: 'a', thread: 't', notBefore: '2026-02-25T16:00:00Z', notice: {} }
  await store.append('p', [signOff('d')], { messages: [message] })
  expect(await store.messages('p')).toHaveLength(1)
}

describe('a file of an older version', () => {
  test('is brought forward by one of several processes at once; none is told anything', async () => {
    const file = join(temporaryFolder(), 'ledger.sqlite')
    await olderStore(file)
    expect(stateOf(file)).toEqual([1, 0])
    const all = Array.from({ length: 4 }, () => start('migrator.ts', [file]))
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => 0))
    expect(all.map(({ errors }) => errors())).toEqual(all.map(() => ''))
    expect(stateOf(file)).toEqual([LATEST, 2])
    const store = await openSqlite(file)
    await requireWhole(store)
    await store.close()
  })

  test('can be looked at as it is, and backed up; where it cannot be written it is refused', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'ledger.sqlite')
    await olderStore(file)
    const reader = await openSqlite(file, { readOnly: true })
    expect(await verifyStream(reader.read('p'), sha256)).toMatchObject({ ok: true, head: { seq: 3 } })
    expect(await reader.messages('p')).toEqual([])
    await reader.close()
    expect(await copySqlite(file, join(folder, 'copy.sqlite'))).toBe(true)
    expect(stateOf(join(folder, 'copy.sqlite'))).toEqual([1, 0])
    expect(stateOf(file)).toEqual([1, 0])
    if (process.getuid?.() === 0) chownSync(folder, 65534, 65534)
    chmodSync(file, 0o444)
    chmodSync(folder, 0o555)
    const asRoot = process.getuid?.() === 0
    if (asRoot) process.seteuid?.(65534)
    try {
      expect(await refusal(openSqlite(file))).toMatchObject({ code: 'inaccessible' })
    } finally {
      if (asRoot) process.seteuid?.(0)
      chmodSync(folder, 0o755)
    }
    expect(stateOf(file)).toEqual([1, 0])
  })
})

describeWithRecorder('a file that is brought forward on a disk', () => {
  test('that loses its power, or under a process that is killed: it has the older version or the newer one, whole', async () => {
    const folder = temporaryFolder()
    const root = join(folder, 'disk')
    mkdirSync(root)
    const file = join(root, 'ledger.sqlite')
    await olderStore(join(folder, 'older.sqlite'))
    // Copied by the one who is recorded, so that the disk knows the file.
    const env = { LD_PRELOAD: buildRecorder(folder), CRASH_ROOT: root, CRASH_LOG: join(folder, 'log') }
    const migrator = start('place-and-migrate.ts', [join(folder, 'older.sqlite'), file], env)
    expect([await migrator.ended, migrator.errors()]).toEqual([0, ''])
    const operations = readLog(join(folder, 'log'))
    const placed = operations.findIndex(({ kind }) => kind === 'sync-folder')
    expect(operations.length).toBeGreaterThan(placed + 10)
    const seen = new Set<unknown>()
    const seed = Date.now() % 1_000_000
    const random = randomFrom(seed)
    const disk = new Disk()
    for (const [index, operation] of operations.entries()) {
      disk.apply(operation)
      if (index < placed) continue
      for (let round = 0; round < 3; round += 1) {
        const image = join(folder, 'image')
        mkdirSync(image)
        disk.image(image, random)
        const state = stateOf(join(image, 'ledger.sqlite'))
        expect([seed, index, [[1, 0].join(), [LATEST, 2].join()].includes(state.join())]).toEqual([seed, index, true])
        seen.add(state[0])
        const store = await openSqlite(join(image, 'ledger.sqlite'))
        await requireWhole(store)
        await store.close()
        rmSync(image, { recursive: true })
      }
    }
    expect(seen).toEqual(new Set([1, LATEST]))
  })

  test('that is full: it is refused as it is, and brought forward once there is room', async () => {
    const folder = temporaryFolder()
    const root = join(folder, 'disk')
    mkdirSync(root)
    const file = join(root, 'ledger.sqlite')
    const env = { LD_PRELOAD: buildRecorder(folder), CRASH_ROOT: root }
    const older = join(folder, 'older.sqlite')
    await olderStore(older)
    for (const after of [0, 2, 5, 9]) {
      copyFileSync(older, file)
      const migrator = start('migrator.ts', [file], { ...env, CRASH_FAULT: `write ${after} 28` })
      expect([after, await migrator.ended]).toEqual([after, 1])
      expect(migrator.errors()).toMatch(/^StoreError (?:full|inaccessible) /)
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
      expect([after, stateOf(file)]).toEqual([after, [1, 0]])
      const store = await openSqlite(file)
      await requireWhole(store)
      await store.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    }
  })
})

describeWithPostgres('a database of an older version', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  async function olderDatabase(): Promise<string> {
    const url = await server.database()
    const store = await openPostgres(url)
    await store.append('p', [signOff('a'), signOff('b'), signOff('c')])
    await store.close()
    await server.query(url, `SET search_path = muster; ${BACK_TO_FIRST.join(';')}`)
    return url
  }
  const state = async (url: string) =>
    Object.values(
      (
        await server.query(
          url,
          "SELECT (SELECT max(version)::int FROM muster.muster_schema) AS version, (to_regclass('muster.outbox') IS NOT NULL)::int + (to_regclass('muster.leases') IS NOT NULL)::int AS tables",
        )
      ).rows[0] as object,
    )

  test.each([
    ['one of an older version', olderDatabase],
    ['an empty one', () => server.database()],
  ])('%s is brought forward by one of several at once; none is told anything', async (_, make) => {
    const url = await make()
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgres(url)))
    expect(await state(url)).toEqual([LATEST, 2])
    if ((await stores[0]?.head('p')) !== undefined) await requireWhole(stores[0] as Store)
    await Promise.all(stores.map((store) => store.close()))
  })

  test('killed in the midst of it, the process leaves the older version whole', async () => {
    const url = await olderDatabase()
    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    // Reading the version goes on; writing the new one, which comes last, has to wait.
    await holder.query('BEGIN; LOCK TABLE muster.muster_schema IN SHARE MODE')
    const migrator = start('migrator.ts', [url])
    const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'muster.muster_schema'::regclass"
    while ((await server.query(url, waiting)).rowCount === 0);
    migrator.child.kill('SIGKILL')
    await migrator.ended
    await holder.query('COMMIT')
    await holder.end()
    expect(await state(url)).toEqual([1, 0])
    const store = await openPostgres(url)
    await requireWhole(store)
    await store.close()
    expect(await state(url)).toEqual([LATEST, 2])
  })

  test('can be looked at as it is; a user who may not change it is refused, and a newer one is refused by all', async () => {
    const url = await olderDatabase()
    const reader = await openPostgres(url, { readOnly: true })
    expect(await verifyStream(reader.read('p'), sha256)).toMatchObject({ ok: true, head: { seq: 3 } })
    expect(await reader.messages('p')).toEqual([])
    await reader.close()
    expect(await state(url)).toEqual([1, 0])
    await server.query(
      url,
      "CREATE ROLE reader LOGIN PASSWORD 'reads'; GRANT USAGE ON SCHEMA muster TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA muster TO reader",
    )
    const other = new URL(url)
    other.username = 'reader'
    other.password = 'reads'
    expect(await refusal(openPostgres(other.href))).toMatchObject({
      code: 'inaccessible',
      message: expect.not.stringContaining('reads') as string,
    })
    expect(await state(url)).toEqual([1, 0])
    await server.query(url, "INSERT INTO muster.muster_schema VALUES (999, 'later')")
    for (const readOnly of [true, false])
      expect(await refusal(openPostgres(url, { readOnly }))).toMatchObject({
        code: 'newer-schema',
        remedy: expect.stringContaining('newer') as string,
      })
  })
})
