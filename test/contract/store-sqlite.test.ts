import { spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import * as sqlite from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { seal, verifyStream } from '#core/ledger/chain.ts'
import { statementsAfter } from '#store/migrate.ts'
import { sha256 } from '#store/sha256.ts'
import { openSqlite } from '#store/sqlite.ts'
import { openMemory } from '#store/memory.ts'
import { connect, type Connection } from '#store/sqlite/connection.ts'
import { requireSafeSqlite } from '#store/sqlite/file.ts'
import { transaction } from '#store/sqlite/transaction.ts'
import { signOff } from './sign-off.ts'
import { outboxAgrees } from './outbox.ts'
import { refusal } from './refusal.ts'
import { all, storeContract } from './store.ts'

const folders: string[] = []
const newFile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-store-'))
  folders.push(folder)
  return join(folder, 'state', 'ledger.db')
}
afterEach(() => {
  for (const folder of folders.splice(0)) {
    chmodSync(folder, 0o700)
    rmSync(folder, { recursive: true, force: true })
  }
})

storeContract('sqlite', () => openSqlite(newFile()))
outboxAgrees('sqlite', () => openSqlite(newFile()), openMemory, 40)

/** A store with three records, cleanly closed. */
async function filled(file = newFile()): Promise<string> {
  const store = await openSqlite(file)
  await store.append('p', [signOff('a'), signOff('b'), signOff('c')])
  await store.close()
  return file
}

/** Changes the file as somebody with another tool would. */
function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

const filesBeside = (file: string) => (existsSync(dirname(file)) ? readdirSync(dirname(file)).sort() : [])

/** Permissions do not bind root, so the tests of closed doors step down while they knock. */
async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('the file', () => {
  test('it is made with its folder, for its owner only, and closes into one file', async () => {
    const file = newFile()
    const store = await openSqlite(file)
    await store.append('p', [signOff('a')])
    for (const name of filesBeside(file)) expect([name, statSync(join(dirname(file), name)).mode & 0o777]).toEqual([name, 0o600])
    expect(filesBeside(file)).toContain('ledger.db-wal')
    await store.close()
    expect(filesBeside(file)).toEqual(['ledger.db'])
  })

  test('what was appended is there after closing and opening again', async () => {
    const file = await filled()
    const store = await openSqlite(file)
    await store.append('p', [signOff('d')])
    expect((await all(store.read('p'))).map((event) => event.id)).toEqual(['a', 'b', 'c', 'd'])
    expect((await verifyStream(store.read('p'), sha256)).ok).toBe(true)
    await store.close()
  })

  test('a folder name with characters that mean something in a URI is a folder name', async () => {
    const file = await filled(join(dirname(newFile()), 'a%20b ?c#d', 'ledger.db'))
    expect(filesBeside(file)).toEqual(['ledger.db'])
    const store = await openSqlite(file, { readOnly: true })
    expect((await store.head('p'))?.seq).toBe(3)
    await store.close()
  })
})

describe('reading only', () => {
  test('where no store is yet, nothing was recorded and nothing is made', async () => {
    const file = newFile()
    const store = await openSqlite(file, { readOnly: true })
    expect(await store.programs()).toEqual([])
    expect((await refusal(store.append('p', [signOff('a')]))).code).toBe('read-only')
    await store.close()
    expect(existsSync(dirname(file))).toBe(false)
  })

  test('it makes no files beside a store that nobody has open, and refuses to append', async () => {
    const file = await filled()
    const store = await openSqlite(file, { readOnly: true })
    expect(await all(store.read('p'))).toHaveLength(3)
    expect((await refusal(store.append('p', [signOff('d')]))).code).toBe('read-only')
    expect(filesBeside(file)).toEqual(['ledger.db'])
    await store.close()
    expect(filesBeside(file)).toEqual(['ledger.db'])
  })

  test('it needs no more than the file where somebody left an empty log', async () => {
    const file = await filled()
    writeFileSync(`${file}-wal`, '')
    const store = await openSqlite(file, { readOnly: true })
    expect(await all(store.read('p'))).toHaveLength(3)
    expect(filesBeside(file)).toEqual(['ledger.db', 'ledger.db-wal'])
    const writer = await openSqlite(file)
    await writer.append('p', [signOff('d')])
    expect((await store.head('p'))?.seq).toBe(4)
    await writer.close()
    await store.close()
  })

  test('it sees what is appended after it was opened', async () => {
    const file = await filled()
    const reader = await openSqlite(file, { readOnly: true })
    expect((await reader.head('p'))?.seq).toBe(3)
    const writer = await openSqlite(file)
    await writer.append('p', [signOff('d')])
    expect((await reader.head('p'))?.seq).toBe(4)
    await writer.append('p', [signOff('e')])
    expect((await all(reader.read('p'))).map((event) => event.id)).toEqual(['a', 'b', 'c', 'd', 'e'])
    await writer.close()
    expect((await reader.latest('p', 'sign-off'))?.id).toBe('e')
    await reader.close()
  })

  test('it sees what another process appended and closed meanwhile', async () => {
    const file = await filled()
    const reader = await openSqlite(file, { readOnly: true })
    expect((await reader.head('p'))?.seq).toBe(3)
    const writer = await openSqlite(file)
    await writer.append('p', [signOff('d', 'x'.repeat(100_000))])
    await writer.close()
    expect((await reader.head('p'))?.seq).toBe(4)
    expect(await all(reader.read('p'))).toHaveLength(4)
    await reader.close()
  })

  test('it works in a folder that cannot be written', async () => {
    const file = await filled()
    chmodSync(file, 0o444)
    chmodSync(dirname(file), 0o555)
    chmodSync(dirname(dirname(file)), 0o755)
    const ids = await asOrdinaryUser(async () => {
      const store = await openSqlite(file, { readOnly: true })
      const events = await all(store.read('p'))
      await store.close()
      return events.map((event) => event.id)
    })
    expect(ids).toEqual(['a', 'b', 'c'])
  })
})

