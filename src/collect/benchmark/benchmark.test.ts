import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../text.ts'
import { factorOf, sidesOf } from './compare.ts'
import type { BenchmarkReport } from './parse.ts'
import { benchmarkReader } from './parse.ts'

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

function read(bytes: Uint8Array, size = Math.max(1, bytes.length)): Outcome<BenchmarkReport> {
  const reader = benchmarkReader()
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return reader.end()
}

const readText = (text: string, size?: number): Outcome<BenchmarkReport> => read(new TextEncoder().encode(text), size)

function named(...paths: readonly string[]) {
  return paths.map((path) => {
    const outcome = read(fixture(path))
    if (!outcome.ok) throw new Error(outcome.reason)
    return { path, value: outcome.value }
  })
}

describe('which samples are compared', () => {
  test('the two keys of the plain format', () => {
    expect(sidesOf(named('plain.json'), {})).toMatchObject({
      ok: true,
      unit: 'ms',
      baseline: { samples: [120.1, 119.8, 121, 120.4, 119.9, 120.6] },
      current: { samples: { length: 6 } },
    })
  })

  test('two commands of one hyperfine file', () => {
    expect(sidesOf(named('hyperfine.json'), { baseline: 'queue-old', current: 'queue-new' })).toMatchObject({
      ok: true,
      unit: 's',
      baseline: { command: 'queue-old', samples: { length: 20 } },
      current: { command: 'queue-new', samples: { length: 20 } },
    })
  })

  test('two hyperfine files of one command', () => {
    const sides = sidesOf(named('hyperfine-base.json', 'hyperfine-head.json'), { baseline: 'hyperfine-base.json', current: '*-head.json' })
    expect(sides).toMatchObject({ ok: true, baseline: { samples: { length: 20 } }, current: { samples: { length: 20 } } })
    if (sides.ok) expect(sides.baseline.samples).not.toEqual(sides.current.samples)
  })

  test('runs that failed are no measurement', () => {
    expect(sidesOf(named('hyperfine-failing.json'), { baseline: 'queue-old', current: 'queue-new' })).toMatchObject({
      current: { doubt: '2 of 20 runs did not end with exit code 0' },
    })
  })

  test.each<[string, readonly string[], { baseline?: string; current?: string }, string]>([
    ['nothing named', ['hyperfine.json'], {}, 'the option "baseline" must name one of the commands "queue-old", "queue-new", or a file'],
    [
      'a name that is not there',
      ['hyperfine.json'],
      { baseline: 'queue-old', current: 'x' },
      'no command or file of one command is "x"; there are "queue-old", "queue-new"',
    ],
    [
      'one result for both',
      ['hyperfine.json'],
      { baseline: 'queue-old', current: 'queue-old' },
      'the options "baseline" and "current" name the same result',
    ],
    [
      'a command in two files',
      ['hyperfine-base.json', 'hyperfine-head.json'],
      { baseline: 'node bench.mjs', current: 'x' },
      '2 results are called "node bench.mjs"',
    ],
    ['two plain files', ['plain.json', 'plain-zero.json'], {}, '2 files match, and a file with a baseline of its own stands alone'],
  ])('%s', (_, files, options, reason) => {
    expect(sidesOf(named(...files), options)).toMatchObject({ ok: false, reason })
  })

  test('units of time become seconds; samples in any other unit are taken as they are', () => {
    expect(['s', 'ms', 'us', 'µs', 'ns', 'bytes', 'requests'].map(factorOf)).toEqual([1, 1e-3, 1e-6, 1e-6, 1e-9, 1, 1])
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
    ['no-results.json', 1, 14, 'results is empty'],
    ['no-sides.json', 1, 1, 'neither hyperfine\'s "results" nor the two keys "baseline" and "current" are there'],
    ['list.json', 1, 1, 'the document is no object'],
    ['no-unit.json', 1, 1, '"unit" is not there or is no string'],
    ['html.json', 1, 1, '"<html></html>" is no JSON value'],
    ['leading-zero.json', 1, 30, '"01], \\"curre" is no JSON number'],
    ['comma.json', 1, 32, '"], \\"current\\": [1] }" is no JSON value'],
    ['no-times.json', 1, 16, 'a result has no times'],
    ['escape.json', 1, 11, 'a string holds a wrong escape or a character that must be escaped'],
  ])('%s', (name, line, column, reason) => {
    expect(read(fixture(`bad/${name}`))).toEqual({ ok: false, line, column, reason })
  })

  test('every bad fixture is refused', () => {
    for (const name of readdirSync(new URL('fixtures/bad/', import.meta.url))) expect(read(fixture(`bad/${name}`)).ok).toBe(false)
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
    expect(readText(text, 1 << 16)).toMatchObject({ ok: false, reason })
  })
})

describe('properties', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"unit"',
    '"baseline"',
    '"current"',
    '"results"',
    '1',
    '-0',
    '1e5',
    '1e999',
    '"\\u0041"',
    'null',
    ' ',
    '\n',
    '"',
    '\\',
    '\ud800',
  )
  const soup = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join('')),
    fc.json(),
  )

  test('no input crashes the reader, and no sample comes from nowhere', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const outcome = readText(text)
        if (outcome.ok) expect(text).toMatch(/"(?:results|baseline)"/)
      }),
      { numRuns: 3_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void read(bytes)),
      { numRuns: 1_000 },
    )
  })

  test('it does not matter where the input is split', () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 7 }), (text, size) => {
        expect(readText(text, size)).toEqual(readText(text))
      }),
      { numRuns: 1_000 },
    )
  })

  test('whatever JSON.stringify writes is read with the same numbers', () => {
    const list = fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.string(), list, list, fc.constantFrom(undefined, 1, '\t'), (unit, baseline, current, space) => {
        const outcome = readText(JSON.stringify({ unit, baseline, current }, null, space))
        expect(outcome).toMatchObject({
          ok: true,
          value: {
            baseline: { samples: JSON.parse(JSON.stringify(baseline)) as number[] },
            current: { samples: { length: current.length } },
          },
        })
      }),
      { numRuns: 300 },
    )
  })

  test('what JSON.parse refuses is refused', () => {
    fc.assert(
      fc.property(soup, (text) => {
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        if (!isJson) expect(readText(text).ok).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })
})
