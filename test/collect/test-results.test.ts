import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