describe('a store that cannot be used says why and what to do', () => {
  const openings = [
    ['for writing', false],
    ['for reading', true],
  ] as const

  describe.each(openings)('%s', (_, readOnly) => {
    const refused = async (file: string) => {
      const error = await refusal(
        openSqlite(file, { readOnly, patienceMilliseconds: 100 }).then(async (store) => {
          await all(store.read('p'))
          await store.close()
        }),
      )
      expect(error.remedy).not.toBe('')
      return error
    }

    test('garbage', async () => {
      const file = newFile()
      mkdirSync(dirname(file))
      writeFileSync(file, 'this is no database\n'.repeat(1000))
      expect(await refused(file)).toMatchObject({ code: 'not-a-store', message: expect.stringContaining(file) })
      expect(readFileSync(file, 'utf8')).toBe('this is no database\n'.repeat(1000))
    })

    test("another program's database", async () => {
      const file = newFile()
      mkdirSync(dirname(file))
      tamper(file, 'CREATE TABLE bookmarks (url TEXT)')
      expect((await refused(file)).code).toBe('not-a-store')
    })

    test('cut off at half', async () => {
      const file = await filled()
      truncateSync(file, statSync(file).size / 2)
      expect((await refused(file)).code).toBe('damaged')
    })

    test('cut off inside its header', async () => {
      const file = await filled()
      truncateSync(file, 60)
      expect(['damaged', 'not-a-store']).toContain((await refused(file)).code)
    })

    test('cut off to nothing: never taken for a new store', async () => {
      const file = await filled()
      truncateSync(file, 0)
      expect((await refused(file)).code).toBe('damaged')
      expect(statSync(file).size).toBe(0)
    })

    test('its file is gone but its log is there: never played into a new store', async () => {
      const file = newFile()
      mkdirSync(dirname(file))
      writeFileSync(`${file}-wal`, 'frames')
      expect((await refused(file)).code).toBe('damaged')
      expect(filesBeside(file)).toEqual(['ledger.db-wal'])
    })

    test('a page overwritten', async () => {
      const file = newFile()
      const store = await openSqlite(file)
      await store.append(
        'p',
        Array.from({ length: 200 }, (_, i) => signOff(`e${i}`)),
      )
      await store.close()
      const handle = openSync(file, 'r+')
      for (let offset = 4096; offset < statSync(file).size; offset += 4096) writeSync(handle, Buffer.alloc(64, 0xa5), 0, 64, offset)
      closeSync(handle)
      expect((await refused(file)).code).toBe('damaged')
    })

    test('written by a newer version', async () => {
      const file = await filled()
      tamper(file, "INSERT INTO muster_schema VALUES (999, 'later')")
      const error = await refused(file)
      expect(error).toMatchObject({
        code: 'newer-schema',
        message: expect.stringContaining('999'),
        remedy: expect.stringContaining('newer'),
      })
    })

    test('a folder in its place', async () => {
      const file = newFile()
      mkdirSync(file, { recursive: true })
      expect((await refused(file)).code).toBe('inaccessible')
    })

    test('a file in the place of its folder', async () => {
      const file = newFile()
      writeFileSync(dirname(file), '')
      expect((await refused(file)).code).toBe('inaccessible')
    })
  })

  test('a folder that cannot be written', async () => {
    const file = newFile()
    const home = dirname(dirname(file))
    chmodSync(home, 0o555)
    const error = await asOrdinaryUser(() => refusal(openSqlite(file)))
    expect(error).toMatchObject({ code: 'inaccessible', remedy: expect.stringContaining('write') })
    expect(readdirSync(home)).toEqual([])
  })

  test('a store in a folder that has become read-only', async () => {
    const file = await filled()
    chmodSync(file, 0o444)
    chmodSync(dirname(file), 0o555)
    chmodSync(dirname(dirname(file)), 0o755)
    const error = await asOrdinaryUser(() => refusal(openSqlite(file).then((store) => store.append('p', [signOff('d')]))))
    expect(error.code).toBe('inaccessible')
  })

  test('a SQLite that can damage stores', () => {
    for (const version of ['3.51.2', '3.50.9', '2.99.99', '0']) expect(() => requireSafeSqlite(version)).toThrow(version)
    for (const version of ['3.51.3', '3.51.10', '3.53.0', '4.0.0']) requireSafeSqlite(version)
  })

  test('another process that holds it for too long', async () => {
    const file = await filled()
    const store = await openSqlite(file, { patienceMilliseconds: 50 })
    const holder = new DatabaseSync(file)
    holder.exec('BEGIN IMMEDIATE')
    const error = await refusal(store.append('p', [signOff('d')]))
    expect(error.code).toBe('busy')
    holder.exec('ROLLBACK')
    holder.close()
    expect((await store.append('p', [signOff('d')])).map((event) => event.seq)).toEqual([4])
    await store.close()
  })
})

