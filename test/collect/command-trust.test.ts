import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createRunner } from '#collect/command/runner.ts'
import { createTrust, inspect, TrustFileError, type Inspection, type TrustEntry } from '#collect/command/trust.ts'
import { createScene, requestFor, type Files, type Present, type Scene } from './command-repository.ts'

let scene: Scene
let folder: string
let file: string

const base: Files = {
  'package.json': JSON.stringify({ scripts: { test: 'sh scripts/test.sh', other: 'true' } }),
  'scripts/test.sh': 'echo tested',
  'src/reader.ts': 'export const a = 1',
}

beforeAll(async () => {
  scene = await createScene()
})
afterAll(() => scene.close())
beforeEach(async () => {
  folder = join(scene.folder, `state-${Math.random()}`, 'muster')
  file = join(folder, 'trust.json')
})

const look = async (state: Present, run = 'npm test', more: Parameters<typeof requestFor>[2] = {}): Promise<Inspection> =>
  inspect(scene.repository, requestFor(state, run, more))
const entryFor = ({ digest, run, folder: where }: Inspection, repository = 'here'): TrustEntry => ({
  digest,
  run,
  folder: where,
  repository,
  trustedAt: '2026-02-25T15:00:00Z',
  by: 'lead-a',
})

test('inspect tells all that would run', async () => {
  const inspection = await look(await scene.commit(base), 'npm test', { setup: 'npm ci', environment: { MODE: 'fast' } })
  expect(inspection).toMatchObject({ run: 'npm test', setup: 'npm ci', folder: '.', environment: { MODE: 'fast' } })
  expect(inspection.reached).toEqual([
    { path: 'package.json#scripts.test', text: 'sh scripts/test.sh' },
    { path: 'scripts/test.sh', oid: expect.stringMatching(/^[0-9a-f]{40}$/) as string },
  ])
  expect(inspection.digest).toMatch(/^[0-9a-f]{64}$/)
})

test('the digest follows line, setup, folder, environment and scripts, and nothing else of the tree', async () => {
  const first = await look(await scene.commit(base))
  const unrelated = await scene.commit({
    ...base,
    'src/reader.ts': 'export const a = 2',
    'package.json': JSON.stringify({ version: '2.0.0', scripts: { test: 'sh scripts/test.sh', other: 'false' } }),
  })
  expect((await look(unrelated)).digest).toBe(first.digest)
  const others = [
    await look(await scene.commit({ ...base, 'scripts/test.sh': 'echo changed' })),
    await look(await scene.commit({ ...base, 'package.json': JSON.stringify({ scripts: { test: 'sh scripts/test.sh --fast' } }) })),
    await look(
      await scene.commit({ ...base, 'package.json': JSON.stringify({ scripts: { pretest: 'true', test: 'sh scripts/test.sh' } }) }),
    ),
    await look(unrelated, 'npm test '),
    await look(unrelated, 'npm test', { setup: 'npm ci' }),
    await look(unrelated, 'npm test', { folder: 'src' }),
    await look(unrelated, 'npm test', { environment: { MODE: 'fast' } }),
  ]
  expect(new Set([first, ...others].map(({ digest }) => digest)).size).toBe(others.length + 1)
})

test('an untrusted command does not run and says how to trust it; trusted, it does; changed, it asks again', async () => {
  const marker = join(scene.folder, 'marker')
  const trust = createTrust({ file, repository: 'here' })
  const runner = createRunner({ repository: scene.repository, folder: join(scene.folder, 'runs'), trust, environment: process.env })
  const signal = new AbortController().signal
  const before = await scene.commit({ ...base, 'mark.sh': `echo run >> ${marker}` })
  const request = requestFor(before, 'sh mark.sh')
  const refused = await runner.run(request, signal)
  expect(refused).toMatchObject({ outcome: 'untrusted', reason: expect.stringContaining('muster trust') as string })
  expect(existsSync(marker)).toBe(false)
  const inspection = await look(before, 'sh mark.sh')
  expect(refused).toMatchObject({ digest: inspection.digest })
  await trust.add([entryFor(inspection)])
  expect(await runner.run(request, signal)).toMatchObject({ outcome: 'ended', exitCode: 0 })
  expect(await readFile(marker, 'utf8')).toBe('run\n')
  const after = await scene.commit({ ...base, 'mark.sh': `echo other >> ${marker}` })
  expect(await runner.run(requestFor(after, 'sh mark.sh'), signal)).toMatchObject({ outcome: 'untrusted' })
  expect(await readFile(marker, 'utf8')).toBe('run\n')
  await runner.close()
})

test('the file is kept whole, private and without leftovers', async () => {
  const trust = createTrust({ file, repository: 'here' })
  const state = await scene.commit(base)
  const [a, b] = [await look(state, 'true'), await look(state, 'false')]
  expect(await trust.isTrusted(a.digest)).toBe(false)
  await Promise.all([trust.add([entryFor(a)]), trust.add([entryFor(b), entryFor(a)])])
  expect(await Promise.all([a, b].map(({ digest }) => trust.isTrusted(digest)))).toEqual([true, true])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['trust.json'])
  const kept = JSON.parse(await readFile(file, 'utf8')) as { readonly entries: readonly TrustEntry[] }
  expect(kept.entries.map(({ run }) => run).toSorted()).toEqual(['false', 'true'])
})

test('trust given in one repository does not hold in another; a digest given by hand does', async () => {
  const inspection = await look(await scene.commit(base))
  await createTrust({ file, repository: 'here' }).add([entryFor(inspection)])
  expect(await createTrust({ file, repository: 'there' }).isTrusted(inspection.digest)).toBe(false)
  expect(await createTrust({ file, repository: 'there', also: [inspection.digest] }).isTrusted(inspection.digest)).toBe(true)
})

test.each([
  ['others may write', async () => chmod(file, 0o666), 'chmod 600'],
  ['is no JSON', async () => writeFile(file, '{"version": 1, "entr'), 'no trust file'],
  ['holds something else', async () => writeFile(file, '{"version": 2, "entries": []}'), 'no trust file'],
])('a file that %s is not relied on', async (_name, spoil, remedy) => {
  await mkdir(folder, { recursive: true })
  await writeFile(file, '{"version": 1, "entries": []}', { mode: 0o600 })
  await spoil()
  const trust = createTrust({ file, repository: 'here' })
  await expect(trust.isTrusted('0'.repeat(64))).rejects.toThrow(TrustFileError)
  const runner = createRunner({ repository: scene.repository, folder: join(scene.folder, 'runs'), trust, environment: process.env })
  const result = await runner.run(requestFor(await scene.commit(base), 'true'), new AbortController().signal)
  expect(result).toMatchObject({ outcome: 'untrusted', reason: expect.stringContaining(remedy) as string })
  await runner.close()
})
