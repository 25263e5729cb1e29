import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from '#core/evidence/plain-text.ts'
import { numberIn } from './number.ts'

const fixture = (name: string): string => plainText(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'))
const observed = (value: number) => ({ status: 'observed', value })

test('the size of a package, from the coloured text of npm and from its JSON', () => {
  expect(numberIn(fixture('npm-pack-colour.txt'), { after: 'unpacked size:' }, 'bytes')).toEqual(observed(46))
  expect(numberIn(fixture('npm-pack-json.txt'), { json: '0.unpackedSize' }, 'bytes')).toEqual(observed(46))
  expect(numberIn(fixture('npm-pack-json.txt'), { json: ['0', 'files', '1', 'size'] }, 'bytes')).toEqual(observed(36))
})

test('findings of a linter', () => {
  expect(numberIn(fixture('oxlint.txt'), { after: 'Found' }, 'count')).toEqual(observed(0))
  expect(numberIn(fixture('oxlint.txt'), { after: 'Finished in' }, 'seconds')).toEqual(observed(0.061))
})

test.each([
  ['Total: 1,234,567 lines', 'lines', 1_234_567],
  ['Total: 12.5 kB', 'bytes', 12_500],
  ['Total = 3 MiB', 'bytes', 3_145_728],
  ['Total: 83.4%', 'ratio', 0.834],
  ['Total: 0.834', 'ratio', 0.834],
  ['Total: -8 %', 'change', -0.08],
  ['Total:\n   7', 'count', 7],
  ['Total: 1e3', 'count', 1000],
  ['Total: 1\nTotal: 2', 'count', 2],
  ['Total: 12.', 'count', 12],
] as const)('%s in %s', (output, unit, value) => {
  expect(numberIn(output, { after: 'Total' }, unit)).toEqual(observed(value))
})

test.each([
  ['Total: none', 'count'],
  ['Total: NaN', 'count'],
  ['Total: 1e400', 'count'],
  ['Total: 1,23', 'count'],
  ['Total: 1.2.3', 'count'],
  ['Total: 170 %', 'ratio'],
  ['Total: 85', 'ratio'],
  ['Total: 1/4', 'ratio'],
  ['Total: 1 of 4', 'ratio'],
  ['Total: 0/0', 'ratio'],
  ['Total: 1/4', 'change'],
  ['Total: 12 blocks', 'bytes'],
  ['Total: 12 kB', 'lines'],
  ['Total: 12 %', 'count'],
  ['Total: -3', 'tests'],
] as const)('%s is no number in %s', (output, unit) => {
  expect(numberIn(output, { after: 'Total' }, unit)).toMatchObject({ status: 'errored' })
})

test('text that is not there is missing, not zero', () => {
  expect(numberIn('all good', { after: 'Total' }, 'count')).toMatchObject({ status: 'missing' })
})

test('the last JSON document counts, also before and after other lines', () => {
  expect(numberIn('{"n": 1}\n{"n": 2}\n', { json: 'n' }, 'count')).toEqual(observed(2))
  expect(numberIn('building [1/2]\n{\n  "n": 3,\n  "text": "a } \\" ] b"\n}\nDone in [2s]\n', { json: 'n' }, 'count')).toEqual(observed(3))
})

test('a document whose beginning was cut off is not replaced by a part of it', () => {
  expect(numberIn('    "n": 9\n  },\n  {\n    "n": 1\n  }\n]\n', { json: 'n' }, 'count')).toMatchObject({ status: 'missing' })
})

test.each([
  ['{"n": "12"}', 'errored'],
  ['{"n": null}', 'errored'],
  ['{"n": 1e400}', 'errored'],
  ['{"m": 1}', 'missing'],
  ['{"n": 1', 'missing'],
  ['', 'missing'],
  ['{"__proto__": {"n": 1}}', 'missing'],
] as const)('%s gives nothing: %s', (output, status) => {
  expect(numberIn(output, { json: 'n' }, 'count')).toMatchObject({ status })
})

test('inherited names are not keys', () => {
  expect(numberIn('[1, 2]', { json: 'constructor.length' }, 'count')).toMatchObject({ status: 'missing' })
})

test('every JSON document is found behind any text that has no brackets', () => {
  const before = fc.string().filter((text) => !/[\][{}"]/.test(text))
  fc.assert(
    fc.property(before, fc.jsonValue(), fc.integer(), fc.boolean(), (text, noise, n, pretty) => {
      const document = JSON.stringify({ noise, n }, undefined, pretty ? 2 : undefined)
      expect(numberIn(`${text}\n${document}\n`, { json: 'n' }, 'change')).toEqual(observed(n))
    }),
  )
})

test('64 KiB of brackets are given up in linear time', () => {
  for (const piece of ['[\n', ']\n', '"]\n', '{"a":\n', '\\"}\n'])
    expect(numberIn(piece.repeat(65_536 / piece.length), { json: 'n' }, 'count').status).toBe('missing')
})
