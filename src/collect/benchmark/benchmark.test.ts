import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '#core/evidence/collector.ts'
import { median } from '#core/evidence/statistics.ts'
import type { ReadFile } from '#collect/reports/report.ts'
import type { Outcome } from '#collect/scan/text.ts'
import { headOf } from '#collect/scan/text.ts'
import { options } from './kind.ts'
import type { BenchmarkFile } from './model.ts'
import { report } from './report.ts'
import { sidesOf } from './sides.ts'
import { directionOf, factorOf } from './unit.ts'

const FIXTURES = new URL('fixtures/', import.meta.url)
const bytesOf = (path: string): Uint8Array => readFileSync(new URL(path, FIXTURES))
const good = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /\.(?:json|txt|js)$/.test(path) && !path.startsWith('bad/') && path !== 'vitest-5-failed.json')
  .toSorted()

const asked = (more: Readonly<Record<string, unknown>> = {}) => options.parse({ files: '*', ...more })

function read(
  path: string,
  bytes: Uint8Array,
  as?: string,
  size = Math.max(1, bytes.length),
): Outcome<BenchmarkFile> & { format?: string } {
  const head = headOf(path, bytes)
  const format = report.formats.find((one) => (as === undefined ? one.recognises(head) : one.name === as))
  if (!format) return { ok: false, line: 1, column: 1, reason: 'no format' }
  const parser = format.open(asked())
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size))
  return { ...parser.end(), format: format.name }
}

const readText = (text: string, as: string, size?: number) => read('x', new TextEncoder().encode(text), as, size)

function files(...paths: readonly string[]): ReadFile<BenchmarkFile>[] {
  return paths.map((path) => {
    const outcome = read(path, bytesOf(path))
    if (!outcome.ok) throw new Error(`${path}: ${outcome.reason}`)
    return { path, value: outcome.value }
  })
}

const matching = (start: string): string[] => good.filter((path) => path.startsWith(start))

function factsOf(
  paths: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
  base?: readonly string[],
): Readonly<Record<string, Fact>> {
  const chosen = asked({ ...more, ...(base && { base: { files: '*' } }) })
  const summary = report.summarise(files(...paths), chosen, { root: '/' }, base && files(...base))
  const facts = report.facts(summary, chosen, { common: { source: 'x' }, remarks: [], seed: 1 })
  return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
}

const plainFile = (name: string, baseline: readonly number[], current: readonly number[], unit = 'ms'): ReadFile<BenchmarkFile> => ({
  path: `${name}.json`,
  value: {
    benchmarks: [
      { name, metric: 'samples', unit, side: 'baseline', samples: baseline },
      { name, metric: 'samples', unit, side: 'current', samples: current },
    ],
  },
})

