import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuery, type Query } from '../../src/query/parse.ts'

const text = (value: string): Query => ({ kind: 'text', text: value })
const query = (source: string): Query => {
  const result = parseQuery(source)
  assert.ok(result.ok)
  return result.query
}

test('one word needs no group around it', () => {
  assert.deepEqual(query('timeout'), text('timeout'))
})

test('side by side binds closer than OR', () => {
  assert.deepEqual(query('api timeout OR retry'), { kind: 'any', of: [{ kind: 'all', of: [text('api'), text('timeout')] }, text('retry')] })
})

test('parentheses change what OR takes', () => {
  assert.deepEqual(query('api (timeout OR retry)'), {
    kind: 'all',
    of: [text('api'), { kind: 'any', of: [text('timeout'), text('retry')] }],
  })
})

test('a minus leaves out a word or a group', () => {
  assert.deepEqual(query('-retry'), { kind: 'not', of: text('retry') })
  assert.deepEqual(query('-(a OR b)'), { kind: 'not', of: { kind: 'any', of: [text('a'), text('b')] } })
})

test('what cannot be read is refused with its column', () => {
  for (const [source, column] of [
    ['', 1],
    ['(api', 1],
    ['api)', 4],
    ['api OR', 7],
    ['api -', 5],
  ] as const) {
    const result = parseQuery(source)
    assert.equal(result.ok ? 0 : result.column, column, source)
  }
})
