import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD, startPostgres, WITHOUT_POSTGRES, type PostgresServer } from '../contract/postgres-server.ts'
import { createScene } from './scene.ts'

let server: PostgresServer

const whereThereIsOne = WITHOUT_POSTGRES ? (_title: string, _tests: () => void): void => undefined : describe

whereThereIsOne('a ledger on PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  test('a program moves from SQLite and back with its chain as it is', async () => {
    const scene = createScene()
    const database = { MUSTER_STORE: await server.database() }
    const blocker = ['blocker', 'open', '--as', 'lead-a', '--title', 'Disk', '--severity', 'high', '--impact', 'slow']
    expect(await scene.muster(['check'])).toMatchObject({ code: 3 })
    expect(await scene.muster(blocker)).toMatchObject({ code: 0 })
    expect(await scene.muster(['ledger', 'export', '--output', 'one.jsonl'])).toMatchObject({ code: 0 })

    expect(await scene.muster(['ledger', 'import', 'one.jsonl'], { env: database })).toMatchObject({ code: 0 })
    expect((await scene.muster(['verify'], { env: database })).out).toBe((await scene.muster(['verify'])).out)
    expect(await scene.muster(['replay'], { env: database })).toMatchObject({ code: 0 })
    expect(await scene.muster(['ledger', 'export', '--output', 'two.jsonl'], { env: database })).toMatchObject({ code: 0 })
    const lines = readFileSync(scene.path('two.jsonl'), 'utf8')
    expect(lines).toBe(readFileSync(scene.path('one.jsonl'), 'utf8'))

    // What is recorded there goes on from here, and what went its own way is refused.
    expect(await scene.muster(['check'], { env: database })).toMatchObject({ code: 3 })
    expect(await scene.muster(['ledger', 'export', '--output', 'three.jsonl'], { env: database })).toMatchObject({ code: 0 })
    expect(await scene.muster(['ledger', 'import', 'three.jsonl'])).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^2 records taken over/) as string,
    })
    expect((await scene.muster(['verify'], { env: database })).out).toBe((await scene.muster(['verify'])).out)
    expect(await scene.muster(['ledger', 'import', 'two.jsonl'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('it ends before record') as string,
    })

    const before = (await scene.muster(['verify'])).out
    const bad = { edited: lines.replace('"slow"', '"fast"'), cut: lines.slice(0, -40), none: 'no json\n', empty: '' }
    for (const [name, text] of Object.entries(bad)) {
      writeFileSync(scene.path(`${name}.jsonl`), text)
      const { code, err } = await scene.muster(['ledger', 'import', `${name}.jsonl`], { env: { MUSTER_STORE: await server.database() } })
      expect([name, code, err.includes('taken over')]).toEqual([name, name === 'empty' ? 0 : name === 'edited' ? 1 : 2, name !== 'empty'])
    }
    expect((await scene.muster(['verify'])).out).toBe(before)
    expect(await scene.muster(['ledger', 'import', 'absent.jsonl'])).toMatchObject({ code: 2 })
  })

  test('an address that does not work is told without its password', async () => {
    const scene = createScene()
    const url = new URL(await server.database())
    url.password = encodeURIComponent(`${PASSWORD}!`)
    const { code, out, err } = await scene.muster(['status'], { env: { MUSTER_STORE: url.href } })
    expect(code).toBe(4)
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(out + err).not.toContain(secret)
    expect(await scene.muster(['status'], { env: { MUSTER_STORE: 'mysql://a/b' } })).toMatchObject({
      code: 4,
      err: expect.stringContaining('no PostgreSQL URL') as string,
    })
    writeFileSync(scene.path('address'), `${await server.database()}\n`)
    expect(await scene.muster(['status'], { env: { MUSTER_STORE_FILE: 'address' } })).toMatchObject({ code: 0 })
  })
})
