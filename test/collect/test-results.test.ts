import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCollector } from '#collect/registry.ts'
import type { Collector } from '#core/evidence/collector.ts'
import type { ReportScene } from './report-scene.ts'
import { createReportScene, factOf, shown } from './report-scene.ts'

let scene: ReportScene

beforeAll(async () => {
  scene = await createReportScene()
  mkdirSync(scene.folder, { recursive: true })
})
afterAll(() => scene.close())

const collector = async (kind: string): Promise<Collector> => {
  const found = await loadCollector(kind)
  if (!found) throw new Error(`no collector ${kind}`)
  return found
}

const SUITE = `import test, { describe, it } from 'node:test'
import assert from 'node:assert'
describe('queue', () => {
  it('adds', () => assert.equal(1 + 1, 2))
  it('drops oldest', () => assert.fail('kept'))
})
test('later', { skip: 'no device' }, () => {})
`

test('a real run that writes TAP, against what the target branch wrote', async () => {
  const run = await scene.run({ 'queue.test.mjs': SUITE }, 'node --test --test-reporter=tap --test-reporter-destination=out.tap')
  writeFileSync(
    join(scene.folder, 'base.tap'),
    'TAP version 14\n# Subtest: queue\n    ok 1 - adds\n    ok 2 - drops oldest\n    ok 3 - closes\n    1..3\nok 1 - queue\nok 2 - later\n1..2\n',
  )
  writeFileSync(join(scene.folder, 'base.tap.commit'), run.state.commit)
  const found = await (
    await collector('tap')
  ).collect(run.request({ from: 'tests', files: 'out.tap', expect: ['queue'], base: { files: 'base.tap' } }), run.context)
  expect(shown(found)).toMatchObject({
    total: 3,
    passed: 1,
    failed: 1,
    skipped: 1,
    ratio: 1 / 3,
    added: 0,
    removed: 1,
    'skipped.new': 1,
    emptied: 0,
    'failing.still': 0,
    'failing.new': 1,
  })
  expect(factOf(found, 'failed').details?.[0]).toBe('failed: queue > drops oldest - kept')
  expect(factOf(found, 'removed').details).toEqual(['queue > closes'])
})

describe('go: the tree says which packages must have a result', () => {
  const GO = {
    'go.mod': 'module example.org/depot\n',
    'a/a_test.go': 'package a\n',
    'b/b_test.go': 'package b\n',
    'none/none.go': 'package none\n',
    'slow/slow_test.go': '//go:build slow\n\npackage slow\n',
    'a/testdata/x/x_test.go': 'package x\n',
  }
  const passed = (name: string): string =>
    [
      { Action: 'run', Package: name, Test: 'TestOne' },
      { Action: 'pass', Package: name, Test: 'TestOne' },
      { Action: 'pass', Package: name },
    ]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('')

  async function facts(report: string, options: object = {}) {
    const state = await scene.commit(GO)
    const path = `${state.commit}-${Math.random()}.jsonl`
    writeFileSync(join(scene.folder, path), report)
    const asked = scene.asked(state)
    return (await collector('go-test')).collect(asked.request({ files: path, ...options }, { bound: true }), asked.context)
  }
  const [A, B] = [passed('example.org/depot/a'), passed('example.org/depot/b')]

  test('a report that was cut between two packages is missing evidence', async () => {
    const found = await facts(A)
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['missing']))
    expect(factOf(found, 'ratio').reason).toBe(
      'no result of example.org/depot/b, which the tree has tests of (where less is meant to run, name it in "expect"); the others: 1 test cases, 0 failed; no result of example.org/depot/slow, whose tests all have build constraints',
    )
  })

  test('a whole one counts, and so does a package in which no test ran', async () => {
    expect(factOf(await facts(A + B), 'ratio')).toMatchObject({ value: 1, reason: expect.stringContaining('depot/slow') as string })
    expect(factOf(await facts(`${A}{"Action":"pass","Package":"example.org/depot/b"}\n`), 'total').value).toBe(1)
    expect(factOf(await facts(`${A}FAIL\texample.org/depot/b [build failed]\n`), 'failed').value).toBe(1)
  })

  test('what is meant to run is said in expect, or chosen by suite', async () => {
    expect(factOf(await facts(A, { expect: ['example.org/depot/a'] }), 'ratio').value).toBe(1)
    expect(factOf(await facts(A, { suite: '**/a' }), 'ratio').value).toBe(1)
    expect(factOf(await facts(A, { suite: '**/depot/*' }), 'ratio').status).toBe('missing')
  })
})

test('a report that ends early is errored with its place, for every fact', async () => {
  const asked = scene.asked(await scene.commit({ 'a.txt': 'a\n' }))
  writeFileSync(join(scene.folder, 'cut.jsonl'), '{"Action":"run","Package":"depot","Test":"TestAdds"}\n')
  for (const fact of await (await collector('go-test')).collect(asked.request({ files: 'cut.jsonl' }), asked.context)) {
    expect(fact).toMatchObject({ status: 'errored', reason: 'cut.jsonl:1:1: incomplete: read up to line 1: package depot has no result' })
  }
})

test('a long report of Go is read in little memory', () => {
  const program = `
    import { goTestReader } from '#collect/go-test/parse.ts'
    const reader = goTestReader()
    for (let one = 0; one < 40; one += 1) {
      const event = (Action, more) => JSON.stringify({ Time: '2026-11-22T21:32:33.246118448Z', Action, Package: 'depot/' + one, ...more }) + '\\n'
      for (let test = 0; test < 500; test += 1) {
        const output = event('output', { Test: 'Test' + test, Output: 'words '.repeat(400) })
        reader.write(Buffer.from(event('run', { Test: 'Test' + test }) + output + event('pass', { Test: 'Test' + test, Elapsed: 0 })))
      }
      reader.write(Buffer.from(event('pass', { Elapsed: 1 })))
    }
    const outcome = reader.end()
    console.log(outcome.ok ? outcome.value.cases.size : outcome.reason)`
  const output = execFileSync(process.execPath, ['-C', 'source', '--max-old-space-size=32', '--input-type=module', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  })
  expect(output).toBe('20000\n')
})
