import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '#cli/run.ts'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { gitRepository } from './git-repository.ts'
import { fakeIo } from './io.ts'

const PLAN = `# Small plan

**Coordinator:** @boss

## Stream A: Reader (@lead-a)
**Branch:** feature/reader
- [ ] Reader (20/40 LOC)
- [ ] 3/6 tests passing

## Stream B: Writer (@lead-b)
**Branch:** feature/writer
- [ ] Writer (0/30 LOC)

## Checkpoints

### Friday (Feb 27, 2026), 3:30 PM - Merge review
**Duration:** 30 minutes
**Acceptance criteria:**
- [ ] Code >90% complete
- [ ] No blockers
- [ ] The interface is agreed

Nobody knows what this line is for.
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-import-test-'))
  writeFileSync(join(folder, 'PLAN.md'), PLAN)
})
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

async function muster(...argv: string[]) {
  const io = fakeIo({
    argv,
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: join(folder, 'xdg'), TZ: 'Europe/Berlin' },
    now: '2026-02-24T10:00:00Z',
  })
  const code = await run(io)
  return { code, out: io.out(), err: io.err() }
}

const text = (file = 'muster.yaml'): string => readFileSync(join(folder, file), 'utf8')

function program(file = 'muster.yaml'): Program {
  const { program, problems } = loadProgram(file, readFileSync(join(folder, file)), KINDS)
  if (!program) throw new Error(JSON.stringify(problems))
  return program
}

const edit = (from: string, to: string, file = 'muster.yaml'): void => {
  expect(text(file)).toContain(from)
  writeFileSync(join(folder, file), text(file).replace(from, to))
}

describe('muster import', () => {
  test('writes a program, and names every line that it did not understand', async () => {
    const { code, out } = await muster('import', 'PLAN.md')
    expect(code).toBe(0)
    expect(out).toContain('2 units, 1 checkpoint, 3 criteria, 3 deliverables, 3 people')
    expect(out).toContain('Not understood:\n  23: Nobody knows what this line is for.')
    expect(text()).toContain('line 23: Nobody knows what this line is for.')
    const { streams, checkpoints, calendar } = program()
    expect(streams.map(({ id, lead, branch }) => [id, lead, branch])).toEqual([
      ['stream-a', 'lead-a', 'feature/reader'],
      ['stream-b', 'lead-b', 'feature/writer'],
    ])
    expect(checkpoints.map(({ at, durationSeconds }) => [at, durationSeconds])).toEqual([['2026-02-27T14:30:00Z', 1800]])
    expect(calendar.zone).toBe('Europe/Berlin')
  })

  test('prints its summary as data', async () => {
    const { out } = await muster('import', 'PLAN.md', '--format', 'json', '-o', 'plans/x.yaml')
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      file: 'plans/x.yaml',
      written: true,
      units: 2,
      checkpoints: 1,
      criteria: 3,
      deliverables: 3,
      people: 3,
      rules: 0,
      unplaced: [{ line: 23, text: 'Nobody knows what this line is for.' }],
    })
    expect(program('plans/x.yaml').streams).toHaveLength(2)
  })

  test('reads several files as one plan', async () => {
    writeFileSync(join(folder, 'MORE.md'), '# More\n\n## Stream B\n- Reviewer: @lead-a\n- Depends on: Stream A at 50%\n')
    await muster('import', 'PLAN.md', 'MORE.md')
    expect(program().streams.find((one) => one.id === 'stream-b')).toMatchObject({
      reviewers: ['lead-a'],
      dependsOn: [{ stream: 'stream-a', reaches: 0.5 }],
    })
  })

  test('asks for the day that relative times count from, or says which it took', async () => {
    writeFileSync(join(folder, 'PLAN.md'), '# P\n\n## Track A: x (@a)\n\n### Day 3 - Sync point\n- [ ] No blockers\n')
    const { out } = await muster('import', 'PLAN.md')
    expect(out).toContain('2026-03-02 was taken (--anchor)')
    expect(program().checkpoints[0]?.at).toMatch(/^2026-03-04/)
    await muster('import', 'PLAN.md', '--anchor', '2026-06-01', '--force')
    expect(program().checkpoints[0]?.at).toMatch(/^2026-06-03/)
  })

  test('refuses what cannot be, and writes nothing', async () => {
    for (const [argv, said] of [
      [['import', 'NONE.md'], 'file-not-found'],
      [['import', 'PLAN.md', '--anchor', '2026-02-30'], 'is not a date'],
      [['import', 'PLAN.md', '--year', 'soon'], 'is not a year'],
      [['import', 'PLAN.md', '--zone', 'Mars/Olympus'], 'unknown-zone'],
    ] as const) {
      const { code, err } = await muster(...argv)
      expect([code, err]).toEqual([2, expect.stringContaining(said)])
    }
    expect(existsSync(join(folder, 'muster.yaml'))).toBe(false)
    expect((await muster('import', 'PLAN.md', '--dry-run')).out).toContain('would be written')
    expect(existsSync(join(folder, 'muster.yaml'))).toBe(false)
    expect(existsSync(join(folder, '.muster'))).toBe(false)
  })

  test('overwrites no file that it did not write', async () => {
    writeFileSync(join(folder, 'muster.yaml'), 'mine')
    const { code, err } = await muster('import', 'PLAN.md')
    expect([code, err, text()]).toEqual([2, expect.stringContaining('--force'), 'mine'])
  })

  test('reads text that is not UTF-8', async () => {
    writeFileSync(join(folder, 'PLAN.md'), Buffer.from(PLAN.replace('Reader (@', 'Prüfer (@'), 'latin1'))
    const { out } = await muster('import', 'PLAN.md')
    expect(out).toContain('Windows-1252')
    expect(program().streams[0]?.name).toBe('Prüfer')
  })
})

describe('importing a changed plan again', () => {
  test('takes over its changes and keeps what was edited by hand', async () => {
    await muster('import', 'PLAN.md')
    edit('    branch: feature/writer', '    branch: work/writer # ours')
    writeFileSync(
      join(folder, 'PLAN.md'),
      `${PLAN.replace('Duration:** 30', 'Duration:** 45').replace('@lead-b', '@lead-c')}\n## Stream C: Linter (@lead-c)\n`,
    )
    const { code, out } = await muster('import', 'PLAN.md')
    expect(code).toBe(0)
    expect(out).toMatch(/What the plan changed:[\s\S]*checkpoints\.friday-feb|What the plan changed:[\s\S]*duration: 30m -> 45m/)
    expect(text()).toContain('work/writer # ours')
    expect(program().streams.map(({ id, lead, branch }) => [id, lead, branch])).toEqual([
      ['stream-a', 'lead-a', 'feature/reader'],
      ['stream-b', 'lead-c', 'work/writer'],
      ['stream-c', 'lead-c', 'feature/linter'],
    ])
  })

  test('lists what both changed, and keeps the hand', async () => {
    await muster('import', 'PLAN.md')
    edit('duration: 30m', 'duration: 20m')
    writeFileSync(join(folder, 'PLAN.md'), PLAN.replace('Duration:** 30', 'Duration:** 45'))
    const { code, out } = await muster('import', 'PLAN.md')
    expect(code).toBe(1)
    expect(out).toMatch(/the hand was kept:\n.*duration: 20m in the file, 45m in the plan \(30m before\)/)
    expect(program().checkpoints[0]?.durationSeconds).toBe(1200)
    // Said once: the next import knows that the plan says 45.
    expect((await muster('import', 'PLAN.md')).code).toBe(0)
  })

  test('changes nothing where nothing changed', async () => {
    await muster('import', 'PLAN.md')
    const before = `${text()}# a note\n`
    writeFileSync(join(folder, 'muster.yaml'), before)
    await muster('import', 'PLAN.md')
    expect(text()).toBe(before)
  })

  test('writes nothing when the two together make no program', async () => {
    await muster('import', 'PLAN.md')
    edit('    lead: lead-a', '    lead: lead-a\n    support: [lead-b]')
    const before = text()
    writeFileSync(join(folder, 'PLAN.md'), PLAN.replace('@lead-b', '@lead-c'))
    const { code, err } = await muster('import', 'PLAN.md')
    expect([code, err]).toEqual([2, expect.stringContaining('unknown-person')])
    expect(text()).toBe(before)
  })
})

