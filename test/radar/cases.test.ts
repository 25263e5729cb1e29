import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { History } from './history.ts'
import { judge } from './judge.ts'

const CASES = join(import.meta.dirname, '../cases/radar-probe')

/** What once was answered otherwise than by git, or easily could be; each file's `comment` says how. */
test.each(readdirSync(CASES).filter((name) => name.endsWith('.json')))('%s', async (name) => {
  const history = JSON.parse(readFileSync(join(CASES, name), 'utf8')) as History & { readonly conflicts?: number }
  const judged = await judge(history, { batch: true })
  expect(judged.wrong).toEqual([])
  // So that the case keeps its point.
  if (history.conflicts !== undefined) expect(judged.conflicts).toBe(history.conflicts)
})
