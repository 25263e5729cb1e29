import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadProgram } from '#core/program/load.ts'
import { KINDS } from './kinds.ts'

const CASES = new URL('../../cases/program/', import.meta.url)

/** One line a finding, in the order in which they are said. */
const said = (name: string): string => {
  const { program, problems } = loadProgram('muster.yaml', readFileSync(new URL(`${name}/muster.yaml`, CASES)), KINDS)
  const lines = problems.map(
    (one) => `${one.line}:${one.column} ${one.severity === 'error' ? '' : 'warning '}${one.code}: ${one.message}\n    ${one.remedy}\n`,
  )
  return lines.join('') + (program ? 'loaded\n' : 'not loaded\n')
}

test.each(readdirSync(CASES))('%s', async (name) => {
  await expect(said(name)).toMatchFileSnapshot(new URL(`${name}/expected.txt`, CASES).pathname)
})
