import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kind as sarifKind } from '#collect/sarif/kind.ts'
import { collector as sarif } from '#collect/sarif/index.ts'
import { collector as size } from '#collect/size/index.ts'
import { kind as sizeKind } from '#collect/size/kind.ts'
import { factOf, shown } from './report-scene.ts'
import type { Asked, ReportScene } from './report-scene.ts'
import { createReportScene } from './report-scene.ts'

let scene: ReportScene
let asked: Asked

beforeAll(async () => {
  scene = await createReportScene()
  asked = scene.asked(await scene.commit({ 'a.txt': 'a\n' }))
  for (const folder of ['out', 'head', 'base']) mkdirSync(join(scene.folder, folder), { recursive: true })
  const bind = (path: string): void => writeFileSync(join(scene.folder, `${path}.commit`), asked.state.commit)
  for (const [name, bytes] of [
    ['profile.bin', 350],
    ['default.bin', 1_000],
  ] as const) {
    writeFileSync(join(scene.folder, 'out', name), Buffer.alloc(bytes))
    bind(`out/${name}`)
  }
  const fixture = (kind: string, name: string): URL => new URL(`../../src/collect/${kind}/fixtures/${name}`, import.meta.url)
  copyFileSync(fixture('size', 'stats.json'), join(scene.folder, 'out/stats.json'))
  bind('out/stats.json')
  for (const side of ['head', 'base']) {
    copyFileSync(fixture('sarif', `ruff-${side}.sarif`), join(scene.folder, side, 'ruff.sarif'))
    bind(`${side}/ruff.sarif`)
  }
  copyFileSync(fixture('sarif', 'bad/failed.sarif'), join(scene.folder, 'out/failed.sarif'))
  bind('out/failed.sarif')
})
afterAll(() => scene.close())

const sizes = (options: Record<string, unknown>) => size.collect(asked.request(sizeKind.options.parse(options)), asked.context)
const results = (options: Record<string, unknown>) => sarif.collect(asked.request(sarifKind.options.parse(options)), asked.context)

test('files of a run, and how far they lie under other files of it', async () => {
  const found = await sizes({ files: 'out/profile.bin', baseline: { files: 'out/default.bin' } })
  expect(shown(found)).toMatchObject({ bytes: 350, files: 1, change: expect.closeTo(-0.65), reduction: expect.closeTo(0.65) })
  expect(factOf(found, 'bytes').sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(shown(await sizes({ files: 'out/profile.bin', baseline: { files: 'out/none.bin' } }))).toMatchObject({
    bytes: 350,
    reduction: 'missing: baseline: no file matches',
  })
  expect(shown(await sizes({ files: 'out/none.bin', baseline: { files: 'out/default.bin' } }))).toMatchObject({
    bytes: 'missing: no file matches',
  })
})

test('a number in a file, and why there is none', async () => {
  expect(shown(await sizes({ files: 'out/stats.json', value: '/assets/1/size', baseline: { value: '/assets/0/size' } }))).toMatchObject({
    value: 350,
    reduction: expect.closeTo(0.65),
  })
  expect(shown(await sizes({ files: 'out/stats.json', value: '/assets/7' }))).toMatchObject({
    value: expect.stringMatching(/^missing: out\/stats\.json:2:13: /),
  })
  expect(shown(await sizes({ files: 'out/stats.json', value: '/minus' }))).toMatchObject({
    value: expect.stringMatching(/^errored: out\/stats\.json:17:12: /),
  })
})

test('results by level, those that the target branch does not have, and a run that failed', async () => {
  expect(shown(await results({ files: 'head/*.sarif', base: { files: 'base/*.sarif' } }))).toMatchObject({
    errors: 7,
    new: 2,
    'errors.new': 2,
  })
  expect(shown(await results({ files: 'head/*.sarif', base: { files: 'none/*.sarif' } }))).toMatchObject({
    errors: 7,
    new: expect.stringMatching(/^missing: there is no report of the target branch/),
  })
  for (const fact of await results({ files: 'out/failed.sarif' }))
    expect(fact).toMatchObject({
      status: 'errored',
      reason: expect.stringMatching(/^out\/failed\.sarif:\d+:\d+: T: the run failed: out of memory$/),
    })
})

test('paths of a checkout in a temporary folder are told from its root', async () => {
  const script = `import { writeFileSync } from 'node:fs'
const location = { physicalLocation: { artifactLocation: { uri: 'file://' + process.cwd() + '/src/a.py' }, region: { startLine: 3 } } }
const results = [{ ruleId: 'E1', level: 'error', message: { text: 'No.' }, locations: [location] }]
writeFileSync('lint.sarif', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'lint' } }, results }] }))
`
  const run = await scene.run({ 'lint.mjs': script }, 'node lint.mjs')
  const found = await sarif.collect(run.request(sarifKind.options.parse({ from: 'tests', files: 'lint.sarif' })), run.context)
  expect(factOf(found, 'errors')).toMatchObject({ value: 1, details: ['error E1 src/a.py:3 No.'] })
})
