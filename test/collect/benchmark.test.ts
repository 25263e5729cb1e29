import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { collector } from '#collect/benchmark/index.ts'
import { kind } from '#collect/benchmark/kind.ts'
import type { Asked, ReportScene } from './report-scene.ts'
import { createReportScene, factOf, shown } from './report-scene.ts'

let scene: ReportScene
let asked: Asked
let folder: string

beforeAll(async () => {
  scene = await createReportScene()
  asked = scene.asked(await scene.commit({ 'a.txt': 'a\n' }))
})
afterAll(() => scene.close())
beforeEach(() => {
  folder = `run-${Math.random()}`
  mkdirSync(join(scene.folder, folder), { recursive: true })
})

const collect = (options: Record<string, unknown> = {}) =>
  collector.collect(asked.request(kind.options.parse({ files: `${folder}/*`, ...options })), asked.context)

function facts(fixtures: readonly string[], options: Record<string, unknown> = {}) {
  for (const name of fixtures) {
    const copy = join(scene.folder, folder, name.replace('/', '-'))
    copyFileSync(new URL(`../../src/collect/benchmark/fixtures/${name}`, import.meta.url), copy)
    writeFileSync(`${copy}.commit`, asked.state.commit)
  }
  return collect(options)
}

test('two commands of hyperfine: the change, both ways round, each with its interval', async () => {
  const found = await facts(['hyperfine.json'], { baseline: 'queue-old', current: 'queue-new' })
  const change = factOf(found, 'change')
  const reduction = factOf(found, 'reduction')
  expect(change.value).toBeGreaterThan(-0.13)
  expect(change.value).toBeLessThan(-0.07)
  expect(change.interval?.level).toBe(0.95)
  expect(change.interval?.high).toBeLessThan(0)
  expect(reduction.value).toBe(-Number(change.value))
  expect(reduction.interval).toEqual({ low: -Number(change.interval?.high), high: -Number(change.interval?.low), level: 0.95 })
  expect(factOf(found, 'improvement')).toMatchObject({ value: reduction.value, interval: reduction.interval })
  expect(factOf(found, 'median')).toMatchObject({ status: 'observed' })
  expect(factOf(found, 'runs').value).toBe(20)
})

test('two files of hyperfine give the same as one', async () => {
  const two = await facts(['hyperfine-base.json', 'hyperfine-head.json'], {
    baseline: '**/hyperfine-base.json',
    current: '**/hyperfine-head.json',
  })
  folder = `${folder}-again`
  mkdirSync(join(scene.folder, folder))
  const one = await facts(['hyperfine.json'], { baseline: 'queue-old', current: 'queue-new' })
  expect(shown(two)).toEqual(shown(one))
})

test('where more is better, growth is the improvement', async () => {
  writeFileSync(
    join(scene.folder, folder, 'x.json'),
    '{"unit": "requests", "baseline": [100, 101, 99, 100, 100], "current": [120, 121, 119, 120, 120]}',
  )
  const found = await collect({ better: 'higher' })
  expect(factOf(found, 'improvement').value).toBeCloseTo(0.2)
  expect(factOf(found, 'reduction').value).toBeCloseTo(-0.2)
  expect(factOf(found, 'median')).toMatchObject({ value: 120 })
})

test('milliseconds are told in seconds', async () => {
  const found = await facts(['plain.json'])
  expect(factOf(found, 'median').value).toBeCloseTo(0.11005)
})

test('the same samples and seed give the same facts; no difference is no minus zero', async () => {
  const once = await facts(['plain.json'])
  expect(await collect()).toEqual(once)
  writeFileSync(join(scene.folder, folder, 'plain.json'), '{"unit": "s", "baseline": [2, 2, 2, 2, 2], "current": [2, 2, 2, 2, 2]}')
  expect(Object.is(factOf(await collect(), 'reduction').value, 0)).toBe(true)
})

test.each([
  ['plain-one-sample.json', '1 baseline samples, and at least 5 are needed'],
  ['plain-zero.json', 'the baseline median is 0, so there is no relative change'],
])('%s proves nothing', async (name, reason) => {
  const found = await facts([name])
  for (const fact of ['change', 'reduction', 'improvement', 'p']) expect(shown(found)[fact]).toBe(`inconclusive: ${reason}`)
})

test('runs of a failing command prove nothing', async () => {
  const found = await facts(['hyperfine-failing.json'], { baseline: 'queue-old', current: 'queue-new' })
  expect(shown(found)).toMatchObject({
    change: 'inconclusive: 2 of 20 runs did not end with exit code 0',
    median: 'inconclusive: 2 of 20 runs did not end with exit code 0',
  })
})

test.each(['nan', 'too-large', 'negative', 'duplicate-key', 'truncated', 'html'])(
  '%s: every fact is errored, with its place',
  async (name) => {
    const found = await facts([`bad/${name}.json`])
    expect(found).toHaveLength(7)
    for (const fact of found) expect(fact).toMatchObject({ status: 'errored', reason: expect.stringMatching(/\.json:\d+:\d+: /) })
  },
)

test('samples that a command measured in the checkout, and a baseline that only was committed', async () => {
  const script =
    "import { writeFileSync } from 'node:fs'\nconst side = (n) => Array.from({ length: 9 }, (_, i) => n + i / 100)\nwriteFileSync('bench.json', JSON.stringify({ unit: 'ms', baseline: side(10), current: side(9) }))\n"
  const run = await scene.run({ 'bench.mjs': script }, 'node bench.mjs')
  const options = kind.options.parse({ from: 'tests', files: 'bench.json' })
  expect(factOf(await collector.collect(run.request(options), run.context), 'change').value).toBeCloseTo(-0.0996, 3)
  const kept = await scene.run({ 'bench.json': '{"unit": "ms", "baseline": [9,9,9,9,9], "current": [1,1,1,1,1]}' }, 'true')
  expect(shown(await collector.collect(kept.request(options), kept.context))['change']).toMatch(
    /^missing: the command did not make bench\.json/,
  )
})