function factsOfFiles(
  all: readonly ReadFile<BenchmarkFile>[],
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, Fact>> {
  const chosen = asked(more)
  const facts = report.facts(sidesOf(all, chosen), chosen, { common: { source: 'x' }, remarks: [], seed: 1 })
  return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
}

const around = (middle: number): number[] => [0.99, 0.995, 1, 1, 1.005, 1.01].map((share) => share * middle)

describe('every format is told by its content', () => {
  test.each([
    ['hyperfine.json', 'hyperfine'],
    ['hyperfine-1.15.json', 'hyperfine'],
    ['plain.json', 'benchmark-plain'],
    ['criterion/parse/new/sample.json', 'criterion'],
    ['criterion/parse/new/estimates.json', 'criterion'],
    ['criterion/parse/new/benchmark.json', 'criterion'],
    ['criterion/parse/new/tukey.json', 'criterion'],
    ['go-base.txt', 'go-bench'],
    ['pytest-base.json', 'pytest-benchmark'],
    ['vitest-5.json', 'vitest-bench'],
    ['vitest-3.json', 'vitest-bench'],
    ['jmh-base.json', 'jmh'],
    ['k6/base-1.json', 'k6'],
    ['k6-export.json', 'k6'],
    ['google.json', 'google-benchmark'],
    ['history.js', 'benchmark-history'],
  ])('%s is %s', (path, name) => expect(read(path, bytesOf(path)).format).toBe(name))

  test.each(good)('%s is recognised by one format alone and read', (path) => {
    const head = headOf(path, bytesOf(path))
    expect(report.formats.filter((one) => one.recognises(head))).toHaveLength(1)
    expect(read(path, bytesOf(path)).ok).toBe(true)
  })
})

const first = (path: string) => files(path)[0]?.value.benchmarks ?? []
const inBrief = (path: string) => first(path).map(({ name, metric, unit, samples }) => [name, metric, unit, samples.length])

describe('what is read', () => {
  test('go: each run a sample, each unit a quantity', () => {
    expect(inBrief('go-base.txt').slice(0, 6)).toEqual([
      ['example.org/queue.BenchmarkParse-2', 'ns/op', 'ns/op', 6],
      ['example.org/queue.BenchmarkParse-2', 'MB/s', 'MB/s', 6],
      ['example.org/queue.BenchmarkParse-2', 'parts/op', 'parts/op', 6],
      ['example.org/queue.BenchmarkParse-2', 'B/op', 'B/op', 6],
      ['example.org/queue.BenchmarkParse-2', 'allocs/op', 'allocs/op', 6],
      ['example.org/queue.BenchmarkSum/n=64-2', 'ns/op', 'ns/op', 6],
    ])
    expect(first('go-base.txt')[0]?.samples).toEqual([5346, 5461, 5689, 5858, 6356, 7045])
  })

  test('google-benchmark: repetitions, not their aggregates; one that was not run is in doubt', () => {
    expect(inBrief('google.json').slice(0, 4)).toEqual([
      ['Sum/64', 'real_time', 'ns', 8],
      ['Sum/64', 'cpu_time', 'ns', 8],
      ['Sum/64', 'items_per_second', 'items/s', 8],
      ['Sum/64', 'width', '', 8],
    ])
    expect(first('google.json').find(({ name }) => name === 'Broken')?.doubt).toBe('it was not run: no device')
    expect(first('google-aggregates.json')[0]).toMatchObject({ name: 'Sum/64', isAggregate: true, samples: { length: 1 } })
  })

  test('pytest-benchmark, vitest, jmh', () => {
    expect(inBrief('pytest-base.json')[1]).toEqual(['test_queue.py::test_sum[64]', 'time', 's', 30])
    expect(first('pytest-aggregates.json')[1]).toMatchObject({ isAggregate: true })
    expect(inBrief('vitest-5.json')).toEqual([
      ['parse > split', 'time', 'ms', 14],
      ['parse > split', 'throughput', 'ops/s', 14],
      ['parse > regular expression', 'time', 'ms', 14],
      ['parse > regular expression', 'throughput', 'ops/s', 14],
    ])
    expect(inBrief('vitest-3.json')).toEqual([['queue.bench.ts > parse > split', 'time', 'ms', 1]])
    expect(inBrief('jmh-base.json')).toEqual([
      ['org.example.QueueBench.parse (size=64)', 'thrpt', 'ops/s', 10],
      ['org.example.QueueBench.parse (size=64)', 'gc.alloc.rate.norm', 'B/op', 10],
      ['org.example.QueueBench.sum', 'avgt', 'us/op', 10],
    ])
  })

  test('k6: the same of both shapes', () => {
    expect(inBrief('k6/base-1.json').slice(0, 2)).toEqual([
      ['http_req_duration', 'med', 'ms', 1],
      ['http_req_duration', 'avg', 'ms', 1],
    ])
    const trends = (path: string) => inBrief(path).filter(([name]) => name === 'http_req_duration' || name === 'http_reqs')
    expect(trends('k6-export.json')).toEqual(trends('k6/base-1.json'))
  })

  test('a history is about the commit of its last run, and compares it with those before', () => {
    const [file] = files('history.js')
    const format = report.formats.find(({ name }) => name === 'benchmark-history')
    expect(file && format?.declares?.(file.value).commits).toEqual([(99).toString(16).padStart(40, '0')])
    const { change, runs } = factsOf(['history.js'])
    expect(change?.value).toBeCloseTo(-0.1, 1)
    expect(runs?.value).toBe(6)
    expect(factsOf(['history-one-run.js'])['change']).toMatchObject({ status: 'inconclusive' })
  })
})

describe('which samples are compared', () => {
  test('the two keys of the plain format', () => {
    expect(sidesOf(files('plain.json'), {})).toMatchObject({
      ok: true,
      pairs: [
        {
          unit: 'ms',
          better: 'lower',
          baseline: { samples: [120.1, 119.8, 121, 120.4, 119.9, 120.6] },
          current: { samples: { length: 6 } },
        },
      ],
    })
  })

  test('two commands of one hyperfine file', () => {
    expect(sidesOf(files('hyperfine.json'), { baseline: 'queue-old', current: 'queue-new' })).toMatchObject({
      ok: true,
      pairs: [{ name: 'queue-new', unit: 's', baseline: { samples: { length: 20 } }, current: { samples: { length: 20 } } }],
    })
  })

  test('files by glob, also several runs a side', () => {
    const sides = sidesOf(files('hyperfine-base.json', 'hyperfine-head.json'), { baseline: 'hyperfine-base.json', current: '*-head.json' })
    expect(sides).toMatchObject({ ok: true, pairs: [{ baseline: { samples: { length: 20 } } }] })
    const runs = sidesOf(files(...matching('k6/')), {
      baseline: 'k6/base-*',
      current: 'k6/head-*',
      benchmark: 'http_req_duration',
      metric: 'p(95)',
    })
    expect(runs).toMatchObject({
      ok: true,
      pairs: [{ metric: 'p(95)', baseline: { samples: { length: 5 } }, current: { samples: { length: 5 } } }],
    })
  })

  test('base and new of criterion, whatever else lies there', () => {
    const sides = sidesOf(files(...matching('criterion/')), {})
    expect(sides).toMatchObject({
      ok: true,
      pairs: [
        { name: 'parse', unit: 'ns', baseline: { samples: { length: 12 } }, current: { samples: { length: 12 } } },
        { name: 'sum/64' },
      ],
    })
    const part = files('criterion/parse/new/estimates.json')[0]?.value.part
    const estimated = part?.part === 'estimates' ? part.median : undefined
    expect(median(sides.ok ? (sides.pairs[0]?.current.samples ?? []) : [])).toBeCloseTo(Number(estimated), 6)
  })

  test('what criterion leaves after an ordinary run is that run twice, and no comparison', () => {
    const run = matching('criterion/').filter((path) => path.includes('/new/'))
    const copy = files(...run).map(({ path, value }) => ({ path: path.replace('/new/', '/base/'), value }))
    const found = factsOfFiles([...files(...run), ...copy])
    expect(found['change']).toMatchObject({ status: 'inconclusive', reason: expect.stringContaining('cargo bench -- --baseline base') })
    expect(found['median']?.status).toBe('observed')
  })

  test('more samples than are compared are thinned on their side', () => {
    const many = Array.from({ length: 90_001 }, (_, index) => 100 + ((index * 7) % 11))
    const found = factsOfFiles([plainFile('a', many, many.slice(0, 25_000).toReversed())])
    expect(found['change']).toMatchObject({
      status: 'observed',
      value: 0,
      reason: 'where a side has more than 10000 samples, every n-th counts',
    })
    expect(found['runs']?.value).toBe(8_334)
  })

  test('reports of the target branch: what they measured, by name', () => {
    const sides = sidesOf(files('go-head.txt'), { base: { files: '*' }, benchmark: 'BenchmarkSum/*', metric: 'B/op' }, files('go-base.txt'))
    expect(sides).toMatchObject({ ok: true, pairs: [{ metric: 'B/op' }, { metric: 'B/op' }] })
    const both = matching('criterion/')
    expect(sidesOf(files(...both), { base: { files: '*' } }, files(...both))).toMatchObject({
      ok: true,
      pairs: [{ name: 'parse' }, { name: 'sum/64' }],
    })
  })

  test('runs that failed are no measurement', () => {
    expect(sidesOf(files('hyperfine-failing.json'), { baseline: 'queue-old', current: 'queue-new' })).toMatchObject({
      pairs: [{ current: { doubt: '2 of 20 runs did not end with exit code 0' } }],
    })
  })

  test('a benchmark that the baseline has and the current side has not is missing; a new one is said', () => {
    const base = files('go-base.txt')
    const some = base.map(({ path, value }) => ({
      path,
      value: { benchmarks: value.benchmarks.filter(({ name }) => !name.includes('1024')) },
    }))
    expect(sidesOf(some, { base: { files: '*' } }, base)).toMatchObject({
      ok: false,
      status: 'missing',
      reason: '1 of 3 benchmarks of the baseline have no current result: "example.org/queue.BenchmarkSum/n=1024-2"',
    })
    expect(sidesOf(base, { base: { files: '*' } }, some)).toMatchObject({
      ok: true,
      remarks: ['not compared, because the baseline has none: "example.org/queue.BenchmarkSum/n=1024-2"'],
    })
  })

  test.each<[string, readonly string[], Parameters<typeof sidesOf>[1], string]>([
    [
      'one named',
      ['hyperfine.json'],
      { baseline: 'queue-old' },
      'the option "current" must name one of "queue-old", "queue-new", or files',
    ],
    [
      'a name that is not there',
      ['hyperfine.json'],
      { baseline: 'queue-old', current: 'x' },
      'no benchmark or file is "x"; there are "queue-old", "queue-new"',
    ],
    [
      'one result for both',
      ['hyperfine.json'],
      { baseline: 'queue-old', current: 'queue-old' },
      'the options "baseline" and "current" name the same result',
    ],
    [
      'a quantity that is not measured',
      ['go-base.txt'],
      { metric: 'J/op' },
      'no benchmark gives "J/op"; there are ns/op, MB/s, parts/op, B/op, allocs/op',
    ],
    ['no such benchmark', ['plain.json'], { benchmark: 'x*' }, 'no benchmark matches x*; there are "plain.json"'],
    ['criterion without figures', ['criterion/parse/new/tukey.json'], {}, 'the files hold no samples'],
  ])('%s', (_, paths, chosen, reason) => {
    expect(sidesOf(files(...paths), chosen)).toMatchObject({ ok: false, reason })
  })

  test.each<[string, readonly string[], Readonly<Record<string, unknown>>, string]>([
    [
      'nothing named',
      ['hyperfine.json'],
      {},
      'there is no baseline: name two benchmarks, or files, with "baseline" and "current"; or with "base" the reports of the target',
    ],
    ['no reports of the target', ['pytest-base.json'], { base: { files: '*' } }, 'there is no report of the target branch'],
    ['criterion for the first time', ['criterion/parse/new/sample.json'], {}, 'there is no baseline'],
  ])('without a baseline the current side is known, and no change: %s', (_, paths, chosen, reason) => {
    const found = factsOf(paths, chosen)
    for (const name of ['change', 'reduction', 'improvement', 'p', 'variance'])
      expect(found[name]).toMatchObject({ status: 'missing', reason, details: expect.any(Array) as unknown[] })
    expect(found['median']).toMatchObject({ status: 'observed', interval: { level: 0.95 } })
    expect(found['runs']?.value).toBeGreaterThanOrEqual(5)
  })

  test('a parameter of hyperfine tells two results of one command apart', () => {
    const result = (n: string) => `{"command":"./run","times":[1,2,3,4,5],"parameters":{"n":"${n}"}}`
    const read = readText(`{"results":[${result('1')},${result('2')},{"command":"x","times":[1],"parameters":{"n":"1"}}]}`, 'hyperfine')
    expect(read.ok && read.value.benchmarks.map(({ name }) => name)).toEqual(['./run (n=1)', './run (n=2)', 'x'])
  })

  test('a benchmark that threw leaves no sample, and no figure is told of it', () => {
    const threw = { name: 'throws', metric: 'time', unit: 'ms', samples: [] }
    const found = factsOfFiles([{ path: 'b.json', value: { benchmarks: [threw, { ...threw, name: 'runs', samples: around(2) }] } }])
    expect(found['median']).toMatchObject({ status: 'inconclusive', details: ['throws: no sample', 'runs: time 2 ms (median of 6 runs)'] })
  })

  test('times in several units have one median, and a time beside a rate has none', () => {
    const [slow, fast] = [plainFile('slow', around(9), around(8), 'ms'), plainFile('fast', around(9e5), around(7e5), 'ns')]
    expect(factsOfFiles([slow, fast])['median']).toMatchObject({ status: 'observed', value: expect.closeTo(0.008) as number })
    expect(factsOfFiles([slow, plainFile('rate', around(9), around(8), 'ops/s')])['median']).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('measured in different units: s, ops/s') as string,
    })
  })

  test('what cannot be told apart or compared is refused', () => {
    const twice = [{ name: 'a', metric: 'time', unit: 's', samples: [1] }]
    const file = (path: string, benchmarks: BenchmarkFile['benchmarks']) => ({ path, value: { benchmarks } })
    expect(sidesOf([file('b', [...twice, ...twice]), file('h', twice)], { baseline: 'b', current: 'h' })).toMatchObject({
      reason: '2 results of b are called "a"',
    })
    const other = file('h', [{ name: 'a', metric: 'time', unit: 'ms', samples: [1] }])
    expect(sidesOf([file('b', twice), other], { baseline: 'b', current: 'h' })).toMatchObject({
      reason: '"a" is measured in different units: s, ms',
    })
    const many = Array.from({ length: 201 }, (_, index) => plainFile(`b${index}`, [1], [1]))
    expect(sidesOf(many, {})).toMatchObject({
      reason: 'there are 201 benchmarks, and at most 200 are compared: choose with "benchmark"',
    })
  })
})

