import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collector } from '#collect/coverage/index.ts'
import { kind } from '#collect/coverage/kind.ts'
import type { Asked, ReportScene } from './report-scene.ts'
import { createReportScene, factOf, shown } from './report-scene.ts'

let scene: ReportScene
let asked: Asked

beforeAll(async () => {
  scene = await createReportScene()
  asked = scene.asked(await scene.commit({ 'a.txt': 'a\n' }))
  mkdirSync(scene.folder)
  writeFileSync(join(scene.folder, 'report.commit'), asked.state.commit)
})
afterAll(() => scene.close())

const collect = (options: Record<string, unknown>) => collector.collect(asked.request(kind.options.parse(options)), asked.context)

function facts(fixture: string, options: Record<string, unknown> = {}) {
  copyFileSync(new URL(`../../src/collect/coverage/fixtures/${fixture}`, import.meta.url), join(scene.folder, 'report'))
  return collect({ files: 'report', ...options })
}

function factsOf(text: string) {
  writeFileSync(join(scene.folder, 'report'), text)
  return collect({ files: 'report' })
}

test('shares counted from the lines, with the least covered files named', async () => {
  const found = await facts('gcov.info')
  expect(shown(found)).toEqual({
    lines: 0.75,
    branches: 0.5,
    functions: 0.5,
    files: 2,
    absent: 0,
    changed: expect.stringMatching(/^inconclusive: no line was added against the merge base/),
  })
  expect(factOf(found, 'lines')).toMatchObject({
    details: ['/build/agent/work/lib/other.c: 0 of 1 lines'],
    reason: expect.stringContaining('says 1 of 5 and lists 1 of 2'),
  })
})

test('only the files asked for', async () => {
  expect(shown(await facts('gcov.info', { paths: 'src/**' }))).toMatchObject({ lines: 1, files: 1 })
  expect(shown(await facts('gcov.info', { paths: ['doc/**'] }))['lines']).toBe(
    'missing: none of the 2 source files of the report matches doc/**',
  )
})

test('nothing of nothing is no full coverage', async () => {
  expect(shown(await factsOf('TN:\n'))).toEqual(
    Object.fromEntries(
      ['lines', 'branches', 'functions', 'files', 'absent', 'changed'].map((name) => [name, 'missing: the report holds no source file']),
    ),
  )
  expect(shown(await factsOf('SF:a.c\nLF:90\nLH:90\nend_of_record\n'))).toMatchObject({
    lines: expect.stringMatching(/^inconclusive: the report lists no lines: 0 of 0 prove nothing; the totals of 1 file/),
    branches: expect.stringMatching(/^inconclusive/),
    files: 1,
  })
  expect(shown(await factsOf('<coverage line-rate="1"/>'))['lines']).toBe('missing: the report holds no source file')
})

test('a report cut off is errored with its line', async () => {
  expect(shown(await facts('bad/truncated.info'))).toEqual(
    Object.fromEntries(
      ['lines', 'branches', 'functions', 'files', 'absent', 'changed', 'delta'].map((name) => [
        name,
        'errored: report:3:1: the file ends within the record of src/a.c: it is truncated',
      ]),
    ),
  )
})

test('a real coverage run of node:test in a checkout', async () => {
  const files = {
    'src/queue.mjs': 'export function take(queue) {\n  return queue.shift()\n}\n\nexport function drop() {\n  return undefined\n}\n',
    'src/unused.mjs': 'export const unused = () => 1\n',
    'queue.test.mjs': "import test from 'node:test'\nimport { take } from './src/queue.mjs'\ntest('takes', () => take([1]))\n",
  }
  const run = await scene.run(files, 'node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info')
  const found = await collector.collect(run.request({ from: 'tests', files: 'lcov.info', paths: 'src/**' }), run.context)
  expect(shown(found)).toMatchObject({ functions: 0.5, files: 1, absent: 1 })
  expect(factOf(found, 'absent').details).toEqual(['src/unused.mjs'])
  expect(factOf(found, 'lines').value).toBeGreaterThan(0.4)
  expect(factOf(found, 'lines').value).toBeLessThan(0.8)
})

test('files of one name in two packages are two files', async () => {
  const source = 'export function take(queue) {\n  return queue.shift()\n}\n'
  const files = {
    'packages/a/src/queue.mjs': source,
    'packages/a/queue.test.mjs': "import test from 'node:test'\nimport { take } from './src/queue.mjs'\ntest('takes', () => take([1]))\n",
    'packages/b/src/queue.mjs': source,
    'packages/b/queue.test.mjs': "import test from 'node:test'\nimport './src/queue.mjs'\ntest('nothing', () => {})\n",
  }
  const line =
    'for name in a b; do (cd packages/$name && node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info); done'
  const run = await scene.run(files, line)
  const collectRun = (paths: string) => collector.collect(run.request({ from: 'tests', files: 'packages/*/lcov.info', paths }), run.context)
  expect(shown(await collectRun('packages/*/src/**'))).toMatchObject({ functions: 0.5, files: 2 })
  expect(shown(await collectRun('packages/b/src/**'))).toMatchObject({ functions: 0, files: 1 })
})
