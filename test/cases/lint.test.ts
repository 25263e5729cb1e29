import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PROBLEMS } from '#core/problems.ts'
import { findingsText } from '#render/findings/text.ts'
import { lintCase } from './lint-case.ts'

const CASES = join(import.meta.dirname, 'lint')
const names = readdirSync(CASES).toSorted()

describe.each(names)('%s', (name) => {
  test('finds what is written down, and nothing else', async () => {
    await expect(findingsText(await lintCase(join(CASES, name)), false)).toMatchFileSnapshot(join(CASES, name, 'expected.txt'))
  })
})

test('every finding of every case is in the catalogue and names a place in a file of the case', async () => {
  for (const name of names) {
    const folder = join(CASES, name)
    for (const one of await lintCase(folder)) {
      expect(Object.keys(PROBLEMS)).toContain(one.code)
      for (const place of [one, ...one.related]) {
        expect(readdirSync(folder)).toContain(place.file)
        expect(place.line).toBeGreaterThan(0)
        expect(place.column).toBeGreaterThan(0)
      }
    }
  }
})
