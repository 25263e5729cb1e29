import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenize } from '../../src/query/token.ts'

const kinds = (query: string): readonly string[] => {
  const result = tokenize(query)
  assert.ok(result.ok)
  return result.tokens.map((token) => token.kind)
}

test('words, signs and parentheses are told apart', () => {
  assert.deepEqual(kinds('timeout -(retry OR cache)'), ['text', 'not', 'open', 'text', 'or', 'text', 'close'])
})

test('a phrase is one text, with the spaces in it', () => {
  assert.deepEqual(tokenize('"timed out"'), { ok: true, tokens: [{ kind: 'text', text: 'timed out', column: 1 }] })
})

test('a field takes a word or a phrase', () => {
  assert.deepEqual(tokenize('level:ERROR message:"timed out"'), {
    ok: true,
    tokens: [
      { kind: 'field', field: 'level', value: 'ERROR', column: 1 },
      { kind: 'field', field: 'message', value: 'timed out', column: 13 },
    ],
  })
})

test('an open phrase and an unknown field are refused, with their column', () => {
  assert.deepEqual(tokenize('api "timed out'), { ok: false, reason: 'the quotation mark is never closed', column: 5 })
  assert.deepEqual(tokenize('api host:a'), { ok: false, reason: 'there is no field "host", only level, service, message', column: 5 })
})
