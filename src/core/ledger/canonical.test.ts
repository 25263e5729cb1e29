import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, CanonicalError, digest } from '#core/ledger/canonical.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Values that JSON holds, with the keys that engines treat in their own way. */
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'toJSON', 'constructor', '10', '9', '01', '4294967296', '-1', ''),
)
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => withKeys(entries)),
  ),
})).value

function withKeys(entries: readonly (readonly [string, unknown])[]): unknown {
  const object = {}
  for (const [name, value] of entries) Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  return object
}

/** The same value with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return withKeys(
    Object.entries(value)
      .toReversed()
      .map(([name, part]) => [name, turned(part)] as const),
  )
}

/** Plainly what the rules say, for comparison. */
function bySpecification(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(bySpecification).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value).sort()
  return `{${keys.map((name) => `${JSON.stringify(name)}:${bySpecification((value as Record<string, unknown>)[name])}`).join(',')}}`
}

describe('canonical JSON', () => {
  test('it is what the rules say, whether written value by value or in bulk', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(value)).toBe(bySpecification(value))
        expect(canonical([value, { value }])).toBe(bySpecification([value, { value }]))
      }),
      { numRuns: 500 },
    )
  })

  test('the order in which keys were written does not matter, nor does a round trip through JSON', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(turned(value))).toBe(canonical(value))
        expect(canonical(JSON.parse(JSON.stringify(value)))).toBe(canonical(value))
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value))
      }),
      { numRuns: 500 },
    )
  })

  test('two values have one text only when they are one value', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(canonical(a) === canonical(b)).toBe(bySpecification(a) === bySpecification(b))
      }),
    )
  })

  test('keys are in the order of code units, not of letters, numbers or code points', () => {
    expect(canonical({ '\u{1f6a2}': 1, '\uff5e': 2, b: 3, B: 4, é: 5, 10: 6, 9: 7 })).toBe(
      '{"10":6,"9":7,"B":4,"b":3,"é":5,"\u{1f6a2}":1,"\uff5e":2}',
    )
    expect(canonical([{ 10: 1, 9: 2, a: 3 }])).toBe('[{"10":1,"9":2,"a":3}]')
  })

  test('objects of many shapes after each other keep their own keys', () => {
    const facts = Array.from({ length: 3000 }, (_, i) =>
      i % 2 ? { b: i, a: 1 } : { d: { z: 1, y: [i] }, c: 2, ...(i % 5 ? {} : { 7: 1 }) },
    )
    expect(canonical({ facts })).toBe(bySpecification({ facts }))
  })

  test('a property without value is left out, everywhere', () => {
    expect(canonical({ b: undefined, a: 1 })).toBe('{"a":1}')
    expect(canonical([{ b: undefined, a: { c: undefined } }])).toBe('[{"a":{}}]')
  })

  test.each<readonly [string, unknown, string]>([
    ['NaN', { facts: [{ value: Number.NaN }] }, '$.facts[0].value'],
    ['Infinity', [1, -Infinity], '$[1]'],
    ['function', { run: () => 1 }, '$.run'],
    ['function', [{ toJSON: () => 1 }], '$[0].toJSON'],
    ['undefined', [1, undefined], '$[1]'],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is the case
    ['undefined', { list: [1, , 2] }, '$.list[1]'],
    ['undefined', undefined, '$'],
    ['bigint', { n: 1n }, '$.n'],
    ['symbol', [Symbol('s')], '$[0]'],
    ['Date', { at: new Date(0) }, '$.at'],
    ['Map', [new Map([['a', 1]])], '$[0]'],
    ['NaN', Array.from({ length: 2500 }, (_, i) => ({ value: i === 2321 ? Number.NaN : i })), '$[2321].value'],
  ])('%s is refused, and the place is named', (what, value, path) => {
    let error: unknown
    try {
      canonical(value)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(CanonicalError)
    expect(error).toMatchObject({ path, message: expect.stringContaining(what) })
  })

  test('a value that contains itself is refused, not followed', () => {
    const loop: unknown[] = []
    loop.push({ loop })
    expect(() => canonical(loop)).toThrow(CanonicalError)
  })

  test('200,000 levels are refused without exhausting the stack', () => {
    let deep: unknown = 1
    for (let i = 0; i < 200_000; i++) deep = i % 2 ? [deep] : { deep }
    expect(() => canonical(deep)).toThrow(/nested deeper than 1000 levels/)
  })

  test('half a surrogate pair is written as an escape, so that its bytes are its own', () => {
    expect(canonical('\ud83d')).toBe(String.raw`"\ud83d"`)
    expect(digest('\ud83d', sha256)).not.toBe(digest('\ufffd', sha256))
  })
})

test('a digest is the hash of the text', () => {
  expect(digest({ b: [true, null], a: '✓' }, sha256)).toBe(sha256('{"a":"✓","b":[true,null]}'))
})
