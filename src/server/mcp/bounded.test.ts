import { expect, test } from 'vitest'
import { boundedData, boundedText } from '#server/mcp/bounded.ts'

const MANY = Array.from({ length: 500 }, (_, index) => ({ id: `c-${index}`, because: 'x'.repeat(5000), evidence: [1, 2, 3] }))

test('whatever there is to say, it stays small, and says what is left out', () => {
  const data = boundedData({ verdict: 'NO-GO', criteria: MANY, streams: [{ files: MANY }] })
  expect(JSON.stringify(data).length).toBeLessThan(20_000)
  expect(data).toMatchObject({ verdict: 'NO-GO', leftOut: { criteria: expect.any(Number), 'streams.files': expect.any(Number) } })
  const text = boundedText(MANY.map(({ because }) => because))
  expect(text.length).toBeLessThan(13_000)
  expect(text).toMatch(/\(\d+ more lines; ask for one stream, or one criterion\)$/)
})

test('what is small stays as it is', () => {
  expect(boundedData({ a: [1, 2], b: { c: 'text', d: undefined } })).toEqual({ a: [1, 2], b: { c: 'text' } })
  expect(boundedText(['one', 'two'])).toBe('one\ntwo')
})

test('characters that a person does not see are shown, in every text at any depth', () => {
  expect(boundedData({ a: [{ b: 'x\u{E0041}\u202E\u001B[2J' }] })).toEqual({ a: [{ b: 'x\\u{e0041}\\u{202e}\\x1b[2J' }] })
  expect(boundedText(['a\u2028b'])).toBe('a\\u{2028}b')
})
