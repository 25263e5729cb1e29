import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UNITS } from '#core/evidence/evidence.ts'
import { formatDuration, formatNumber, formatValue, parseQuantity } from '#core/program/quantity.ts'

test.each([
  ['40%', { low: 0.4, high: 0.4, unit: 'ratio' }],
  ['7%', { low: 0.07, high: 0.07, unit: 'ratio' }],
  ['5-15%', { low: 0.05, high: 0.15, unit: 'ratio' }],
  ['5 – 15 %', { low: 0.05, high: 0.15, unit: 'ratio' }],
  ['150 of 400', { low: 150, high: 150, of: 400 }],
  ['150 of 400 lines', { low: 150, high: 150, of: 400, unit: 'lines' }],
  ['2h', { low: 7200, high: 7200, unit: 'seconds' }],
  ['1h30m', { low: 5400, high: 5400, unit: 'seconds' }],
  ['1d 2h 5min', { low: 93900, high: 93900, unit: 'seconds' }],
  ['3 days', { low: 259200, high: 259200, unit: 'seconds' }],
  ['12 MB', { low: 12e6, high: 12e6, unit: 'bytes' }],
  ['1.5 KiB', { low: 1536, high: 1536, unit: 'bytes' }],
  ['-3%', { low: -0.03, high: -0.03, unit: 'ratio' }],
  [80, { low: 80, high: 80 }],
])('%s', (text, quantity) => {
  expect(parseQuantity(text)).toEqual({ ok: true, quantity })
})

test.each([
  ['s sec second seconds', 'seconds', 1],
  ['ms', 'seconds', 0.001],
  ['us µs', 'seconds', 0.000001],
  ['m min minute minutes', 'seconds', 60],
  ['h hour hours', 'seconds', 3600],
  ['d day days', 'seconds', 86_400],
  ['w week weeks', 'seconds', 604_800],
  ['B byte bytes', 'bytes', 1],
  ['kB KB', 'bytes', 1000],
  ['MB', 'bytes', 1000 ** 2],
  ['GB', 'bytes', 1000 ** 3],
  ['KiB', 'bytes', 1024],
  ['MiB', 'bytes', 1024 ** 2],
  ['GiB', 'bytes', 1024 ** 3],
  ['line lines loc LOC', 'lines', 1],
  ['test tests', 'tests', 1],
  ['file files', 'files', 1],
])('however it is spelled: 1 %s', (spellings, unit, size) => {
  for (const one of spellings.split(' ')) expect(parseQuantity(`1 ${one}`)).toEqual({ ok: true, quantity: { low: size, high: size, unit } })
})

test.each([
  '',
  ' ',
  '%',
  'lots',
  '5 of 4',
  '0 of 0',
  '3 of 0',
  '50-40%',
  '3 parsecs',
  '1e400',
  '1e3',
  'NaN',
  'Infinity',
  '--3',
  '1,000',
  '0x10',
  '3h2d',
  `${'9'.repeat(50)} of 1`,
  '9'.repeat(400),
  NaN,
  Infinity,
  -Infinity,
])('%s is no amount', (text) => {
  expect(parseQuantity(text).ok).toBe(false)
})

test('an amount is read as a finite number with its bounds in order', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.tuple(fc.double(), fc.constantFrom('', '%', 'h', ' lines', ' of 3', '-4', 'MB')).map(([number, unit]) => `${number}${unit}`),
      ),
      (text) => {
        const result = parseQuantity(text)
        if (!result.ok) {
          expect(result.reason).not.toBe('')
          return
        }
        const { low, high, of } = result.quantity
        expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true)
        expect(low).toBeLessThanOrEqual(high)
        if (of !== undefined) expect(of).toBeGreaterThanOrEqual(high)
      },
    ),
  )
})

test('a whole percentage is read as the number nearest to it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), (hundredths) => {
      expect(parseQuantity(`${hundredths / 100}%`)).toEqual({
        ok: true,
        quantity: { low: hundredths / 10_000, high: hundredths / 10_000, unit: 'ratio' },
      })
    }),
  )
})

test('what is written for people can be read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9999 }), fc.constantFrom('lines', 'tests', 'files', 'ratio', 'bytes'), (count, unit) => {
      const value = unit === 'ratio' ? count / 10_000 : unit === 'bytes' ? count * 10 : count
      expect(parseQuantity(formatValue(value, unit))).toMatchObject({ ok: true, quantity: { low: value, unit } })
    }),
  )
})

test('durations of whole minutes below a day can be read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1439 }), (minutes) => {
      expect(parseQuantity(formatDuration(minutes * 60))).toMatchObject({ ok: true, quantity: { low: minutes * 60, unit: 'seconds' } })
    }),
  )
})

test.each([
  [0.375, 'ratio', '37.5 %'],
  [-0.08, 'change', '-8 %'],
  [0.08, 'change', '+8 %'],
  [1, 'tests', '1 test'],
  [12345, 'lines', '12,345 lines'],
  [1234, 'lines', '1234 lines'],
  [5400, 'seconds', '1 h 30 min'],
  [59.6, 'seconds', '59.6 s'],
  [3599, 'seconds', '59 min 59 s'],
  [3599.9, 'seconds', '1 h'],
  [0.0125, 'seconds', '12.5 ms'],
  [187_200, 'seconds', '2 d 4 h'],
  [2_500_000, 'bytes', '2.5 MB'],
  [-0.001, 'count', '-0.001'],
  [0.00000825, 'count', '0.00000825'],
  [0.1 + 0.2 - 0.3, 'count', '0'],
  [-0.00001, 'ratio', '0 %'],
  [true, 'boolean', 'yes'],
] as const)('%s in %s is %s', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text)
})

test('every finite value has a text without exponent, NaN or minus zero', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), fc.constantFrom(...UNITS), (value, unit) => {
      expect(formatValue(value, unit)).not.toMatch(/NaN|Infinity|undefined|\de[+-]|^-0(?:[^.\d]|$)/)
    }),
  )
})

test('the same number has the same digits whatever the sign', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0.01, max: 1e12 }), (value) => {
      expect(formatNumber(-value)).toBe(`-${formatNumber(value)}`)
    }),
  )
})
