import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lru } from '../../src/cache/lru.ts'

test('what was put in comes out', () => {
  const cache = new Lru<number>(2)
  cache.set('a', 1)
  assert.equal(cache.get('a'), 1)
  assert.equal(cache.get('b'), undefined)
})

test('it never holds more than its capacity', () => {
  const cache = new Lru<number>(3)
  for (let index = 0; index < 100; index += 1) cache.set(`key ${index}`, index)
  assert.equal(cache.size, 3)
})

test('the entry that was not asked for longest leaves first', () => {
  const cache = new Lru<number>(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3])
})

test('a capacity of nothing is refused', () => {
  assert.throws(() => new Lru(0), /at least one entry/)
})
