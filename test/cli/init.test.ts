import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { guessWork } from '#cli/init/work.ts'
import { run } from '#cli/run.ts'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { gitRepository } from './git-repository.ts'
import { fakeIo } from './io.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-init-test-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function init(...args: string[]) {
  const io = fakeIo({
    argv: ['init', '--zone', 'Europe/Berlin', ...args],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    now: '2026-02-24T10:00:00Z',
  })
  const exitCode = await run(io)
  return { exitCode, out: io.out(), err: io.err() }
}

function written(file = 'muster.yaml'): Program {
  const { program, problems } = loadProgram(file, readFileSync(join(folder, file)), KINDS)
  expect(problems).toEqual([])
  if (!program) throw new Error('no program')
  return program
}

describe('a repository with branches, owners and tests', () => {
  beforeEach(() => {
    const repository = gitRepository(folder)
    repository.commit('main', {
      files: {
        '.github/CODEOWNERS': '* @chief\n/src/parser/ @org/parser-team\nsrc/cache @lead-b # the cache\n',
        'package.json': JSON.stringify({
          scripts: { build: 'tsc', test: 'vitest' },
          devDependencies: { vitest: '5', '@vitest/coverage-v8': '5' },
        }),
        'package-lock.json': '{}',
      },
    })
    repository.commit('feature/parser', { files: { 'src/parser/read.ts': 'export {}\n' } })
    repository.commit('feature/cache', { files: { 'src/cache/a.ts': '1\n', 'src/cache/b.ts': '2\n', 'other.ts': '3\n' } })
    repository.commit('dependabot/npm/x', { files: { x: 'x' } })
    repository.commit('release/1.0', { files: { y: 'y' } })
    repository.git(['branch', 'done', 'main'])
  })

  test('becomes a program that loads', async () => {
    const { exitCode, err } = await init()
    expect(exitCode).toBe(0)
    const program = written()
    expect(program.target).toBe('main')
    expect(program.streams.map(({ id, name, lead, branch }) => [id, name, lead, branch])).toEqual([
      ['cache', 'Cache', 'lead-b', 'feature/cache'],
      ['parser', 'Parser', 'parser-team', 'feature/parser'],
    ])
    expect(program.people.map(({ id, handle, roles }) => [id, handle, roles])).toEqual([
      ['chief', '@chief', ['phase-lead']],
      ['parser-team', '@org/parser-team', []],
      ['lead-b', '@lead-b', []],
    ])
    expect(program.sources.map(({ id, collect }) => [id, collect])).toEqual([
      ['git', 'git'],
      ['build', 'command'],
      ['test', 'command'],
      ['tests', 'junit'],
      ['coverage', 'coverage'],
      ['guard', 'guard'],
    ])
    expect(program.checkpoints.map(({ at, criteria }) => [at, criteria.map((one) => one.id)])).toEqual([
      ['2026-02-25T15:00:00Z', ['branch', 'build', 'tests', 'blockers', 'guard']],
      ['2026-02-27T14:30:00Z', ['branch', 'build', 'tests', 'blockers', 'merged', 'guard']],
    ])
    expect(err).toContain('opened by a robot: dependabot/npm/x')
    expect(err).toContain('a release branch: release/1.0')
    expect(err).toContain('already in the target: done')
  })

  test('becomes a program in which nothing contradicts itself', async () => {
    await init()
    const io = fakeIo({ argv: ['lint'], cwd: folder })
    expect([await run(io), io.out()]).toEqual([0, 'no contradictions found\n'])
  })

  test('leaves nothing behind but the file', async () => {
    const before = readdirSync(folder).toSorted()
    // In the machine's place for temporary folders those of others come and go.
    const temporary = mkdtempSync(join(tmpdir(), 'muster-init-test-'))
    onTestFinished(() => {
      vi.unstubAllEnvs()
      rmSync(temporary, { recursive: true, force: true })
    })
    vi.stubEnv('TMPDIR', temporary)
    await init()
    expect(readdirSync(folder).toSorted()).toEqual([...before, 'muster.yaml'].toSorted())
    expect(readdirSync(temporary)).toEqual([])
  })

  test('takes the branches that are named, whatever they are called', async () => {
    expect((await init('--streams', 'release/*', '--streams', 'feature/p*')).exitCode).toBe(0)
    expect(written().streams.map((one) => one.branch)).toEqual(['release/1.0', 'feature/parser'])
    expect((await init('--streams', 'nothing/*', '--output', 'other.yaml')).err).toContain('no branch matches nothing/*')
  })

  test('names the repository from where the file lies', async () => {
    await init('--output', 'plans/a/muster.yaml')
    expect(written('plans/a/muster.yaml').repository).toBe('../..')
  })

  test('never overwrites what is there unless told to', async () => {
    writeFileSync(join(folder, 'muster.yaml'), 'mine')
    const { exitCode, err } = await init()
    expect(exitCode).toBe(2)
    expect(err).toContain('--force')
    expect(readFileSync(join(folder, 'muster.yaml'), 'utf8')).toBe('mine')
    expect((await init('--force')).exitCode).toBe(0)
    expect(written().streams).toHaveLength(2)
  })

  test('refuses a target, a zone or a pattern that cannot be', async () => {
    expect((await init('--target', 'mian')).err).toContain('there is no branch "mian"')
    expect((await init('--zone', 'Mars/Olympus')).err).toContain('unknown-zone')
    expect((await init('--streams', '/x')).exitCode).toBe(2)
    expect(existsSync(join(folder, 'muster.yaml'))).toBe(false)
  })
})

