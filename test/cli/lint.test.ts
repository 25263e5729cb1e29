import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '#cli/run.ts'
import { PROBLEMS } from '#core/problems.ts'
import { fakeIo } from './io.ts'

const SOUND = readFileSync(fileURLToPath(new URL('../../docs/problems/minimal.yaml', import.meta.url)), 'utf8')
const PLAN = `# Plan

### Wednesday EOD (Feb 26, 2026) - Midweek

**Acceptance Criteria:**
- [ ] Core functionality 40% implemented

**Deliverables per stream:**

Stream A (Parser):
- [ ] Parser written (150/400 LOC)
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-lint-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(folder, name), text)

async function lint(...args: string[]) {
  const io = fakeIo({ argv: ['lint', ...args], cwd: folder })
  return { exitCode: await run(io), out: io.out(), err: io.err() }
}

interface Findings {
  readonly schemaVersion: number
  readonly findings: readonly {
    readonly code: string
    readonly severity: string
    readonly file: string
    readonly line: number
    readonly column: number
    readonly related: readonly object[]
  }[]
}

describe('exit codes', () => {
  test('0 for a sound program, which is looked for as everywhere', async () => {
    write('muster.yaml', SOUND)
    expect(await lint()).toEqual({ exitCode: 0, out: 'no contradictions found\n', err: '' })
  })

  test('0 when there are only warnings', async () => {
    write('muster.yaml', SOUND.replace('atLeast: 80%', 'atMost: 80%'))
    const { exitCode, out } = await lint()
    expect(out).toContain('(threshold-direction)')
    expect(out).toMatch(/\n0 errors, 1 warning\n$/)
    expect(exitCode).toBe(0)
  })

  test('1 when there is an error, also one that keeps the program from running', async () => {
    write('muster.yaml', SOUND.replace('lead: lead-b', 'lead: nobody'))
    const { exitCode, out } = await lint()
    expect(out).toContain('(unknown-person)')
    expect(exitCode).toBe(1)
  })

  test('2 for a file that is not there or no text, and for an unknown format', async () => {
    write('plan.md', new Uint8Array([0xff, 0xfe, 0x41, 0x00]))
    expect(await lint('nowhere.md')).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('(file-not-found)') as string })
    expect(await lint('plan.md')).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('(file-unreadable)') as string })
    expect(await lint('plan.md', '--format', 'xml')).toMatchObject({ exitCode: 2, out: '' })
    expect(await lint('plan.md', '--anchor', '2026-02-30')).toMatchObject({
      exitCode: 2,
      out: '',
      err: expect.stringContaining('2026-02-30') as string,
    })
  })
})

test('a Markdown plan is read, and each finding has its line', async () => {
  write('plan.md', PLAN)
  const { exitCode, out } = await lint('plan.md', '--format', 'json')
  const { schemaVersion, findings } = JSON.parse(out) as Findings
  expect(schemaVersion).toBe(1)
  expect(exitCode).toBe(1)
  expect(findings.map(({ code, file, line }) => [code, file, line])).toEqual([
    ['weekday-mismatch', 'plan.md', 3],
    ['target-below-criterion', 'plan.md', 11],
  ])
  expect(findings[1]?.related).toEqual([expect.objectContaining({ file: 'plan.md', line: 6 })])
})

test('documents and programs of one call come out together, by place', async () => {
  write('plan.md', PLAN)
  write('muster.yaml', SOUND.replace('lead: lead-b', 'lead: nobody'))
  const { findings } = JSON.parse((await lint('muster.yaml', 'plan.md', '--format', 'json')).out) as Findings
  expect(findings.map((one) => one.file)).toEqual(['muster.yaml', 'plan.md', 'plan.md'])
})

test('sarif names every rule it uses, and places as a service reads them', async () => {
  mkdirSync(join(folder, 'a plan'))
  write('a plan/plän.md', PLAN)
  const { out } = await lint('a plan/plän.md', '--format', 'sarif')
  const log = JSON.parse(out) as {
    version: string
    runs: {
      tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } }
      columnKind: string
      results: { ruleId: string; ruleIndex: number; level: string; locations: object[]; relatedLocations?: object[] }[]
    }[]
  }
  const [first] = log.runs
  expect(log.version).toBe('2.1.0')
  expect(first?.tool.driver.rules.map((one) => one.shortDescription.text)).toEqual([
    PROBLEMS['target-below-criterion'],
    PROBLEMS['weekday-mismatch'],
  ])
  for (const one of first?.results ?? []) {
    expect(first?.tool.driver.rules[one.ruleIndex]?.id).toBe(one.ruleId)
    expect(one.level).toBe('error')
  }
  expect(first?.results.map((one) => one.locations)).toContainEqual([
    { physicalLocation: { artifactLocation: { uri: 'a%20plan/pl%C3%A4n.md' }, region: { startLine: 11, startColumn: 7 } } },
  ])
  expect(first?.results.flatMap((one) => one.relatedLocations ?? [])).toHaveLength(1)
})

test('github: errors come first, and nothing in a plan can start a command of its own', async () => {
  write(
    'muster.yaml',
    SOUND.replace('name: Midweek', 'name: "Mid\\n::stop-commands::x"')
      .replace('atLeast: 80%', 'atMost: 80%')
      .replace('lead: lead-b', 'lead: nobody'),
  )
  const { out } = await lint('--format', 'github')
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => /^::(\w+) file=muster\.yaml,line=\d+,col=\d+,title=[a-z-]+::/.exec(line)?.[1])).toEqual(['error', 'warning'])
})

test('a branch that the repository has for one stream and not for another', async () => {
  const { testRepository } = await import('../collect/git-repository.ts')
  const repository = testRepository(join(folder, 'repository'))
  repository.commit('begin', { 'a.txt': 'a' })
  repository.git('branch', 'feature/parser')
  write('muster.yaml', SOUND.replace('name: Demo', `name: Demo\nrepository: ${JSON.stringify(repository.folder)}`))
  expect((await lint()).out).toBe('no contradictions found\n')
  mkdirSync(join(folder, '.muster'))
  const { exitCode, out } = await lint()
  expect(out).toContain('the repository has no branch feature/cache')
  expect(out).not.toContain('feature/parser')
  expect(exitCode).toBe(0)
})