describe('facts', () => {
  test('several benchmarks: the worst bounds of all, each told in the details', () => {
    const found = factsOf(matching('criterion/'))
    const alone = (benchmark: string) => factsOf(matching('criterion/'), { benchmark })['reduction']
    const [parse, sum] = [alone('parse'), alone('sum/*')]
    expect(found['reduction']?.interval).toEqual({
      low: Math.min(Number(parse?.interval?.low), Number(sum?.interval?.low)),
      high: Math.min(Number(parse?.interval?.high), Number(sum?.interval?.high)),
      level: 0.95,
    })
    expect(found['improvement']?.reason).toBe('the worst of 2 benchmarks')
    expect(found['change']?.details).toEqual([
      expect.stringMatching(/^parse: -\d+(?:\.\d+)? %, between .* and .*, p \d.* \(12 and 12 runs\)$/),
      expect.stringMatching(/^sum\/64: -/),
    ])
  })

  test('one that got slower decides, one that proves nothing leaves it open', () => {
    const [faster, slower, short] = [
      plainFile('a', around(10), around(8)),
      plainFile('b', around(10), around(12)),
      plainFile('c', [1], [1]),
    ]
    expect(factsOfFiles([faster, slower])['reduction']?.interval?.high).toBeLessThan(0)
    expect(factsOfFiles([faster, slower])['change']?.interval?.low).toBeGreaterThan(0)
    expect(factsOfFiles([faster, short])['reduction']).toMatchObject({
      status: 'inconclusive',
      reason: 'c: 1 baseline samples, and at least 5 are needed; the worst of 2 benchmarks',
    })
    expect(factsOfFiles([faster, short])['p']?.status).toBe('inconclusive')
    expect(factsOfFiles([faster, short])['runs']?.value).toBe(1)
  })

  test('the unit says which way is better, unless the source does; a unit that does not tell leaves it open', () => {
    const more = plainFile('a', around(100), around(120), 'ops/s')
    expect(factsOfFiles([more])['improvement']?.value).toBeCloseTo(0.2)
    expect(factsOfFiles([more], { better: 'lower' })['improvement']?.value).toBeCloseTo(-0.2)
    expect(factsOfFiles([more])['change']).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('say "better: higher"'),
    })
    expect(factsOfFiles([more], { better: 'higher' })['change']?.value).toBeCloseTo(0.2)
    const odd = plainFile('a', around(100), around(120), 'parts')
    expect(factsOfFiles([odd])['improvement']).toMatchObject({
      status: 'inconclusive',
      reason: 'the unit "parts" does not tell which way is better: say "better"',
    })
    expect(factsOfFiles([odd])['reduction']?.value).toBeCloseTo(-0.2)
    expect(factsOf(['jmh-head.json'], { benchmark: 'QueueBench.parse*' }, ['jmh-base.json'])['improvement']?.value).toBeGreaterThan(0.05)
  })

  test('a baseline that varies more than is allowed proves nothing', () => {
    const wild = plainFile('a', [5, 10, 20, 10, 5, 20], around(1))
    expect(factsOfFiles([wild])['reduction']?.status).toBe('observed')
    for (const maxVariance of ['10%', 0.1]) {
      const found = factsOfFiles([wild], { maxVariance })
      expect(found['reduction']).toMatchObject({
        status: 'inconclusive',
        reason: 'the baseline varies by 58.6 %, and at most 10 % is allowed',
      })
      expect(found['variance']?.value).toBeCloseTo(0.586, 3)
    }
    expect(options.safeParse({ files: '*', maxVariance: '5 tests' }).success).toBe(false)
  })

  test('aggregates prove nothing alone, and are samples over several runs', () => {
    const k6 = { baseline: 'k6/base-*', current: 'k6/head-*', benchmark: 'http_req_duration' }
    expect(factsOf(['k6/base-1.json', 'k6/head-1.json'], k6)['reduction']).toMatchObject({
      status: 'inconclusive',
      reason: 'baseline: the file holds aggregates and no samples: one run is one sample, and there is 1 of at least 5',
    })
    expect(factsOf(matching('k6/'), k6)).toMatchObject({ reduction: { status: 'observed' }, p: { reason: 'Mann-Whitney, exact' } })
    const google = factsOf(['google-aggregates.json'], { benchmark: 'Sum/64' }, ['google-aggregates.json'])
    expect(google['change']).toMatchObject({ status: 'inconclusive', reason: expect.stringContaining('aggregates') })
    expect(factsOf(['google-single.json'], {}, ['google-single.json'])['change']?.status).toBe('inconclusive')
  })

  test('real runs of a change that made it slower', () => {
    const go = factsOf(['go-head.txt'], { benchmark: 'BenchmarkParse*' }, ['go-base.txt'])
    expect(go['reduction']?.interval?.high).toBeLessThan(0)
    expect(go['p']?.value).toBeLessThan(0.01)
    expect(go['median']?.value).toBeLessThan(1e-3)
    const pytest = factsOf(['pytest-head.json'], { benchmark: 'test_sum*' }, ['pytest-base.json'])
    expect(pytest['change']?.value).toBeGreaterThan(0)
  })

  test('one that was not run leaves all inconclusive', () => {
    const found = factsOf(['google.json'], { benchmark: 'Broken' }, ['google.json'])
    expect(found['change']).toMatchObject({ status: 'inconclusive', reason: expect.stringContaining('no device') })
  })

  test('a run is not compared with itself', () => {
    expect(factsOf(['google.json'], { benchmark: 'Sum/64' }, ['google.json'])['change']).toMatchObject({
      status: 'inconclusive',
      reason: 'baseline: it is the current run itself',
    })
  })

  test('units of time become seconds; samples in any other unit are taken as they are', () => {
    expect(['s', 'ms', 'us', 'µs', 'ns', 'ns/op', 'ms/iter', 'bytes', 'requests'].map(factorOf)).toEqual([
      1, 1e-3, 1e-6, 1e-6, 1e-9, 1e-9, 1e-3, 1, 1,
    ])
    expect(['ms', 'ns/op', 'B/op', 'allocs/op', 'bytes', 'MiB'].map(directionOf)).toEqual(Array.from({ length: 6 }, () => 'lower'))
    expect(['ops/s', 'ops/sec', 'MB/s', 'ops/ms', 'iter/sec', 'rps'].map(directionOf)).toEqual(Array.from({ length: 6 }, () => 'higher'))
    expect(['', 'percent', 'score', '/s'].map(directionOf)).toEqual(Array.from({ length: 4 }, () => undefined))
  })
})