test('of forty branches the twenty most recently active are taken, and the rest is said', async () => {
  const repository = gitRepository(folder, 'trunk')
  repository.commit('trunk')
  for (let number = 10; number < 50; number += 1)
    repository.commit(`work/${number}`, { author: `Author ${number % 2}`, at: `2026-01-06T10:00:${number}Z`, files: { f: String(number) } })
  const { err } = await init()
  const { streams, target, people } = written()
  expect(target).toBe('trunk')
  expect(streams.map((one) => one.branch)).toEqual(Array.from({ length: 20 }, (_, index) => `work/${49 - index}`))
  expect(streams[0]?.name).toBe('Work 49')
  expect(people.map((one) => one.name)).toEqual(['Author 1', 'Author 0', 'Phase lead'])
  expect(err).toContain('beyond the 20 most recently active: work/29, work/28, work/27, work/26, work/25 and 15 more')
})

test('none of several who lead one stream each is given the say over all of them', async () => {
  const repository = gitRepository(folder)
  repository.commit('main', { files: { 'readme.txt': 'x' } })
  repository.commit('agent/one', { files: { one: '1' }, author: 'Agent one' })
  repository.commit('agent/two', { files: { two: '2' }, author: 'Agent two' })
  await init()
  expect(written().people.map(({ name, roles }) => [name, roles])).toEqual([
    ['Agent two', []],
    ['Agent one', []],
    ['Phase lead', ['phase-lead']],
  ])
})

test('where nothing says how to test, branches that are merely there are no GO', async () => {
  const repository = gitRepository(folder)
  repository.commit('main', { files: { 'readme.txt': 'x' } })
  repository.commit('feature/one', { files: { one: '1' } })
  await init()
  const io = fakeIo({
    argv: ['check', '--dry-run'],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    now: '2026-02-24T10:00:00Z',
  })
  expect(await run(io)).toBe(3)
  expect(io.out()).toContain('Somebody has seen it work')
  expect(io.out()).not.toContain('Merge plan')
})

test('a repository without branches becomes a program without streams, which says so', async () => {
  gitRepository(folder)
  const { exitCode, err } = await init()
  expect(exitCode).toBe(0)
  expect(err).toContain('no branch looks like a stream')
  expect(written().streams).toEqual([])
})

test('a folder that is no repository is said to be none', async () => {
  const { exitCode, err } = await init()
  expect(exitCode).toBe(4)
  expect(err).toContain('There is no git repository at')
  expect(existsSync(join(folder, 'muster.yaml'))).toBe(false)
})

