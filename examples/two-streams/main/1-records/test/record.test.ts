import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRecord, readRecord } from '../src/record.ts'

const LINE = '2026-02-23T09:00:00Z ERROR api request 7 timed out'

test('a line becomes a record', () => {
  assert.deepEqual(readRecord(LINE), { at: '2026-02-23T09:00:00Z', level: 'ERROR', service: 'api', message: 'request 7 timed out' })
})

test('a record becomes the same line again', () => {
  const record = readRecord(LINE)
  assert.ok(record)
  assert.equal(formatRecord(record), LINE)
})

test('a line that is no record is left out', () => {
  assert.equal(readRecord('    at Object.<anonymous> (server.js:7:1)'), undefined)
  assert.equal(readRecord('2026-02-23T09:00:00Z FATAL api gone'), undefined)
})
