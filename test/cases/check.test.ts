import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { explanationText, readCase, verdictText } from './check-case.ts'

const CASES = join(import.meta.dirname, 'check')

/** The first line of each `muster.yaml` says what the case is for. Regenerate with `-u`, then read the difference. */
describe.each(readdirSync(CASES))('%s', (name) => {
  const expected = (file: string): string => join(CASES, name, 'expected', file)

  test('verdict, explanation and decision', async () => {
    const held = readCase(join(CASES, name))
    await expect(verdictText(held)).toMatchFileSnapshot(expected('verdict.txt'))
    await expect(explanationText(held)).toMatchFileSnapshot(expected('explanation.txt'))
    await expect(`${JSON.stringify(held.checked.decision, undefined, 2)}\n`).toMatchFileSnapshot(expected('decision.json'))
  })
})