test('an imported plan is checked: empty branches are no GO, and every criterion is explained', async () => {
  await muster('import', 'PLAN.md')
  const repository = gitRepository(folder)
  repository.commit('main', { files: { 'a.ts': '1\n' } })
  repository.git(['branch', 'feature/reader', 'main'])
  repository.git(['branch', 'feature/writer', 'main'])
  const [checkpoint] = program().checkpoints
  const { code, out, err } = await muster(
    'check',
    '--checkpoint',
    checkpoint?.id ?? '',
    '--at',
    '2026-02-27 15:30',
    '--dry-run',
    '--format',
    'json',
  )
  expect([1, 3], err).toContain(code)
  const report = JSON.parse(out) as { readonly verdict: string; readonly criteria: readonly { readonly explanation: object }[] }
  expect(['NO-GO', 'INCONCLUSIVE']).toContain(report.verdict)
  expect(report.criteria.length).toBeGreaterThan(4)
  expect(report.criteria.every((one) => Object.keys(one.explanation).length > 0)).toBe(true)
})

describe('muster export', () => {
  test('writes a plan that is imported as the same program', async () => {
    await muster('import', 'PLAN.md')
    const before = program()
    expect((await muster('export', '--format', 'markdown', '-o', 'OUT.md')).code).toBe(0)
    expect((await muster('import', 'OUT.md', '-o', 'again/muster.yaml')).out).toContain('0 left')
    expect(program('again/muster.yaml')).toEqual(before)
    expect((await muster('export')).out).toBe(text('OUT.md'))
  })

  test('overwrites nothing unless told to', async () => {
    await muster('import', 'PLAN.md')
    const { code, err } = await muster('export', '-o', 'PLAN.md')
    expect([code, err]).toEqual([2, expect.stringContaining('--force')])
    expect(text('PLAN.md')).toBe(PLAN)
    mkdirSync(join(folder, 'out'))
    expect((await muster('export', '-o', 'PLAN.md', '--force')).code).toBe(0)
  })
})
