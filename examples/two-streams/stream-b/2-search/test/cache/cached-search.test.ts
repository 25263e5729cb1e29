import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CachedSearch } from '../../src/cache/cached-search.ts'
import { sampleLog } from '../../src/sample.ts'
import { containing, search } from '../../src/search.ts'

const log = sampleLog(200, 7)

test('a cached result is the result of the search', () => {
  const cached = new CachedSearch(log, 4)
  for (const query of ['timed out', 'miss', 'timed out']) assert.deepEqual(cached.find(query), search(log, containing(query)))
})

test('the second time no record is read', () => {
  const cached = new CachedSearch(log, 4)
  cached.find('retry')
  cached.find('retry')
  assert.deepEqual(cached.work, { hits: 1, misses: 1, read: 200 })
})
