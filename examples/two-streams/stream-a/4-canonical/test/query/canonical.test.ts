import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from '../../src/query/canonical.ts'
import { parseQuery } from '../../src/query/parse.ts'

const key = (source: string): string => {
  const parsed = parseQuery(source)
  assert.ok(parsed.ok)
  return canonical(parsed.query)
}

test('order, repetition and case do not matter', () => {
  assert.equal(key('level:ERROR timeout'), key('Timeout level:error timeout'))
})

test('needless parentheses do not matter', () => {
  assert.equal(key('((a) (b c))'), key('c b a'))
  assert.equal(key('a OR (b OR c)'), key('(c OR a) OR b'))
})

test('what means something else has another text', () => {
  const keys = ['a b', 'a OR b', '"a b"', 'a -b', '-(a b)', 'service:a b', 'a (b OR c)', 'a b OR c'].map(key)
  assert.equal(new Set(keys).size, keys.length)
})
