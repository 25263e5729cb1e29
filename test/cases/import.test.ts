import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { summaryOf } from '#cli/import/summary.ts'
import { KINDS } from '#collect/registry.ts'
import { readDocuments } from '#core/plan/read/read.ts'
import { writeProgram } from '#core/plan/write.ts'
import { loadProgram } from '#core/program/load.ts'

const FOLDER = join(import.meta.dirname, 'import')

/** One plan a folder: `plan.md`, the program file it becomes, and the summary of the import. `vitest -u` records them anew. */
describe.each(readdirSync(FOLDER))('%s', (name) => {
  test('is read as recorded', async () => {
    const text = readFileSync(join(FOLDER, name, 'plan.md'), 'utf8')
    const read = readDocuments([{ file: 'plan.md', text }], { anchor: '2026-03-02', year: 2026 })
    const written = writeProgram(read.plan, { kinds: KINDS, day: '2026-04-06', zone: 'UTC', documents: ['plan.md'] })
    const { program, problems } = loadProgram('muster.yaml', new TextEncoder().encode(written.text), KINDS)
    expect(problems).toEqual([])
    const summary = summaryOf(read, [...read.plan.notices, ...written.notices], program)
    await expect(written.text).toMatchFileSnapshot(join(FOLDER, name, 'expected.yaml'))
    await expect(`${JSON.stringify(summary, undefined, 2)}\n`).toMatchFileSnapshot(join(FOLDER, name, 'expected.json'))
  })
})
