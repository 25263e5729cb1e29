import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openSqlite } from '#store/sqlite.ts'
import { wrongs } from './inspect.ts'
import { acknowledged, start, temporaryFolder } from './processes.ts'
import { buildRecorder, describeWithRecorder } from './recorder.ts'

const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)

interface Outcome {
  readonly round: number
  readonly armed: string
  readonly name?: string
  readonly code?: string
  readonly remedy?: string
}

describeWithRecorder('a disk that fails', () => {
  test(`is told as such, nothing is acknowledged, and work goes on once it is well (seed ${SEED})`, async () => {
    const folder = temporaryFolder()
    const root = join(folder, 'disk')
    mkdirSync(root)
    writeFileSync(join(root, 'fault'), '-')
    const [file, acks] = [join(root, 'ledger.sqlite'), join(root, 'acks')]
    const running = start('faulty.ts', [file, acks, join(root, 'fault'), String(SEED), '150'], {
      LD_PRELOAD: buildRecorder(folder),
      CRASH_ROOT: root,
    })
    const said = running.child.stdout ? text(running.child.stdout) : Promise.resolve('')
    expect([await running.ended, running.errors()]).toEqual([0, ''])
    const outcomes = (await said)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome)
    const failed = outcomes.filter(({ name }) => name !== undefined)
    expect(failed.filter(({ name }) => name !== 'StoreError')).toEqual([])
    expect(failed.filter(({ code }) => code !== 'inaccessible' && code !== 'full')).toEqual([])
    expect(failed.length).toBeGreaterThan(40)
    // Whoever reads it looks at the disk, or, where not even a file can be made, at the right to make one.
    const written = failed.filter(({ armed }) => !armed.startsWith('create'))
    expect(written.filter(({ remedy }) => !/disk|space/.test(remedy ?? ''))).toEqual([])
    expect(failed.some(({ code }) => code === 'full')).toBe(true)
    const store = await openSqlite(file)
    expect(await wrongs(store, 'p0', acknowledged(acks).get('p0') ?? [])).toEqual([])
    await store.close()
  })
})
