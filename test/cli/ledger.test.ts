import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonical } from '#core/ledger/canonical.ts'
import { openSqlite } from '#store/sqlite.ts'
import { temporaryFolder, testRepository } from '../collect/git-repository.ts'
import { PASSWORD, startPostgres, type PostgresServer } from '../contract/postgres-server.ts'
import { signOff } from '../contract/sign-off.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { createScene, PROGRAM, sceneIn, type Ended, type Scene } from './scene.ts'

let scene: Scene
const muster = (...argv: readonly string[]): Promise<Ended> => scene.muster(argv)
const file = (name: string): string => readFileSync(scene.path(name), 'utf8')
const BLOCKER = ['blocker', 'open', '--as', 'lead-a', '--title', 'Disk', '--severity', 'high', '--impact', 'slow \u2028 disk']
const LEDGER = '.muster/ledger.sqlite'

/** A check records the program, the evidence and the decision; the blocker is record 4. */
async function fill(env: Readonly<Record<string, string>> = {}): Promise<void> {
  expect(await scene.muster(['check'], { env })).toMatchObject({ code: 3 })
  expect(await scene.muster(BLOCKER, { env })).toMatchObject({ code: 0 })
}

async function addOther(): Promise<void> {
  const store = await openSqlite(scene.path(LEDGER))
  await store.append('other', [signOff('a'), signOff('b')])
  await store.close()
}

const verified = async (env: Readonly<Record<string, string>> = {}): Promise<string> => (await scene.muster(['verify'], { env })).out
const tamper = (sql: string): void => {
  const database = new DatabaseSync(scene.path(LEDGER))
  database.exec(sql)
  database.close()
}

