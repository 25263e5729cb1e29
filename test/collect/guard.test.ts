import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMirror } from '#collect/git/mirror.ts'
import { collector } from '#collect/guard/index.ts'
import { kind } from '#collect/guard/kind.ts'
import { KINDS } from '#collect/registry.ts'
import type { Fact } from '#core/evidence/collector.ts'
import { loadProgram } from '#core/program/load.ts'
import { temporaryFolder, testRepository } from './git-repository.ts'
import { OUTSIDE } from './outside.ts'

const PROGRAM = `
program: demo
name: Demo
calendar: { zone: UTC }
people:
  lead-a: { name: Lead A }
sources:
  build: { collect: command, run: sh scripts/build.sh && npm test }
  other: { collect: command, for: program, run: sh scripts/other.sh }
streams:
  reader: { name: Reader, lead: lead-a, branch: feature/reader }
checkpoints:
  friday: { name: Friday, at: 2026-02-27 16:00 }
`
const program = loadProgram('muster.yaml', new TextEncoder().encode(PROGRAM), KINDS).program ?? OUTSIDE.program

const BASE = {
  '.github/workflows/test.yml': 'on: push\n',
  'package.json': '{"name": "demo", "scripts": {"test": "vitest", "demo": "node demo.js"}, "nyc": {"lines": 80}}\n',
  'pyproject.toml': '[project]\nname = "demo"\n[tool.coverage.report]\nfail_under = 80\n',
  'scripts/build.sh': 'sh scripts/part.sh\n',
  'scripts/part.sh': 'echo part\n',
  'scripts/other.sh': 'echo other\n',
  'bench/baseline.json': '[1, 2, 3]\n',
  CODEOWNERS: '* @boss\n',
  'muster.yaml': 'program: demo\n',
  'src/code.ts': 'export const one = 1\n',
  'vitest.config.ts': 'export default {}\n',
}

type Files = Parameters<ReturnType<typeof testRepository>['commit']>[1]

/** The facts of a branch that commits these changes while the target goes on. */
async function guard(
  changes: Files,
  options: Readonly<Record<string, unknown>> = {},
  base: Files = BASE,
  links: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, Fact>>> {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'work'))
  for (const [path, target] of Object.entries(links)) repository.link(path, target)
  repository.commit('Begin', base)
  repository.git('checkout', '-q', '-b', 'feature/reader')
  repository.commit('Change', changes)
  repository.git('checkout', '-q', 'main')
  repository.commit('Go on', { 'jest.config.js': 'module.exports = {}\n' })
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: repository.folder, environment: process.env })
  try {
    await mirror.refresh()
    const facts = await collector.collect(
      { sourceId: 'guard', subject: 'stream:reader', options: kind.options.parse(options), state: await mirror.resolve('feature/reader') },
      {
        ...OUTSIDE,
        program,
        repository: mirror,
        target: await mirror.resolve('main'),
        streams: [],
        programFolder: folder,
        runner: { run: () => Promise.reject(new Error('it runs nothing')), resultOf: async () => undefined },
        at: '2026-02-25T15:00:00Z',
        signal: new AbortController().signal,
        seed: 1,
      },
    )
    return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
  } finally {
    await mirror.close()
  }
}

const counts = (facts: Readonly<Record<string, Fact>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(facts).flatMap(([name, { value }]) => (value === 0 ? [] : [[name, value]])))

test('work on code, and on the harmless part of a settings file, is no such change', async () => {
  const facts = await guard({
    'src/code.ts': 'export const one = 2\n',
    'src/more.test.ts': 'test\n',
    'package.json': BASE['package.json']
      .replace('"name": "demo"', '"name": "other"')
      .replace('node demo.js', 'node demo.js')
      .replace('"scripts": {', '"scripts": {"extra": "true", '),
    'pyproject.toml': BASE['pyproject.toml'].replace('name = "demo"', 'name = "other"'),
    'scripts/other.sh': 'echo changed\n',
  })
  expect(counts(facts)).toEqual({})
  expect(facts['changes']).toMatchObject({ status: 'observed', value: 0 })
})

