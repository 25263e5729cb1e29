import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collector } from '#collect/junit/index.ts'
import { kind } from '#collect/junit/kind.ts'
import type { Asked, ReportScene } from './report-scene.ts'
import { createReportScene, factOf, shown } from './report-scene.ts'

let scene: ReportScene
let asked: Asked

beforeAll(async () => {
  scene = await createReportScene()
  asked = scene.asked(await scene.commit({ 'a.txt': 'a\n' }))
  mkdirSync(scene.folder)
  writeFileSync(join(scene.folder, 'junit.xml.commit'), asked.state.commit)
})
afterAll(() => scene.close())

function facts(fixture: string, options: Record<string, unknown> = {}) {
  copyFileSync(new URL(`../../src/collect/junit/fixtures/${fixture}`, import.meta.url), join(scene.folder, 'junit.xml'))
  return collector.collect(asked.request(kind.options.parse({ files: 'junit.xml', ...options })), asked.context)
}

test('a suite with failures, a skip and a flaky case', async () => {
  const found = await facts('surefire.xml')
  expect(shown(found)).toEqual({ total: 5, passed: 2, failed: 2, errors: 1, skipped: 1, flaky: 1, ratio: 0.4, seconds: 1204.51 })
  expect(factOf(found, 'failed').details?.[0]).toBe('failed: org.example.QueueTest > dropsOldest - expected: <2> but was: <3>')
})

test('a skip that is said and not listed is no pass', async () => {
  const found = await facts('libtest.xml')
  expect(shown(found)).toMatchObject({ total: 2, passed: 1, skipped: 1, ratio: 1 / 3 })
  expect(factOf(found, 'skipped').reason).toBe(
    'the report says 1 skipped and lists 0; suite test says tests=3 and lists 2 (the list counts)',
  )
})

test('a suite that failed to load fails, though every case listed passed', async () => {
  const found = await facts('jest-suite-fails.xml')
  expect(shown(found)).toMatchObject({ passed: 2, failed: 1, ratio: 2 / 3 })
  expect(factOf(found, 'failed').reason).toBe('the report says 1 failed and lists 0')
})

test('what a source selects', async () => {
  expect(shown(await facts('vitest.xml', { suite: 'queue*', cases: 'queue > *' }))).toMatchObject({
    total: 4,
    passed: 1,
    failed: 1,
    skipped: 2,
  })
  expect(shown(await facts('pytest.xml', { properties: { area: 'que*' } }))).toMatchObject({ total: 1, failed: 1 })
})

test('a selection without cases is missing evidence, never all of nothing', async () => {
  for (const value of Object.values(shown(await facts('vitest.xml', { cases: 'nowhere' })))) {
    expect(value).toBe("missing: none of the 6 test cases of the report matches the source's options")
  }
})

test.each(['empty', 'truncated', 'html', 'two-roots', 'entity-bomb', 'nul', 'not-xml'])('%s: every fact is errored', async (name) => {
  const found = await facts(`bad/${name}.xml`)
  expect(found).toHaveLength(Object.keys(kind.metrics).length)
  for (const fact of found) {
    expect(fact).not.toHaveProperty('value')
    expect(fact).toMatchObject({
      status: 'errored',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      reason: expect.stringMatching(/^junit\.xml:\d+:\d+: /),
    })
  }
})

test('a report made to fill the memory is read in little of it', () => {
  const program = `
    import { junitReader } from '#collect/junit/parse.ts'
    const reader = junitReader()
    const write = (text) => reader.write(Buffer.from(text))
    write('<testsuite><testcase name="a"/><!--')
    for (let piece = 0; piece < 500; piece += 1) write('- '.repeat(30_000))
    write('--><system-out><![CDATA[')
    for (let piece = 0; piece < 500; piece += 1) write('] '.repeat(30_000))
    write(']]></system-out></testsuite>')
    const outcome = reader.end()
    console.log(outcome.ok ? outcome.value.cases.size : outcome.reason)`
  const output = execFileSync(process.execPath, ['-C', 'source', '--max-old-space-size=128', '--input-type=module', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  })
  expect(output).toBe('1\n')
})

test('options with a key or a pattern that cannot be are refused', () => {
  for (const options of [{}, { files: [] }, { files: '../x' }, { files: 'x', suit: 'a' }, { files: 'x', cases: '' }, { files: '/x' }]) {
    expect(kind.options.safeParse(options).success).toBe(false)
  }
  expect(kind.options.safeParse({ files: 'reports/${commit}/*.xml', from: 'tests', suite: 'a/**' }).success).toBe(true)
})

test('a real run of node:test in a checkout', async () => {
  const suite = `import test from 'node:test'\nimport assert from 'node:assert'\ntest('adds', () => assert.equal(1 + 1, 2))\ntest('later', { skip: true }, () => {})\ntest('breaks', () => assert.fail('broken \\u001b[31mred'))\n`
  const run = await scene.run({ 'sum.test.mjs': suite }, 'node --test --test-reporter=junit --test-reporter-destination=junit.xml')
  const found = await collector.collect(run.request({ from: 'tests', files: 'junit.xml' }), run.context)
  expect(shown(found)).toMatchObject({ total: 3, passed: 1, failed: 1, skipped: 1, ratio: 1 / 3 })
  expect(factOf(found, 'failed').details?.[0]).toMatch(/^failed: test > breaks - broken/)
})