test('names that would be something else in YAML or on a terminal are only names', async () => {
  const repository = gitRepository(folder)
  repository.commit('main')
  repository.commit("feature/we'ird#{näme}", { author: 'null: "x" # \u202E', files: { a: 'a' } })
  repository.commit('feature/1234', { author: 'yes', files: { b: 'b' } })
  await init()
  const { streams, people } = written()
  expect(streams.map(({ id, branch, lead }) => [id, branch, people.find((one) => one.id === lead)?.name])).toEqual([
    ['feature-1234', 'feature/1234', 'yes'],
    ['we-ird-name', "feature/we'ird#{näme}", 'null: "x" #'],
  ])
})

const names = (...all: string[]): ReadonlySet<string> => new Set(all)

test.each([
  [
    'vitest',
    names('package.json', 'pnpm-lock.yaml'),
    { 'package.json': '{"scripts":{"build":"x"},"devDependencies":{"vitest":"5"}}' },
    'pnpm run build',
    'pnpm exec vitest run --reporter=junit --outputFile=reports/junit.xml',
  ],
  [
    'node --test',
    names('package.json'),
    { 'package.json': '{"scripts":{"test":"node --conditions=x --test \'test/**\'"}}' },
    undefined,
    "mkdir -p reports && node --conditions=x --test --experimental-test-coverage --test-reporter=junit --test-reporter-destination=reports/junit.xml --test-reporter=lcov --test-reporter-destination=reports/lcov.info 'test/**'",
  ],
  [
    'node --test with reporters of its own',
    names('package.json'),
    {
      'package.json':
        '{"scripts":{"test":"node --test --test-reporter=junit --test-reporter-destination=reports/junit.xml --test-reporter spec --test-reporter-destination stdout test/*.js"}}',
    },
    undefined,
    'mkdir -p reports && node --test --experimental-test-coverage --test-reporter=junit --test-reporter-destination=reports/junit.xml --test-reporter=lcov --test-reporter-destination=reports/lcov.info test/*.js',
  ],
  [
    'jest',
    names('package.json'),
    { 'package.json': '{"devDependencies":{"jest":"30"}}' },
    undefined,
    'mkdir -p reports && npx --no-install jest --ci --json --outputFile=reports/jest.json --coverage --coverageReporters=lcovonly --coverageDirectory=reports',
  ],
  [
    'no test at all',
    names('package.json'),
    { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' },
    undefined,
    undefined,
  ],
  ['cargo', names('Cargo.toml', 'Makefile'), { Makefile: 'test:\n' }, 'cargo build --workspace --all-targets', 'cargo test --workspace'],
  [
    'mocha',
    names('package.json'),
    { 'package.json': '{"devDependencies":{"mocha":"12"}}' },
    undefined,
    'npx --no-install mocha --reporter json --reporter-option output=reports/mocha.json',
  ],
  [
    'go',
    names('go.mod'),
    {},
    'go build ./...',
    'mkdir -p reports && go test -json -coverprofile=reports/cover.out ./... > reports/go-test.jsonl',
  ],
  [
    'pytest with coverage',
    names('pyproject.toml', 'uv.lock'),
    { 'pyproject.toml': 'dev = ["pytest", "pytest-cov"]' },
    undefined,
    'uv run pytest --junitxml=reports/junit.xml --cov --cov-report=lcov:reports/lcov.info',
  ],
  ['make', names('Makefile'), { Makefile: 'build: x\n\ncheck:\n' }, 'make build', 'make check'],
])('the work of a repository with %s', (_what, files, contents, build, testRun) => {
  const work = guessWork(files, contents)
  expect(work?.build?.run).toBe(build)
  expect(work?.test?.run).toBe(testRun)
})

test('of a package file that is broken, or no object, nothing is guessed', () => {
  expect(guessWork(names('package.json'), { 'package.json': '{' })).toBeUndefined()
  expect(guessWork(names('package.json'), { 'package.json': '[]' })).toBeUndefined()
  expect(guessWork(names('readme.md'), {})).toBeUndefined()
})
