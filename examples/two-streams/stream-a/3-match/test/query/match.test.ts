import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matches } from '../../src/query/match.ts'
import { parseQuery } from '../../src/query/parse.ts'
import { readRecord } from '../../src/record.ts'
import { search } from '../../src/search.ts'

const records = [
  '2026-02-23T09:00:00Z ERROR api request timed out',
  '2026-02-23T09:00:01Z INFO auth token refreshed',
  '2026-02-23T09:00:02Z ERROR auth request timed out',
  '2026-02-23T09:00:03Z WARN api-gateway retry scheduled',
].flatMap((line) => readRecord(line) ?? [])

/** Numbers of the records that a query finds. */
const found = (source: string): readonly number[] => {
  const parsed = parseQuery(source)
  assert.ok(parsed.ok)
  return search(records, matches(parsed.query)).map((record) => records.indexOf(record))
}

test('everything side by side must hold', () => {
  assert.deepEqual(found('level:error service:auth timed'), [2])
})

test('one side of OR is enough', () => {
  assert.deepEqual(found('token OR retry'), [1, 3])
})

test('what is left out is not found', () => {
  assert.deepEqual(found('-level:ERROR'), [1, 3])
  assert.deepEqual(found('level:error -service:auth'), [0])
})

test('a service is compared as a whole, a message by what it holds', () => {
  assert.deepEqual(found('service:api'), [0])
  assert.deepEqual(found('message:"TIMED OUT"'), [0, 2])
})