test('each family is found, with path and what changed', async () => {
  const facts = await guard({
    '.github/workflows/test.yml': undefined,
    'package.json': BASE['package.json'].replace('"vitest"', '"true"').replace('80', '8'),
    'pyproject.toml': BASE['pyproject.toml'].replace('80', '8'),
    'scripts/part.sh': 'exit 0\n',
    'bench/baseline.json': '[100]\n',
    CODEOWNERS: '* @lead-a\n',
    'muster.yaml': 'program: other\n',
    'vitest.config.ts': 'export default { test: { include: [] } }\n',
  })
  expect(counts(facts)).toEqual({ changes: 8, ci: 1, tests: 1, coverage: 2, baselines: 1, program: 1, owners: 1, commands: 2 })
  expect(facts['changes']?.details).toEqual([
    'baselines: bench/baseline.json modified',
    'ci: .github/workflows/test.yml deleted',
    'commands: package.json scripts.test',
    'commands: package.json scripts.test is reached by source build',
    'commands: scripts/part.sh is reached by source build',
    'coverage: package.json nyc',
    'coverage: pyproject.toml tool.coverage',
    'owners: CODEOWNERS modified',
    'program: muster.yaml modified',
    'tests: vitest.config.ts modified',
  ])
})

test('a file that is renamed away, added, made a link or no longer readable counts', async () => {
  expect(counts(await guard({ 'vitest.config.ts': undefined, 'vitest.config.off': BASE['vitest.config.ts'] }))).toMatchObject({ tests: 1 })
  expect(counts(await guard({ 'sub/pytest.ini': '[pytest]\naddopts = -k easy\n' }))).toMatchObject({ tests: 1 })
  expect(counts(await guard({ 'package.json': '{' }))).toMatchObject({ coverage: 1, commands: 1, changes: 1 })
  expect(counts(await guard({ 'sub/package.json': '{"jest": {}}', 'other/package.json': '{"name": "x"}' }))).toEqual({
    tests: 1,
    changes: 1,
  })
})

test('what a tool reads by itself counts: the shell of npm scripts, a runner of cargo, a rule of a linter', async () => {
  const facts = await guard({
    '.npmrc': 'script-shell=./sh\n',
    sh: '#!/bin/sh\n',
    'core/.cargo/config.toml': '[target.x86_64-unknown-linux-gnu]\nrunner = "true"\n',
    'eslint.config.js': 'export default []\n',
    'pyproject.toml': `${BASE['pyproject.toml']}[tool.ruff]\nignore = ["ALL"]\n`,
  })
  expect(facts['changes']?.details).toEqual([
    'analysis: eslint.config.js added',
    'analysis: pyproject.toml tool.ruff',
    'commands: .npmrc added',
    'commands: .npmrc is reached by source build',
    'commands: core/.cargo/config.toml added',
    'commands: sh is reached by source build',
  ])
})

test('a script that CI runs counts, and what a link of settings leads to', async () => {
  const base = {
    ...BASE,
    '.github/workflows/test.yml': "jobs:\n  test:\n    steps:\n      - run: ./ops/test.sh # it's all\n      - run: node src/code.ts\n",
    'ops/test.sh': 'make -C ops part\n',
    'ops/Makefile': 'part:\n\tvitest\n',
    'ops/other.sh': 'echo\n',
    'ops/jest.js': 'module.exports = {}\n',
  }
  const changes = { 'ops/test.sh': 'true\n', 'ops/other.sh': 'x\n', 'src/code.ts': 'x\n', 'ops/jest.js': 'module.exports = 1\n' }
  expect((await guard(changes, {}, base, { 'karma.conf.js': 'ops/jest.js' }))['changes']?.details).toEqual([
    'ci: ops/test.sh is reached by .github/workflows/test.yml',
    'tests: ops/jest.js is what karma.conf.js leads to',
  ])
})

test('what the configuration of CI includes counts, and what it merely names does not', async () => {
  const base = {
    ...BASE,
    '.gitlab-ci.yml': "include:\n  - local: /ci/*.yml\n  - 'jobs/lint.yml'\nvariables: { API: docs/openapi.yml }\n",
    'azure-pipelines.yml': 'steps:\n  - template: steps/build.yml@self\n',
    '.github/workflows/test.yml': 'jobs: { test: { steps: [{ uses: ./tools/prepare }] } }\n',
    'ci/test.yml': 'spec:\n---\ntest:\n  script:\n    - !reference [.setup, script]\n    - ./ops/test.sh\ninclude: ci/more/deep.yml\n',
    'ci/more/deep.yml': 'x: 1\n',
    'jobs/lint.yml': 'x: 1\n',
    'steps/build.yml': 'x: 1\n',
    'tools/prepare/action.yml': 'x: 1\n',
    'docs/openapi.yml': 'x: 1\n',
    'ops/test.sh': 'vitest\n',
  }
  const others = ['ci/more/deep.yml', 'jobs/lint.yml', 'steps/build.yml', 'tools/prepare/action.yml', 'docs/openapi.yml', 'ops/test.sh']
  const changes = Object.fromEntries(others.map((path) => [path, 'x: 2\n']))
  expect((await guard(changes, {}, base))['changes']?.details).toEqual([
    'ci: ci/more/deep.yml is included by ci/test.yml',
    'ci: jobs/lint.yml is included by .gitlab-ci.yml',
    'ci: ops/test.sh is reached by ci/test.yml',
    'ci: steps/build.yml is included by azure-pipelines.yml',
    'ci: tools/prepare/action.yml is included by .github/workflows/test.yml',
  ])
})