describe('in a file', () => {
  /** What every test begins with is made once. */
  let template: string | undefined
  beforeEach(async () => {
    if (template === undefined) {
      scene = createScene()
      await fill()
      template = mkdtempSync(join(tmpdir(), 'muster-cli-'))
      cpSync(scene.folder, template, { recursive: true })
    } else {
      const folder = temporaryFolder()
      cpSync(template, folder, { recursive: true })
      scene = sceneIn(folder, testRepository(join(folder, 'work')), PROGRAM)
    }
  })
  afterAll(() => rmSync(template ?? '', { recursive: true, force: true }))

  describe('muster ledger head', () => {
    test('prints one line that verify takes, also from standard input, and adds it to a file', async () => {
      const { out } = await muster('ledger', 'head', '--to', 'heads.jsonl')
      const [, seq, hash] = /head (\d+):([0-9a-f]{64})/.exec(await verified()) ?? []
      expect(JSON.parse(out)).toEqual({ schemaVersion: 1, program: 'demo', seq: Number(seq), hash, at: '2026-02-25T14:00:00Z' })
      await muster(...BLOCKER)
      await muster('ledger', 'head', '--to', 'heads.jsonl')
      expect(file('heads.jsonl').split('\n')).toEqual([out.trimEnd(), expect.stringContaining(`"seq":${Number(seq) + 1}`), ''])
      expect(await muster('verify', '--head', 'heads.jsonl')).toMatchObject({ code: 0 })
      expect(await scene.muster(['verify', '--head', '-'], { stdin: file('heads.jsonl') })).toMatchObject({ code: 0 })
      expect(await muster('verify', '--head', `${seq}:${hash}`)).toMatchObject({ code: 0 })
    })

    test('finds what the chain alone cannot show: an end cut off, and the whole written anew', async () => {
      await muster('ledger', 'head', '--to', 'heads.jsonl')
      tamper('DELETE FROM ledger WHERE seq = 4; UPDATE heads SET seq = 3, hash = (SELECT hash FROM ledger WHERE seq = 3)')
      expect(await muster('verify')).toMatchObject({ code: 0 })
      expect(await muster('verify', '--head', 'heads.jsonl')).toMatchObject({
        code: 1,
        out: expect.stringMatching(/^Record 4 is not there/) as string,
      })
      await muster(...BLOCKER)
      expect(await muster('verify')).toMatchObject({ code: 0 })
      expect(await muster('verify', '--head', 'heads.jsonl')).toMatchObject({
        code: 1,
        out: expect.stringMatching(/^Record 4 has another hash/) as string,
      })
    })

    test('a clock that was set back is pointed out with the record, one that is a little behind is not', async () => {
      await scene.muster(BLOCKER, { now: '2026-02-25T13:57:00Z' })
      expect(await verified()).not.toContain('set back')
      await scene.muster(BLOCKER, { now: '2026-02-20T09:00:00Z' })
      const [, seq] = /head (\d+):/.exec(await verified()) ?? []
      expect(await muster('verify')).toMatchObject({
        code: 0,
        out: expect.stringMatching(
          new RegExp(`^Record ${seq} is dated 2026-02-20T09:00:00Z, before record \\d+ of 2026-02-25`, 'm'),
        ) as string,
      })
      expect((await scene.muster(['status'], { now: '2026-02-25T13:00:00Z' })).out).toMatch(/\(1 h ahead of the clock here\)/)
    })

    test('a ledger whose end nobody notes any more is not taken for an empty one', async () => {
      tamper('DELETE FROM heads')
      expect(await muster('verify')).toMatchObject({
        code: 1,
        out: expect.stringMatching(/^Record \d+ stands behind the end that the store notes, which is none/) as string,
      })
      expect((await muster('status')).out).toMatch(/^demo: record \d+ stands behind the end .+ `muster verify`\n$/)
    })

    test('status sends to verify whoever sees a ledger whose end was set back', async () => {
      expect((await muster('status')).out).not.toContain('muster verify')
      tamper('UPDATE heads SET seq = 1, hash = (SELECT hash FROM ledger WHERE seq = 1)')
      expect(await muster('status')).toMatchObject({ out: expect.stringMatching(/record \d+ stands behind .+ `muster verify`/) as string })
    })

    test.each([
      ['an empty text', '\n\n', 'it holds no head of demo'],
      [
        'the head of another program',
        `{"at":"2026-02-25T14:00:00Z","hash":"${'a'.repeat(64)}","program":"other","schemaVersion":1,"seq":1}\n`,
        'it holds no head of demo',
      ],
      ['a line that is no head', '\nthe head is fine\n', ':2:1: it is no head'],
    ])('%s proves nothing and is refused', async (_, text, message) => {
      writeFileSync(scene.path('heads.jsonl'), text)
      expect(await muster('verify', '--head', 'heads.jsonl')).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining(message) as string,
      })
    })

    test('no head is noted of a ledger that does not end in it', async () => {
      tamper("UPDATE ledger SET body = replace(body, 'slow', 'fast') WHERE seq = 4")
      expect(await muster('ledger', 'head', '--to', 'heads.jsonl')).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('Record 4 was edited') as string,
      })
      expect(existsSync(scene.path('heads.jsonl'))).toBe(false)
    })

    test('without a record there is none', async () => {
      expect(await muster('ledger', 'head', '--program', 'none')).toMatchObject({
        code: 4,
        out: '',
        err: expect.stringContaining('no record yet') as string,
      })
    })
  })

  describe('muster ledger head --to note', () => {
    const git = (...args: readonly string[]): string => scene.repository.git(...args)

    test('notes it on the tip of the target; the notes of all tips are one list of heads', async () => {
      git('checkout', '-q', 'main')
      await muster('ledger', 'head', '--to', 'note')
      await muster(...BLOCKER)
      await muster('ledger', 'head', '--to', 'note')
      git('commit', '-q', '--allow-empty', '-m', 'Next')
      const { out } = await muster('ledger', 'head', '--to', 'note')
      expect(git('notes', '--ref=muster', 'show', 'main')).toBe(out.trimEnd())
      git('fsck', '--strict')
      const notes = git('log', '--notes=muster', '--format=%N', 'main')
      expect(await scene.muster(['verify', '--head', '-'], { stdin: notes })).toMatchObject({ code: 0 })
      tamper('DELETE FROM ledger WHERE seq = 5; UPDATE heads SET seq = 4, hash = (SELECT hash FROM ledger WHERE seq = 4)')
      expect(await scene.muster(['verify', '--head', '-'], { stdin: notes })).toMatchObject({ code: 1 })
    })

    test('keeps what is packed, and runs nothing of the repository', async () => {
      git('notes', '--ref=muster', 'add', '-m', 'a remark', 'main')
      git('pack-refs', '--all')
      const marker = scene.path('marker')
      const trap = `#!/bin/sh\ntouch ${marker}\n`
      mkdirSync(scene.path('.git/hooks'), { recursive: true })
      for (const hook of ['reference-transaction', 'post-commit', 'pre-commit', 'post-index-change']) {
        writeFileSync(scene.path(`.git/hooks/${hook}`), trap)
        chmodSync(scene.path(`.git/hooks/${hook}`), 0o755)
      }
      writeFileSync(scene.path('trap.sh'), trap, { mode: 0o755 })
      appendFileSync(
        scene.path('.git/config'),
        `[core]\n\tfsmonitor = ${scene.path('trap.sh')}\n\teditor = ${scene.path('trap.sh')}\n[gpg]\n\tprogram = ${scene.path('trap.sh')}\n[commit]\n\tgpgSign = true\n`,
      )
      const { out, code } = await muster('ledger', 'head', '--to', 'note')
      expect([code, existsSync(marker)]).toEqual([0, false])
      const shown = execFileSync(
        'git',
        ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'notes', '--ref=muster', 'show', 'main'],
        {
          cwd: scene.path('.'),
          encoding: 'utf8',
        },
      )
      expect(shown).toBe(`a remark\n\n${out}`)
      expect(readdirSync(scene.path('.git/refs/notes'))).toEqual(['muster'])
    })

    test('waits for nobody who holds the lock, and leaves it', async () => {
      mkdirSync(scene.path('.git/refs/notes'), { recursive: true })
      writeFileSync(scene.path('.git/refs/notes/muster.lock'), '')
      expect(await muster('ledger', 'head', '--to', 'note')).toMatchObject({
        code: 4,
        out: '',
        err: expect.stringContaining('muster.lock') as string,
      })
      expect(readdirSync(scene.path('.git/refs/notes'))).toEqual(['muster.lock'])
    })
  })

  describe('muster ledger export and import', () => {
    test('the lines are canonical, and name the program and the head first', async () => {
      const { out, code } = await muster('ledger', 'export')
      expect(code).toBe(0)
      const [first = '', ...rest] = out.split('\n')
      expect(JSON.parse(first)).toMatchObject({ ledger: 'demo', head: { seq: 4 } })
      expect(rest).toHaveLength(5)
      for (const line of [first, ...rest.slice(0, 4)]) expect(canonical(JSON.parse(line))).toBe(line)
    })

    test('an export that is there already is not overwritten, and one that breaks off leaves no file', async () => {
      writeFileSync(scene.path('one.jsonl'), 'mine\n')
      expect(await muster('ledger', 'export', '--output', 'one.jsonl')).toMatchObject({ code: 4 })
      expect(file('one.jsonl')).toBe('mine\n')
      tamper("UPDATE ledger SET actor = 'lead-b' WHERE seq = 2")
      const before = readdirSync(scene.path('.'))
      expect(await muster('ledger', 'export', '--output', 'two.jsonl')).toMatchObject({
        code: 1,
        err: expect.stringContaining('Record 2 was edited') as string,
      })
      expect(readdirSync(scene.path('.'))).toEqual(before)
    })

    test('what is new in a later export is taken over; the same once more changes nothing', async () => {
      await muster('ledger', 'export', '--output', 'one.jsonl')
      await muster(...BLOCKER)
      await muster('ledger', 'export', '--output', 'two.jsonl')
      const other = { MUSTER_STATE: 'elsewhere' }
      for (const [name, said] of [
        ['one', '4 records taken over, 4 in all'],
        ['two', '1 records taken over, 5 in all'],
        ['two', '0 records taken over, 5 in all'],
      ])
        expect(await scene.muster(['ledger', 'import', `${name}.jsonl`], { env: other })).toMatchObject({
          code: 0,
          out: expect.stringContaining(said ?? '') as string,
        })
      expect(await verified(other)).toBe(await verified())
      expect(await scene.muster(['replay'], { env: other })).toMatchObject({ code: 0 })
      expect(await scene.muster(['ledger', 'import', 'one.jsonl'], { env: other })).toMatchObject({
        code: 1,
        err: expect.stringContaining('goes on to record 5') as string,
      })
    })

    test('two that went different ways are told apart at their first difference', async () => {
      await muster('ledger', 'export', '--output', 'one.jsonl')
      await scene.muster(['ledger', 'import', 'one.jsonl'], { env: { MUSTER_STATE: 'elsewhere' } })
      await muster(...BLOCKER, '--workaround', 'none')
      await scene.muster([...BLOCKER], { env: { MUSTER_STATE: 'elsewhere' } })
      await scene.muster([...BLOCKER], { env: { MUSTER_STATE: 'elsewhere' } })
      await muster('ledger', 'export', '--output', 'two.jsonl')
      const before = await verified({ MUSTER_STATE: 'elsewhere' })
      expect(await scene.muster(['ledger', 'import', 'two.jsonl'], { env: { MUSTER_STATE: 'elsewhere' } })).toMatchObject({
        code: 1,
        err: expect.stringContaining('record 5 in the file is another one than record 5 here') as string,
      })
      expect(await verified({ MUSTER_STATE: 'elsewhere' })).toBe(before)
    })

    test('a file that is not what was exported is refused where it is wrong, and leaves nothing behind', async () => {
      const { out: text } = await muster('ledger', 'export')
      const lines = text.trimEnd().split('\n')
      const [header = '', first = '', second = '', ...rest] = lines
      const joined = (...list: readonly string[]): string => list.map((line) => `${line}\n`).join('')
      const bad: Readonly<Record<string, readonly [string, string]>> = {
        'an edited record': [text.replace('"slow', '"fast'), ':5:1: Record 4 was edited'],
        'a record taken out': [joined(header, first, ...rest), ':3:1: Record 2 is not in its place'],
        'two swapped': [joined(header, second, first, ...rest), ':2:1: Record 1 is not in its place'],
        'one twice': [joined(header, first, first, second, ...rest), ':3:1: Record 1 stands a second time'],
        'its end cut off at a line': [joined(header, first, second), ':3:1: the ledger of demo ends at record 2, but it has 4'],
        'its end cut off in a line': [text.slice(0, -40), ':5:1: it is cut off'],
        'another head': [text.replace('"seq":4', '"seq":2'), ':3:1: Record 2 has another hash'],
        'more than its head': [
          text.replace(/"hash":"[0-9a-f]+","seq":4/, `"hash":"${(JSON.parse(second) as { hash: string }).hash}","seq":2`),
          ':4:1: the ledger of demo has 2 records, and here is one more',
        ],
        'a field that was not sealed': [text.replace('"schema":', '"remark":"x","schema":'), ':2:1: Record 1 was edited'],
        'no head line': [joined(first, second, ...rest), ':1:1: a record stands before'],
        spaces: [text.replaceAll('":', '": '), ':1:1: it is not written as Muster writes it'],
        'a key twice': [text.replace('{"actor":', '{"actor":"x","actor":'), ':2:1: it is not written as Muster writes it'],
        'the program of another': [text.replace('"ledger":"demo"', '"ledger":"demos"'), 'is of the program demo, not of demos'],
        'one more program': [text + text, ':6:1: the ledger of demo stands a second time'],
        'no JSON': ['muster\n', ':1:1: it is not JSON'],
        'another JSON': ['[1]\n', ':1:1: it is no object'],
        'deep JSON': [`${'['.repeat(100_000)}\n`, ':1:1: it is'],
        nothing: ['', ':1:1: it holds no ledger'],
      }
      const fresh = { MUSTER_STATE: 'fresh' }
      for (const [name, [content, message]] of Object.entries(bad)) {
        writeFileSync(scene.path('bad.jsonl'), content)
        const { code, err, out } = await scene.muster(['ledger', 'import', 'bad.jsonl'], { env: fresh })
        expect([name, code, out]).toEqual([name, 1, ''])
        expect([name, err]).toEqual([name, expect.stringContaining(message)])
      }
      writeFileSync(scene.path('bad.jsonl'), Buffer.concat([Buffer.from(`${header}\n`), Buffer.from([0xff, 0x0a])]))
      expect(await scene.muster(['ledger', 'import', 'bad.jsonl'], { env: fresh })).toMatchObject({
        code: 1,
        err: expect.stringContaining(':2:1: it is cut off, or not UTF-8') as string,
      })
      expect(await muster('ledger', 'import', 'absent.jsonl')).toMatchObject({ code: 4 })
      expect(existsSync(scene.path('fresh'))).toBe(false)
    })

    test('the ledger of another program is taken only when it is named', async () => {
      await addOther()
      await muster('ledger', 'export', '--program', 'other', '--output', 'other.jsonl')
      const fresh = { MUSTER_STATE: 'fresh' }
      expect(await scene.muster(['ledger', 'import', 'other.jsonl'], { env: fresh })).toMatchObject({
        code: 1,
        err: expect.stringContaining('holds the ledger of other, not of demo') as string,
      })
      expect(await scene.muster(['ledger', 'import', 'other.jsonl', '--program', 'other'], { env: fresh })).toMatchObject({ code: 0 })
    })
  })

  describe('muster ledger backup and restore', () => {
    test('what waits in the outbox is in the backup too', async () => {
      const store = await openSqlite(scene.path(LEDGER))
      const message = { key: 'm', channel: 'mail', to: 'a', thread: 't', notBefore: '2026-02-25T16:00:00Z', notice: {} }
      await store.append('other', [signOff('a')], { messages: [message] })
      await store.close()
      await muster('ledger', 'backup', 'copy.sqlite')
      await scene.muster(['ledger', 'restore', 'copy.sqlite'], { env: { MUSTER_STATE: 'fresh' } })
      const restored = await openSqlite(scene.path('fresh/ledger.sqlite'))
      expect(await restored.messages('other')).toMatchObject([{ ...message, state: 'pending' }])
      await restored.close()
    })

    test('a backup is one file that a new place takes, with every program', async () => {
      await addOther()
      const { out, code } = await muster('ledger', 'backup', 'copy.sqlite')
      expect([code, out]).toEqual([0, expect.stringMatching(/^demo: 4 records\nhead 4:.*\nother: 2 records\nhead 2:/)])
      expect(await muster('ledger', 'backup', 'copy.sqlite')).toMatchObject({
        code: 4,
        err: expect.stringContaining('is there already') as string,
      })
      const fresh = { MUSTER_STATE: 'fresh' }
      expect(await scene.muster(['ledger', 'restore', 'copy.sqlite'], { env: fresh })).toMatchObject({ code: 0 })
      expect(await verified(fresh)).toBe(await verified())
      expect((await scene.muster(['ledger', 'export', '--program', 'other'], { env: fresh })).out).toBe(
        (await muster('ledger', 'export', '--program', 'other')).out,
      )
      expect(readdirSync(scene.path('.')).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite'])
    })

    test('while somebody records, the copy is of one moment', async () => {
      const store = await openSqlite(scene.path(LEDGER))
      const stop = new AbortController()
      const recording = (async () => {
        for (let i = 0; !stop.signal.aborted || i < 50; i += 1) {
          await store.append('other', [signOff(`a${i}`), signOff(`b${i}`)])
          await new Promise((resolve) => setImmediate(resolve))
        }
      })()
      for (let round = 0; round < 5; round += 1) {
        const { code, out } = await muster('ledger', 'backup', `copy${round}.sqlite`)
        expect([code, Number(/other: (\d+)/.exec(out)?.[1] ?? 0) % 2]).toEqual([0, 0])
      }
      stop.abort()
      await recording
      await store.close()
    })

    test('a ledger that is not sound is not backed up', async () => {
      tamper("UPDATE ledger SET actor = 'lead-b' WHERE seq = 2")
      expect(await muster('ledger', 'backup', 'copy.sqlite')).toMatchObject({
        code: 1,
        err: expect.stringContaining('Record 2 was edited') as string,
      })
      expect(existsSync(scene.path('copy.sqlite'))).toBe(false)
    })

    test('what the backup does not have is removed only when that is said, and kept even then', async () => {
      await muster('ledger', 'backup', 'copy.sqlite')
      await muster(...BLOCKER)
      const before = await verified()
      expect(await muster('ledger', 'restore', 'copy.sqlite')).toMatchObject({
        code: 1,
        err: expect.stringContaining('goes on to record 5, the file ends at 4') as string,
      })
      expect(await verified()).toBe(before)
      const { code, err } = await muster('ledger', 'restore', 'copy.sqlite', '--replace')
      expect(code).toBe(0)
      expect(await verified()).toContain('4 records')
      const kept = /kept in (\S+)/.exec(err)?.[1] ?? ''
      expect(await scene.muster(['ledger', 'restore', kept])).toMatchObject({ code: 0 })
      expect(await verified()).toBe(before)
    })

    test('an edited ledger is put right, and the edited one is kept', async () => {
      await muster('ledger', 'backup', 'copy.sqlite')
      const before = await verified()
      tamper("UPDATE ledger SET hash = 'x', body = '{' WHERE seq = 2")
      expect((await muster('verify')).code).not.toBe(0)
      for (const sql of [
        "UPDATE ledger SET body = '{}' WHERE seq = 2",
        "UPDATE ledger SET hash = 'x' WHERE seq = 4; UPDATE heads SET hash = 'x'",
      ]) {
        expect(await muster('ledger', 'restore', 'copy.sqlite')).toMatchObject({
          code: 1,
          err: expect.stringContaining('the ledger here is not sound') as string,
        })
        tamper(sql)
      }
      expect(await muster('ledger', 'restore', 'copy.sqlite', '--replace')).toMatchObject({ code: 0 })
      expect(await verified()).toBe(before)
      expect(readdirSync(scene.path('.muster')).filter((name) => name.includes('.replaced-'))).toHaveLength(1)
    })

    test('one with pages overwritten, of which no copy can be made, is moved aside too', async () => {
      const store = await openSqlite(scene.path(LEDGER))
      for (let i = 0; i < 40; i += 1) await store.append('demo', [signOff(`e${i}`, 'x'.repeat(2000))])
      await store.close()
      await muster('ledger', 'backup', 'copy.sqlite')
      const before = await verified()
      const bytes = readFileSync(scene.path(LEDGER))
      for (let offset = 20 * 4096; offset < bytes.length; offset += 4096) bytes.fill(0xa5, offset, offset + 64)
      writeFileSync(scene.path(LEDGER), bytes)
      expect(await muster('ledger', 'restore', 'copy.sqlite')).toMatchObject({
        code: 1,
        err: expect.stringContaining('not sound') as string,
      })
      expect(readFileSync(scene.path(LEDGER)).equals(bytes)).toBe(true)
      const { code, err } = await muster('ledger', 'restore', 'copy.sqlite', '--replace')
      expect([code, readFileSync(/kept in (\S+)/.exec(err)?.[1] ?? '').equals(bytes)]).toEqual([0, true])
      expect(await verified()).toBe(before)
    })

    test('a file that is no store any more is moved aside when that is said', async () => {
      await muster('ledger', 'backup', 'copy.sqlite')
      const before = await verified()
      truncateSync(scene.path(LEDGER), 5000)
      expect(await muster('ledger', 'restore', 'copy.sqlite')).toMatchObject({ code: 4, err: expect.stringContaining('damaged') as string })
      expect(await muster('ledger', 'restore', 'copy.sqlite', '--replace')).toMatchObject({ code: 0 })
      expect(await verified()).toBe(before)
      expect(readdirSync(scene.path('.muster')).some((name) => name.includes('.replaced-'))).toBe(true)
    })
  })
})

