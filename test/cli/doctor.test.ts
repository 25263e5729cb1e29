import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clockFinding, gitVersionFinding, nodeFinding, OLDEST_NODE, sqliteFinding } from '#cli/doctor/machine.ts'
import type { Finding } from '#cli/doctor/finding.ts'
import { run } from '#cli/run.ts'
import { KINDS } from '#collect/registry.ts'
import { gitRepository } from './git-repository.ts'
import { fakeIo } from './io.ts'

const PROGRAM = `program: demo
name: Demo
calendar: { zone: UTC }
people: { lead-a: { name: Lead A, roles: [phase-lead] } }
sources: { git: { collect: git }, build: { collect: command, run: 'touch ran' } }
streams:
  a: { name: A, lead: lead-a, branch: feature/a }
checkpoints:
  one: { name: One, at: 2026-02-25 16:00, criteria: { build: { metric: build.passed, equals: true } } }
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-doctor-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function doctor(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const io = fakeIo({ argv: ['doctor', ...args], cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env } })
  return { exitCode: await run(io), out: io.out(), err: io.err() }
}

async function states(env: Readonly<Record<string, string>> = {}): Promise<Record<string, Finding['state']>> {
  const { out } = await doctor(['--format', 'json'], env)
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  for (const one of findings) expect(one.remedy === undefined).toBe(one.state === 'ok')
  return Object.fromEntries(findings.map((one) => [one.id, one.state]))
}

function repository(): void {
  const git = gitRepository(folder)
  git.commit('main')
  git.commit('feature/a', { files: { a: 'a' } })
  writeFileSync(join(folder, 'muster.yaml'), PROGRAM)
}

test('a sound place is all right but for the commands that nobody has trusted, and none of them is run', async () => {
  repository()
  const { sandbox, ...others } = await states()
  // Whether there is one is up to the machine.
  expect(['ok', 'warning']).toContain(sandbox)
  expect(others).toEqual({
    node: 'ok',
    sqlite: 'ok',
    git: 'ok',
    program: 'ok',
    state: 'ok',
    repository: 'ok',
    target: 'ok',
    branches: 'ok',
    commands: 'warning',
    ledger: 'ok',
    clock: 'ok',
  })
  expect((await doctor()).exitCode).toBe(0)
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

test('trusted commands are said to be trusted', async () => {
  repository()
  const io = fakeIo({ argv: ['trust', '--yes'], cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } })
  expect(await run(io)).toBe(0)
  expect(await states()).toMatchObject({ commands: 'ok' })
})

test('without a program file it looks at the machine, and says how to get one', async () => {
  const { exitCode, out } = await doctor()
  expect(exitCode).toBe(4)
  expect(out).toMatch(/^✓ ok +node/m)
  expect(out).toMatch(/^✗ fail +program .*file-not-found.*\n +run `muster init`/m)
})

test('a program with mistakes, a repository that is none, a branch that is not there', async () => {
  writeFileSync(join(folder, 'muster.yaml'), PROGRAM.replace('zone: UTC', 'zone: Nowhere'))
  expect(await states()).toMatchObject({ program: 'fail' })
  writeFileSync(join(folder, 'muster.yaml'), PROGRAM)
  expect(await states()).toMatchObject({ program: 'ok', repository: 'fail' })
  repository()
  writeFileSync(
    join(folder, 'muster.yaml'),
    PROGRAM.replace('branch: feature/a', 'branch: feature/b').replace('program: demo', 'program: demo\ntarget: mian'),
  )
  expect(await states()).toMatchObject({ repository: 'ok', target: 'fail', 'branch a': 'warning' })
})

test('a state folder that cannot be written fails', async () => {
  repository()
  writeFileSync(join(folder, 'file'), '')
  expect(await states({ MUSTER_STATE: join(folder, 'file', 'state') })).toMatchObject({ state: 'fail' })
})

test('a ledger that is no ledger fails', async () => {
  repository()
  mkdirSync(join(folder, '.muster'))
  writeFileSync(join(folder, '.muster', 'ledger.sqlite'), 'not a database at all, but long enough to be looked at as one'.repeat(20))
  const { exitCode } = await doctor()
  expect(exitCode).toBe(4)
  expect(await states()).toMatchObject({ ledger: 'fail' })
})

test('without git on the PATH it says so', async () => {
  const { out } = await doctor([], { PATH: folder })
  expect(out).toMatch(/✗ fail +git +git cannot be run\n +install git/)
})

test('versions are compared part by part', () => {
  expect(nodeFinding('24.9.0').state).toBe('fail')
  expect(nodeFinding('24.15.0').state).toBe('ok')
  expect(nodeFinding('26.0.0').state).toBe('ok')
  expect(gitVersionFinding('git version 2.9.5').state).toBe('fail')
  expect(gitVersionFinding('git version 2.39.5 (Apple Git-154)').state).toBe('ok')
  expect(gitVersionFinding('hub').state).toBe('warning')
  expect(sqliteFinding('3.51.2').state).toBe('fail')
  expect(sqliteFinding('3.51.3').state).toBe('ok')
})

test('the oldest Node is that of the package', () => {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } }
  expect(engines.node).toBe(`>=${OLDEST_NODE}`)
})

test('a clock behind the newest record fails', () => {
  expect(clockFinding('2026-02-25T12:00:00Z', 'UTC', '2026-02-25T12:00:01Z').state).toBe('fail')
  expect(clockFinding('2026-02-25T12:00:00Z', 'UTC', '2026-02-25T11:59:59Z').state).toBe('ok')
})

test('--collectors lists every kind with its keys and metrics', async () => {
  const { exitCode, out } = await doctor(['--collectors'])
  expect(exitCode).toBe(0)
  for (const kind of KINDS) {
    expect(out).toContain(`${kind.kind}: ${kind.title}`)
    for (const name of Object.keys(kind.metrics)) expect(out).toMatch(new RegExp(`^ {4}${name.replaceAll('.', '\\.')} {2,}\\S`, 'm'))
  }
  const { out: json } = await doctor(['--collectors', '--format', 'json'])
  expect(JSON.parse(json)).toMatchObject({ schemaVersion: 1, collectors: KINDS.map((kind) => ({ kind: kind.kind })) })
})

test('a branch that has parted from its remote: which one counts', async () => {
  const repository = gitRepository(folder)
  repository.commit('main', { files: { a: '1' } })
  repository.commit('feature/a', { files: { a: '2' } })
  repository.commit('forced', { files: { a: '3' } })
  repository.git(['update-ref', 'refs/remotes/origin/feature/a', 'forced'])
  writeFileSync(join(folder, 'muster.yaml'), PROGRAM)
  const { exitCode, out } = await doctor()
  expect(exitCode).toBe(0)
  expect(out).toContain('feature/a and origin/feature/a have parted; feature/a counts')
  repository.git(['update-ref', 'refs/remotes/origin/feature/a', 'feature/a'])
  expect((await doctor()).out).not.toContain('have parted')
})
