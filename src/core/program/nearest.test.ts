import { expect, test } from 'vitest'
import { listed, nearest } from '#core/program/nearest.ts'

test('what was meant is what is a slip or two away, else the only one that begins so', () => {
  const ids = ['midweek', 'week-end', 'week-start']
  expect(nearest('midwek', ids)).toBe('midweek')
  expect(nearest('mid', ids)).toBe('midweek')
  expect(nearest('week', ids)).toBeUndefined()
  expect(nearest('m', ids)).toBeUndefined()
  expect(nearest('end', ids)).toBeUndefined()
})

test('a few ids are listed as they are, of many those that have most in common with what was written', () => {
  expect(listed('x', [])).toBe('there is none')
  expect(listed('b', ['a', 'b'])).toBe('there are: a, b')
  const many = [...Array.from({ length: 11 }, (_, index) => `other-${index}`), 'code-95-complete']
  expect(listed('code-over-95', many)).toMatch(/^there are: code-95-complete, other-0, .* and 2 more$/)
})