describeWithPostgres('on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())
  beforeEach(() => {
    scene = createScene()
  })
  const database = async () => ({ MUSTER_STORE: await server.database() })

  test('a program moves there and back with its chain as it is, byte for byte', async () => {
    await fill()
    await muster('ledger', 'export', '--output', 'one.jsonl')
    const env = await database()
    expect(await scene.muster(['ledger', 'import', 'one.jsonl'], { env })).toMatchObject({ code: 0 })
    expect(await verified(env)).toBe(await verified())
    expect(await scene.muster(['replay'], { env })).toMatchObject({ code: 0 })
    expect((await scene.muster(['ledger', 'export'], { env })).out).toBe(file('one.jsonl'))
    // What is recorded there goes on from here.
    await fill(env)
    await scene.muster(['ledger', 'export', '--output', 'two.jsonl'], { env })
    expect(await muster('ledger', 'import', 'two.jsonl')).toMatchObject({ code: 0 })
    expect((await muster('ledger', 'export')).out).toBe(file('two.jsonl'))
    expect(file('two.jsonl').startsWith(file('one.jsonl').slice(file('one.jsonl').indexOf('\n')))).toBe(false)
  })

  test('a backup is lines, and restores into another database and into a file', async () => {
    const env = await database()
    await fill(env)
    expect(await scene.muster(['ledger', 'backup', 'copy.jsonl'], { env })).toMatchObject({ code: 0 })
    const other = await database()
    for (const into of [other, {}]) {
      expect(await scene.muster(['ledger', 'restore', 'copy.jsonl'], { env: into })).toMatchObject({ code: 0 })
      expect(await verified(into)).toBe(await verified(env))
    }
    await scene.muster(BLOCKER, { env: other })
    const longer = await verified(other)
    expect(await scene.muster(['ledger', 'restore', 'copy.jsonl'], { env: other })).toMatchObject({ code: 1 })
    const { code, err } = await scene.muster(['ledger', 'restore', 'copy.jsonl', '--replace'], { env: other })
    expect(code).toBe(0)
    expect(await verified(other)).toBe(await verified(env))
    expect(await scene.muster(['ledger', 'restore', /kept in (\S+)/.exec(err)?.[1] ?? ''], { env: other })).toMatchObject({ code: 0 })
    expect(await verified(other)).toBe(longer)
  })

  test('an address that does not work is told without its password', async () => {
    const url = new URL(await server.database())
    url.password = encodeURIComponent(`${PASSWORD}!`)
    writeFileSync(scene.path('address'), `${url.href}\n`)
    for (const env of [{ MUSTER_STORE: url.href }, { MUSTER_STORE_FILE: 'address' }]) {
      const { code, out, err } = await scene.muster(['status'], { env })
      expect([code, out, err]).toEqual([4, '', expect.stringContaining('password authentication failed')])
      for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(err).not.toContain(secret)
    }
    expect(await scene.muster(['status'], { env: { MUSTER_STORE: 'mysql://muster:wr0ng@a/b' } })).toMatchObject({
      code: 4,
      err: expect.not.stringContaining('wr0ng') as string,
    })
    expect(await scene.muster(['status'], { env: { MUSTER_STORE: url.href, MUSTER_STORE_FILE: 'address' } })).toMatchObject({ code: 2 })
    expect(await scene.muster(['status'], { env: { MUSTER_STORE_FILE: 'absent' } })).toMatchObject({ code: 2 })
  })
})
