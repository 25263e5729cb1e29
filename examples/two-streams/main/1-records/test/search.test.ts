import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '../src/record.ts'
import { containing, search } from '../src/search.ts'

const record = (message: string): LogRecord => ({ at: '2026-02-23T09:00:00Z', level: 'INFO', service: 'api', message })
const records = [record('Request started'), record('cache miss'), record('request done')]

test('a word is found in any case, in the order of the log', () => {
  assert.deepEqual(search(records, containing('REQUEST')), [records[0], records[2]])
})

test('a word that stands nowhere finds nothing', () => {
  assert.deepEqual(search(records, containing('timeout')), [])
})
