import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf, Buckets } from '#server/limits.ts'

describe('buckets', () => {
  it('give no more than a burst and what has come back since, whenever it is asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 }), (steps) => {
        let now = 0
        const buckets = new Buckets({ burst: 5, perSecond: 2 }, () => now / 1000)
        let given = 0
        for (const step of steps) {
          now += step
          if (buckets.take('a') === 0) given += 1
          expect(given).toBeLessThanOrEqual(5 + (2 * now) / 1000 + 1e-9)
        }
      }),
    )
  })

  it('say how long to wait, and give after that', () => {
    let now = 0
    const buckets = new Buckets({ burst: 1, perSecond: 0.2 }, () => now)
    expect(buckets.take('a')).toBe(0)
    const wait = buckets.take('a')
    expect(wait).toBe(5)
    expect(buckets.take('b')).toBe(0)
    now += wait
    expect(buckets.take('a')).toBe(0)
  })

  it('keep no more keys than they may, the ones asked for last', () => {
    const buckets = new Buckets({ burst: 1, perSecond: 0.001 }, () => 0, 100)
    for (let index = 0; index < 10_000; index += 1) buckets.take(`key ${index}`)
    expect(buckets.size).toBe(100)
    expect(buckets.take('key 9999')).toBeGreaterThan(0)
    expect(buckets.take('key 0')).toBe(0)
  })
})

it('addresses of one IPv6 network are one', () => {
  expect(blockOf('10.0.0.7')).toBe('10.0.0.7')
  expect(blockOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(blockOf('2001:db8::6')).toBe('2001:db8:0:0')
  expect(blockOf('::1')).toBe('0:0:0:0')
  expect(blockOf('2001:db8:1:2::')).toBe('2001:db8:1:2')
})