describe('what cannot be read is refused with place and reason', () => {
  test.each([
    ['empty.json', 1, 1, 'the file is empty'],
    ['nan.json', 2, 19, '"NaN" is no JSON value'],
    ['infinity.json', 2, 19, '"-Infinity], \\"current" is no JSON value'],
    ['too-large.json', 2, 19, '"1e400" is larger than any number that can be held'],
    ['negative.json', 2, 19, 'a sample of baseline is negative'],
    ['string.json', 2, 19, 'a sample of baseline is no number'],
    ['duplicate-key.json', 3, 3, 'the key "current" stands twice'],
    ['prototype.json', 1, 30, 'the key "__proto__" is not known'],
    ['truncated.json', 2, 20, 'the file ends where "," or "]" is expected: it is truncated'],
    ['two-documents.json', 2, 1, 'something follows after the end of the document'],
    ['no-results.json', 1, 14, 'results is empty', 'hyperfine'],
    ['no-sides.json', 1, 1, 'the document has no current'],
    ['list.json', 1, 1, 'the document is no object'],
    ['no-unit.json', 1, 1, 'the document has no unit'],
    ['html.json', 1, 1, '"<html></html>" is no JSON value'],
    ['leading-zero.json', 1, 30, '"01], \\"curre" is no JSON number'],
    ['comma.json', 1, 32, '"], \\"current\\": [1] }" is no JSON value'],
    ['no-times.json', 1, 16, 'a result has no times', 'hyperfine'],
    ['escape.json', 1, 11, 'a string holds a wrong escape or a character that must be escaped'],
  ])('%s', (name, line, column, reason, as = 'benchmark-plain') => {
    expect(read(name, bytesOf(`bad/${name}`), as)).toEqual({ ok: false, line, column, reason, format: as })
  })

  const go = 'goos: linux\npkg: p\nBenchmarkA-2 10 5 ns/op\n'
  test.each<[string, string, number, string]>([
    ['go-bench', go, 3, 'package p has no end (PASS, FAIL or ok): the output is not whole'],
    ['go-bench', `${go}BenchmarkA-2 10 5 n`, 4, 'the last line has no end: the output is not whole'],
    ['go-bench', `${go}BenchmarkA-2 10 5\nPASS\n`, 4, 'a figure of "BenchmarkA-2" has no unit: the line is not whole'],
    ['go-bench', `${go}BenchmarkA-2 10 NaN ns/op\nPASS\n`, 4, '"NaN" of "BenchmarkA-2" is no figure'],
    ['go-bench', `${go}BenchmarkA-2 10 -5 ns/op\nPASS\n`, 4, '"-5" of "BenchmarkA-2" is no figure'],
    ['go-bench', `${go}BenchmarkA-2 10 1e999 ns/op\nPASS\n`, 4, '"1e999" of "BenchmarkA-2" is no figure'],
    ['go-bench', 'pkg: p\nPASS\nok p 1s\n', 3, 'there is no result of a benchmark'],
    ['go-bench', 'x'.repeat(200_000), 1, 'a line has more than 100000 characters'],
    ['criterion', '{"sampling_mode":"Flat","iters":[1,2],"times":[1]}', 1, 'there are 1 times and 2 iters'],
    ['criterion', '{"sampling_mode":"Flat","iters":[0],"times":[1]}', 1, 'a sample has 0 iters'],
    ['criterion', '{"mean":{}}', 1, 'the estimates has no median'],
    ['pytest-benchmark', '{"machine_info":{},"benchmarks":[]}', 1, 'the file holds no benchmark'],
    ['jmh', '[]', 1, 'the file holds no benchmark'],
    ['jmh', '[{"benchmark":"a","primaryMetric":{"scoreUnit":"s","rawData":[["NaN"]]}}]', 1, 'a sample of rawData is no number'],
    ['google-benchmark', '{"context":{},"benchmarks":[{"name":"a","real_time":-1}]}', 1, 'real_time is negative'],
    ['k6', '{"metrics":{}}', 1, 'the file holds no benchmark'],
    ['benchmark-history', 'window.BENCHMARK_DATA = {"entries":{"a":[\n{"date":1}]}}', 2, 'a run has no commit'],
    // Not the text: one of them is 200,000 characters long.
  ])('%s, case %#', (as, text, line, reason) => expect(readText(text, as)).toMatchObject({ ok: false, line, reason }))

  test('a file of vitest that failed says so', () => {
    expect(read('x', bytesOf('vitest-5-failed.json'), 'vitest-bench')).toMatchObject({
      ok: false,
      reason: '/home/lead-a/queue/failing.bench.ts failed: no database',
    })
  })

  test('go: a run that failed is in doubt', () => {
    const outcome = readText(`${go}--- FAIL: BenchmarkB\nFAIL\n`, 'go-bench')
    expect(outcome).toMatchObject({ ok: true, value: { benchmarks: [{ doubt: 'the run failed: line 4 says "--- FAIL: BenchmarkB"' }] } })
    expect(readText(`Unit parts/op better=higher\n${go.replace('ns/op', 'parts/op')}PASS\n`, 'go-bench')).toMatchObject({
      value: { benchmarks: [{ better: 'higher' }] },
    })
  })

  test.each([
    ['200,000 lists', '['.repeat(200_000), 'values are nested more than 64 deep'],
    ['two million numbers', `{"baseline":[${'1,'.repeat(2_000_000)}1]}`, 'more than 1000000 values'],
    [
      'a string of ten million characters',
      `{"unit":"${'a'.repeat(10_000_000)}"`,
      'the file ends where "," or "}" is expected: it is truncated',
    ],
  ])('%s', (_, text, reason) => {
    expect(readText(text, 'benchmark-plain', 1 << 16)).toMatchObject({ ok: false, reason })
  })
})

