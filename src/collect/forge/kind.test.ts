import { expect, test } from 'vitest'
import { options } from '#collect/forge/kind.ts'

test('a source names only variables that hold tokens and keys', () => {
  expect(options.safeParse({ token: 'AWS_SECRET_ACCESS_KEY' }).success).toBe(false)
  expect(options.safeParse({ token: 'GH_TOKEN' }).success).toBe(true)
  expect(options.safeParse({ project: 'example/..' }).success).toBe(false)
})