describe('a ledger that was changed with another tool', () => {
  test.each([
    ['its last record is gone', 'DELETE FROM ledger WHERE seq = 3'],
    ['its last hash was changed', "UPDATE ledger SET hash = 'x' WHERE seq = 3"],
    ['its head was moved back', 'UPDATE heads SET seq = 2, hash = (SELECT hash FROM ledger WHERE seq = 2)'],
    ['its head is gone', 'DELETE FROM heads'],
  ])('nothing is sealed over it: %s', async (_, sql) => {
    const file = await filled()
    tamper(file, sql)
    const store = await openSqlite(file)
    expect(await refusal(store.append('p', [signOff('d')]))).toMatchObject({
      code: 'damaged',
      remedy: expect.stringContaining('muster verify'),
    })
    const onto = await store.head('p')
    const taken = async function* () {
      yield seal(signOff('e'), onto, sha256)
    }
    expect(await refusal(store.adopt('p', taken(), { onto }))).toMatchObject({ code: 'damaged' })
    await store.append('q', [signOff('d')])
    await store.close()
  })

  test.each([
    ['a reason', `UPDATE ledger SET body = replace(body, 'tests read', 'tests skipped') WHERE seq = 2`, 2, 'edited'],
    ['an actor', `UPDATE ledger SET actor = 'lead-b' WHERE seq = 1`, 1, 'edited'],
    ['a record taken out', `DELETE FROM ledger WHERE seq = 2`, 2, 'missing'],
    [
      'a record taken out and the rest renumbered',
      `DELETE FROM ledger WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 3`,
      2,
      'missing',
    ],
    [
      'two records swapped',
      `UPDATE ledger SET seq = 99 WHERE seq = 1; UPDATE ledger SET seq = 1 WHERE seq = 2; UPDATE ledger SET seq = 2 WHERE seq = 99`,
      1,
      'missing',
    ],
  ])('verification names the record: %s', async (_, sql, seq, kind) => {
    const file = await filled()
    tamper(file, sql)
    const store = await openSqlite(file, { readOnly: true })
    expect(await verifyStream(store.read('p'), sha256)).toMatchObject({ ok: false, seq, kind })
    await store.close()
  })

  test.each([
    ['a body that is not JSON', `UPDATE ledger SET body = '{' WHERE seq = 2`, 'Record 2'],
    ['a body that is not text', `UPDATE ledger SET body = x'00ff' WHERE seq = 2`, 'record 2'],
    [
      'a number that no number holds',
      `UPDATE ledger SET seq = 9223372036854775807 WHERE seq = 3; UPDATE heads SET seq = 9223372036854775807`,
      '',
    ],
  ])('reading names the record: %s', async (_, sql, named) => {
    const file = await filled()
    tamper(file, sql)
    const store = await openSqlite(file)
    const error = await refusal(all(store.read('p')))
    expect(error.code).toBe('damaged')
    expect(error.message).toContain(named)
    await store.close()
  })
})

