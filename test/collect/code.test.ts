import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createScene } from '../cli/scene.ts'

const PROGRAM = `program: demo
name: Demo
calendar: { zone: UTC }
people:
  boss: { name: The phase lead, roles: [phase-lead] }
  lead-a: { name: Lead A }
sources:
  code: { collect: code }
  tests: { collect: code, paths: ['test/**'] }
  nothing: { collect: code, paths: ['absent/**'] }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
checkpoints:
  week1:
    name: Week one
    at: 2026-02-25 16:00
    criteria:
      small: { title: It stays small, metric: code.code, atMost: 5 lines }
      tested: { title: There are tests, metric: tests.code, atLeast: 1 }
      absent: { title: Nothing is nothing, metric: nothing.code, atMost: 5 lines }
`

test('lines of the whole commit by language, kept by blob, and counted anew when what was kept is damaged', async () => {
  const scene = createScene({ program: PROGRAM })
  scene.repository.git('checkout', '-q', 'feature/reader')
  scene.repository.git('rm', '-q', '-r', '.')
  const files = {
    'src/a.ts': '// a\nexport const a = 1\n\nexport const b = 2\n',
    'src/b.py': '# b\nb = 1\n',
    'test/a.test.ts': "test('a')\n",
    'readme.md': '# Words\n',
    'logo.png': '\u0000\u0001',
  }
  scene.repository.commit('All of it', files)
  scene.repository.git('checkout', '-q', 'main')
  scene.program(PROGRAM)
  const look = async () => {
    const { criteria } = await scene.report()
    return criteria.map(({ id, rawStatus, evidence }) => [id, rawStatus, evidence[0]?.value])
  }
  const expected = [
    ['small', 'satisfied', 4],
    ['tested', 'satisfied', 1],
    ['absent', 'missing', undefined],
  ]
  expect(await look()).toEqual(expected)
  const folder = scene.path('.muster', 'cache', 'code')
  const [kept = ''] = readdirSync(folder)
  expect(await look()).toEqual(expected)
  const bytes = readFileSync(join(folder, kept))
  bytes.fill(0xff, bytes.length >> 1)
  writeFileSync(join(folder, kept), bytes)
  expect(await look()).toEqual(expected)
})