describe('properties', () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 300)
  const format = fc.constantFrom(...report.formats.map(({ name }) => name))
  const sample = fc.constantFrom(...good.filter((path) => path !== 'criterion/parse/new/tukey.json'))

  test('no input crashes a reader, and it does not matter where the input is split', () => {
    const soup = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            '[',
            ']',
            ',',
            ':',
            '"results"',
            '"metrics"',
            '1',
            '-0',
            '1e999',
            'null',
            '"',
            '\\',
            '\ud800',
            '\n',
            'BenchmarkA 1 2 ns/op',
            'pkg: a',
          ),
          { maxLength: 16 },
        )
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(soup, format, fc.integer({ min: 1, max: 7 }), (text, as, size) => {
        expect(readText(text, as, size)).toEqual(readText(text, as))
      }),
      { numRuns: runs },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), format, (bytes, as) => void read('x', bytes, as)),
      { numRuns: runs },
    )
  })

  test('a file that was cut off is refused wherever it was cut', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (path, share) => {
        const bytes = bytesOf(path)
        const text = new TextDecoder().decode(bytes)
        const whole = path.endsWith('.txt') ? text.lastIndexOf('PASS') : text.trimEnd().length
        const cut = text.slice(0, Math.min(whole - 1, Math.floor(text.length * share)))
        expect(readText(cut, read(path, bytes).format ?? '').ok).toBe(false)
      }),
      { numRuns: runs },
    )
  })

  test('a damaged byte is refused, or changes no more than what it says', () => {
    fc.assert(
      fc.property(sample, fc.nat(), fc.constantFrom('{', '"', 'x', '\0', '-', ','), (path, at, character) => {
        const text = new TextDecoder().decode(bytesOf(path))
        const place = at % text.length
        const outcome = readText(text.slice(0, place) + character + text.slice(place + 1), read(path, bytesOf(path)).format ?? '')
        if (!outcome.ok) return
        for (const { samples } of outcome.value.benchmarks) expect(samples.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: runs },
    )
  })

  test('whatever JSON.stringify writes is read with the same numbers', () => {
    const list = fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.string(), list, list, fc.constantFrom(undefined, 1, '\t'), (unit, baseline, current, space) => {
        const outcome = readText(JSON.stringify({ unit, baseline, current }, null, space), 'benchmark-plain')
        const plain = (samples: readonly number[]) => JSON.parse(JSON.stringify(samples)) as number[]
        expect(outcome).toMatchObject({
          ok: true,
          value: {
            benchmarks: [
              { side: 'current', samples: plain(current) },
              { side: 'baseline', samples: plain(baseline) },
            ],
          },
        })
      }),
      { numRuns: runs },
    )
  })

  test('runs written as go prints them come back, whatever their number', () => {
    const name = fc.stringMatching(/^[A-Z][A-Za-z0-9/=]{0,12}-\d$/)
    const figures = fc.uniqueArray(fc.tuple(name, fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 6 })), {
      selector: ([one]) => one,
      maxLength: 5,
      minLength: 1,
    })
    fc.assert(
      fc.property(figures, fc.integer({ min: 1, max: 40 }), (all, size) => {
        const lines = all.flatMap(([one, values]) => values.map((value) => `Benchmark${one}  \t  100\t ${value} ns/op`))
        const outcome = readText(`pkg: p\n${lines.join('\n')}\nPASS\n`, 'go-bench', size)
        expect(outcome.ok && outcome.value.benchmarks.map(({ short, samples }) => [short, samples])).toEqual(
          all.map(([one, values]) => [`Benchmark${one}`, values]),
        )
      }),
      { numRuns: runs },
    )
  })
})