describe('migrations', () => {
  const migration = (version: number, statement: string) => ({ version, name: `step-${version}`, statements: [statement] })
  const first = migration(1, 'CREATE TABLE a (x TEXT)')
  const second = migration(2, 'ALTER TABLE a ADD COLUMN y TEXT')

  test('an older store is brought forward by the steps it lacks, in order', () => {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE muster_schema (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)')
    const version = () => Number(database.prepare('SELECT max(version) AS v FROM muster_schema').get()?.['v'] ?? 0)
    const bring = (steps: readonly ReturnType<typeof migration>[]) => {
      const statements = statementsAfter(version(), steps)
      for (const sql of statements) database.exec(sql)
      return statements.filter((sql) => !sql.startsWith('INSERT'))
    }
    expect(bring([first])).toEqual(first.statements)
    expect(bring([first, second])).toEqual(second.statements)
    expect(bring([first, second])).toEqual([])
    expect(version()).toBe(2)
    database.close()
  })
})

// --- several processes

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

const APPENDER = fileURLToPath(new URL('appender.ts', import.meta.url))

interface Appender {
  readonly ready: Promise<void>
  readonly ended: Promise<number | null>
  readonly acknowledged: readonly string[]
  readonly errors: () => string
  start(): void
  kill(): void
}

function appender(file: string, prefix: string, count: number): Appender {
  const child = spawn(process.execPath, ['-C', 'source', '--no-warnings', APPENDER, file, 'p', prefix, String(count)], { stdio: 'pipe' })
  children.add(child)
  const acknowledged: string[] = []
  let errors = ''
  const ready = Promise.withResolvers<void>()
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      children.delete(child)
      ready.resolve()
      resolve(code)
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdin.on('error', () => {})
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') return ready.resolve()
    acknowledged.push(line)
  })
  return {
    ready: ready.promise,
    ended,
    acknowledged,
    errors: () => errors,
    start: () => child.stdin.write('go\n'),
    kill: () => child.kill('SIGKILL'),
  }
}

describe('several processes', () => {
  test.each([
    ['two on a new file', 2, false],
    ['eight on a new file', 8, false],
    ['two on a store that is there', 2, true],
  ])('%s append at once: nobody is told that it is busy, nothing is lost, the chain holds', async (_, processes, exists) => {
    const file = exists ? await filled() : newFile()
    const appenders = Array.from({ length: processes }, (_, i) => appender(file, `process${i}`, 100))
    await Promise.all(appenders.map((one) => one.ready))
    for (const one of appenders) one.start()
    const codes = await Promise.all(appenders.map((one) => one.ended))
    expect(appenders.map((one) => one.errors())).toEqual(appenders.map(() => ''))
    expect(codes).toEqual(appenders.map(() => 0))
    const store = await openSqlite(file)
    const events = await all(store.read('p'))
    expect(events).toHaveLength(processes * 100 + (exists ? 3 : 0))
    for (const { acknowledged } of appenders) {
      const own = new Set(acknowledged)
      expect(events.map((event) => event.id).filter((id) => own.has(id))).toEqual(acknowledged)
    }
    expect((await verifyStream(store.read('p'), sha256)).ok).toBe(true)
    await store.close()
    expect(filesBeside(file)).toEqual(['ledger.db'])
  })

  test('the lock never free for as long as one waits, others writing one after another: it is waited for', async () => {
    const file = await filled()
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const impatient = connect(sqlite, file, 'mode=rw', 0)
    let others = 4
    const crowded: Connection = {
      ...impatient,
      prepare(sql) {
        if (sql === 'BEGIN IMMEDIATE' && others > 0) {
          other.exec("UPDATE heads SET hash = hash || '+'; COMMIT")
          if (--others > 0) other.exec('BEGIN IMMEDIATE')
        }
        return impatient.prepare(sql)
      },
    }
    expect(transaction(crowded, () => crowded.prepare('SELECT hash FROM heads').get())).toEqual({
      hash: expect.stringMatching(/[^+][+]{4}$/),
    })
    other.close()
    impatient.close()
  })

  test('killed while it makes the store, it leaves a whole one or none', async () => {
    for (let round = 0; round < 10; round++) {
      const file = newFile()
      const victim = appender(file, 'a', 1)
      await victim.ready
      victim.start()
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      victim.kill()
      await victim.ended
      const store = await openSqlite(file)
      const events = await all(store.read('p'))
      expect(events.map((event) => event.id)).toEqual(expect.arrayContaining(victim.acknowledged.slice()))
      await store.append('p', [signOff('after')])
      await store.close()
    }
  })
})
