import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tell } from './story.ts'

const CASES = join(import.meta.dirname, 'cases')

/** The first line of each case says what it is for. Regenerate with `-u`, then read the difference. */
test.each(readdirSync(CASES).filter((file) => file.endsWith('.yaml')))('%s', async (file) => {
  await expect(tell(join(CASES, file))).toMatchFileSnapshot(join(CASES, file.replace(/\.yaml$/, '.txt')))
})
