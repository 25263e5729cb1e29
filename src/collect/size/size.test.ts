import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact } from '#core/evidence/collector.ts'
import type { Outcome } from '#collect/scan/text.ts'
import { options } from './kind.ts'
import type { Asked, Sized } from './report.ts'
import { report } from './report.ts'

const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

function read(bytes: Uint8Array, asked: Asked, size = Math.max(1, bytes.length)): Outcome<Sized> {
  const parser = report.formats[0]?.open(asked)
  if (!parser) throw new Error('no format')
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size))
  return parser.end()
}

type Written = Readonly<Record<string, Uint8Array>>

function factsOf(more: Readonly<Record<string, unknown>>, files: Written, base?: Written): Readonly<Record<string, Fact>> {
  const asked: Asked = options.parse({ files: '*', ...more })
  const all = (list: Written) =>
    Object.entries(list).map(([path, bytes]) => {
      const outcome = read(bytes, asked)
      if (!outcome.ok) throw new Error(outcome.reason)
      return { path, value: outcome.value }
    })
  const summary = report.summarise(all(files), asked, { root: '/' }, base && all(base))
  return Object.fromEntries(
    report.facts(summary, asked, { common: { source: 'x' }, remarks: [], seed: 1 }).map((fact) => [fact.name, fact]),
  )
}

const stats = { 'stats.json': bytesOf('stats.json') }
const of = (length: number): Uint8Array => new Uint8Array(length)

describe('bytes of files', () => {
  test('the sum of all of them', () => {
    expect(factsOf({}, { 'a.bin': of(10), 'b.bin': of(32) })).toMatchObject({
      bytes: { status: 'observed', value: 42 },
      files: { value: 2 },
      value: { status: 'missing', reason: 'the source has no value to read' },
      change: { status: 'missing', reason: 'the source has no baseline' },
    })
  })

  test('what stands for a file in Git LFS is not the file', () => {
    const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345678\n`)
    for (const size of [1, 20, 200])
      expect(read(pointer, options.parse({ files: '*' }), size)).toMatchObject({ ok: false, reason: expect.stringContaining('Git LFS') })
    expect(factsOf({}, { 'a.txt': pointer.subarray(1) })['bytes']?.value).toBe(pointer.length - 1)
  })

  test('against other files of the same run, and against the target branch', () => {
    const both = { 'default.bin': of(1000), 'profile.bin': of(350) }
    const sided = factsOf({ files: 'profile.bin', baseline: { files: 'default.bin' } }, both)
    expect(sided).toMatchObject({ bytes: { value: 350 }, files: { value: 1 } })
    expect(sided['reduction']?.value).toBeCloseTo(0.65)
    expect(factsOf({ base: { files: '*' } }, { 'a.bin': of(110) }, { 'a.bin': of(100) })['change']?.value).toBeCloseTo(0.1)
    expect(Object.is(factsOf({ base: { files: '*' } }, { a: of(3) }, { a: of(3) })['reduction']?.value, 0)).toBe(true)
  })

  test.each<[string, Readonly<Record<string, unknown>>, Written, Written | undefined, object]>([
    [
      'nothing to compare with',
      { base: { files: '*' } },
      { a: of(1) },
      undefined,
      { status: 'missing', reason: 'the target branch has no such file' },
    ],
    [
      'no such baseline',
      { files: 'a', baseline: { files: 'b' } },
      { a: of(1) },
      undefined,
      { status: 'missing', reason: 'baseline: no file matches' },
    ],
    [
      'a file on both sides',
      { baseline: { files: 'a' } },
      { a: of(1), b: of(2) },
      undefined,
      { status: 'errored', reason: 'a would be on both sides' },
    ],
  ])('%s', (_, more, files, base, change) => expect(factsOf(more, files, base)['change']).toMatchObject(change))
})

describe('a number in a file', () => {
  test('by JSON pointer, each side by its own', () => {
    const found = factsOf({ value: '/assets/1/size', unit: 'bytes', baseline: { value: '/assets/0/size' } }, stats)
    expect(found).toMatchObject({
      value: { value: 350, unit: 'bytes' },
      bytes: { status: 'missing', reason: 'the source reads a number: ask for its value' },
    })
    expect(found['reduction']?.value).toBeCloseTo(0.65)
    expect(factsOf({ value: '/a~1b/m~0n' }, stats)['value']).toMatchObject({ value: 7, unit: 'count' })
  })

  test('zero is a number, and no baseline', () => {
    expect(factsOf({ value: '/zero' }, stats)['value']?.value).toBe(0)
    expect(factsOf({ value: '/assets/1/size', baseline: { value: '/zero' } }, stats)['reduction']).toMatchObject({
      status: 'inconclusive',
      reason: 'the baseline is 0, so there is no relative change',
    })
  })

  test.each([
    ['/assets/2/size', '2:13: nothing is called "2" here (/assets/2/size)'],
    ['/assets/length', '2:13: nothing is called "length" here (/assets/length)'],
    ['/assets/00', '2:13: nothing is called "00" here (/assets/00)'],
    ['/__proto__', '1:1: nothing is called "__proto__" here (/__proto__)'],
  ])('%s is missing, with its place', (value, reason) => {
    expect(factsOf({ value, baseline: { value: '/zero' } }, stats)).toMatchObject({
      value: { status: 'missing', reason: `stats.json:${reason}` },
      change: { status: 'missing', reason: `stats.json:${reason}` },
    })
  })

  test.each([
    ['stats.json', '/text', 15, 11, '/text is no number'],
    ['stats.json', '/none', 16, 11, '/none is no number'],
    ['stats.json', '/minus', 17, 12, '/minus is negative'],
    ['stats.json', '', 1, 1, ' is no number'],
    ['nan.json', '/size', 1, 10, '"NaN" is no JSON value'],
    ['large.json', '/size', 1, 10, '"1e400" is larger than any number that can be held'],
    ['truncated.json', '/size', 1, 12, 'the file ends where "," or "}" is expected: it is truncated'],
  ])('%s%s is refused, with its place', (name, value, line, column, reason) => {
    expect(read(bytesOf(name), options.parse({ files: '*', value }))).toEqual({ ok: false, line, column, reason })
  })

  test.each([
    { value: 'size' },
    { value: '/a~2' },
    { unit: 'bytes' },
    { baseline: {} },
    { baseline: { value: '/a' } },
    { value: '/a', baseline: { value: '/b' }, base: { files: '*' } },
  ])('%j is refused as options', (more) => expect(options.safeParse({ files: '*', ...more }).success).toBe(false))
})

test('any bytes: no crash, and no number that the file does not hold', () => {
  const asked: Asked = options.parse({ files: '*', value: '/size' })
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 5 }), (text, size) => {
      const bytes = new TextEncoder().encode(text)
      const outcome = read(bytes, asked, size)
      expect(outcome).toEqual(read(bytes, asked))
      if (outcome.ok && 'amount' in outcome.value.current)
        expect((JSON.parse(text) as { size: number }).size).toBe(outcome.value.current.amount)
      expect(read(bytes, options.parse({ files: '*' }))).toMatchObject({ ok: true, value: { current: { amount: bytes.length } } })
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
  )
})