test('settings of tests count under each of their names', async () => {
  const paths = [
    'core/src/test/resources/junit-platform.properties',
    'cypress.json',
    'playwright-ct.config.ts',
    'stryker.conf.json',
    'test/jest-e2e.json',
    'vitest.config.unit.ts',
    'vitest.unit.config.ts',
  ]
  const facts = await guard(Object.fromEntries(paths.map((path) => [path, '{}\n'])))
  expect(facts['changes']?.details).toEqual(paths.map((path) => `tests: ${path} added`))
})

test('what leaves code out of coverage counts in each spelling that a tool takes', async () => {
  const files = {
    'src/a.ex': '# coveralls-ignore-start\n',
    'src/a.kt': 'annotation class NotGenerated\n',
    'src/a.py': 'def f():  #pragma:no cover\n    pass\n',
    'src/a.rs': '// GRCOV_EXCL_START\n',
    'src/a.ts': '/* istanbul  ignore next */\n',
    'src/b.java': '@lombok.Generated\nvoid f() {}\n',
    'src/b.py': 'def f():  # PRAGMA NO COVER\n    pass\n',
    'src/c.java': '@ExcludeFromJacocoGeneratedReport\nvoid f() {}\n',
  }
  const paths = Object.keys(files)
  expect((await guard(files))['changes']?.details).toEqual(paths.map((path) => `coverage: ${path} leaves code out at 1 more place`))
})

test('an annotation of a field hides nothing from coverage', async () => {
  expect(counts(await guard({ 'src/A.java': '@GeneratedValue\nint id;\n', 'src/a.ts': '// @generated by hand\n' }))).toEqual({})
})

test('a mark that goes elsewhere makes no room for one on other code', async () => {
  const base = { ...BASE, 'src/old.ts': '/* c8 ignore next */\nexport const two = 2\n' }
  const facts = await guard({ 'src/old.ts': undefined, 'src/code.ts': '/* c8 ignore next */\nexport const all = () => 3\n' }, {}, base)
  expect(facts['changes']?.details).toEqual(['coverage: src/code.ts leaves code out at 1 more place'])
})

test('code that newly asks to be left out of coverage counts, and what only moves does not', async () => {
  const hidden = '/* c8 ignore start */\nexport const two = () => 2\n/* c8 ignore stop */\n'
  const base = { ...BASE, 'src/old.ts': hidden }
  expect((await guard({ 'src/code.ts': hidden, 'notes.txt': hidden }, {}, base))['changes']?.details).toEqual([
    'coverage: src/code.ts leaves code out at 2 more places',
  ])
  expect(counts(await guard({ 'src/old.ts': 'export {}\n', 'src/code.ts': hidden }, {}, base))).toEqual({})
})

test('files of one’s own choice', async () => {
  const changes = { 'src/code.ts': 'export const one = 2\n', 'vitest.config.ts': 'export default 1\n' }
  expect(counts(await guard(changes, { also: ['src/**'], except: ['vitest.*'] }))).toEqual({ changes: 1, also: 1 })
})

test('where nothing tells what changed, nothing is observed', async () => {
  const folder = temporaryFolder()
  const state = { state: 'absent', reason: 'no such branch' } as const
  const context = {
    ...OUTSIDE,
    program,
    target: state,
    streams: [],
    programFolder: folder,
    at: '2026-02-25T15:00:00Z',
    signal: new AbortController().signal,
    seed: 1,
  }
  const facts = await collector.collect({ sourceId: 'guard', subject: 'stream:reader', options: {}, state }, context as never)
  expect(facts.map(({ status }) => status)).toEqual(facts.map(() => 'missing'))
  expect(facts.length).toBe(Object.keys(kind.metrics).length)
})
