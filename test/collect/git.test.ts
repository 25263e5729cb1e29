import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { collector } from '#collect/git/index.ts'
import { kind, options as schema } from '#collect/git/kind.ts'
import { openMirror } from '#collect/git/mirror.ts'
import type { CollectContext, Fact } from '#core/evidence/collector.ts'
import { streamSubject, type Subject } from '#core/evidence/evidence.ts'
import { temporaryFolder, testRepository, type TestRepository } from './git-repository.ts'
import { OUTSIDE } from './outside.ts'

interface Asked {
  readonly branch?: string
  readonly target?: string
  readonly streams?: Readonly<Record<string, { readonly branch: string; readonly paths?: readonly string[] }>>
  readonly options?: unknown
  readonly at?: string
  readonly subject?: Subject
}

const collect = async (repository: TestRepository, asked: Asked = {}): Promise<Readonly<Record<string, Fact>>> => {
  const mirror = await openMirror({ folder: join(temporaryFolder(), 'mirror'), from: repository.folder })
  onTestFinished(() => mirror.close())
  const streams = Object.entries(asked.streams ?? { own: { branch: asked.branch ?? 'feature' } })
  const context: CollectContext = {
    ...OUTSIDE,
    repository: mirror,
    target: await mirror.resolve(asked.target ?? 'main'),
    streams: await Promise.all(streams.map(async ([id, { branch, paths = [] }]) => ({ id, paths, state: await mirror.resolve(branch) }))),
    programFolder: repository.folder,
    runner: { run: () => Promise.reject(new Error('no command runs here')), resultOf: async () => undefined },
    at: asked.at ?? '2026-02-03T00:00:00.000Z',
    signal: new AbortController().signal,
    seed: 1,
  }
  const state = await mirror.resolve(asked.branch ?? streams[0]?.[1].branch ?? 'feature')
  const facts = await collector.collect(
    {
      sourceId: 'git',
      subject: asked.subject ?? streamSubject(streams[0]?.[0] ?? 'own'),
      options: schema.parse(asked.options ?? {}),
      state,
    },
    context,
  )
  expect(facts.map(({ name }) => name).sort()).toEqual(Object.keys(kind.metrics).sort())
  return Object.fromEntries(facts.map((fact) => [fact.name, fact]))
}

const values = (facts: Readonly<Record<string, Fact>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(facts).map(([name, { status, value }]) => [name, status === 'observed' ? value : status]))

/** main with three files, feature with two commits on top of the first of them. */
const twoBranches = (): TestRepository => {
  const repository = testRepository(join(temporaryFolder(), 'source'))
  repository.commit('begin', { 'src/a.ts': 'export const a = 1\nexport const old = 0\n', 'README.md': '# Sample\n' })
  repository.git('checkout', '-q', '-b', 'feature')
  repository.commit('code', {
    'src/a.ts': 'export const a = 1\n\n/*\n * Two.\n */\nexport const b = 2 // two\n',
    'src/a.test.ts': 'test("// a", () => {})\n',
  })
  repository.commit('notes', { 'README.md': '# Sample\nMore.\n', 'data.json': '{\n"a": 1\n}\n', logo: 'x\n' })
  repository.git('checkout', '-q', 'main')
  repository.commit('on main', { 'src/m.ts': 'export const m = 1\n' })
  return repository
}

describe('a branch with work of its own', () => {
  test('counts against the merge base, lines judged within the whole file', async () => {
    const repository = twoBranches()
    const facts = await collect(repository)
    expect(values(facts)).toEqual({
      exists: true,
      commits: 2,
      'lines.code': 2,
      'lines.comment': 3,
      'lines.blank': 1,
      'lines.added': 11,
      'lines.deleted': 1,
      files: 5,
      tests: 1,
      shared: 0,
      merged: false,
      idle: 12 * 3600,
      behind: 1,
    })
    const numstat = repository
      .git('diff', '--numstat', 'main...feature')
      .split('\n')
      .map((line) => line.split('\t').map(Number))
    expect(numstat.reduce((sum, [added = 0]) => sum + added, 0)).toBe(facts['lines.added']?.value)
    expect(numstat.reduce((sum, [, deleted = 0]) => sum + deleted, 0)).toBe(facts['lines.deleted']?.value)
    expect(facts['lines.code']?.reason).toBe('without files: 2 of a language that does not count (data, prose), 1 of no known language')
    expect(facts['lines.code']?.details).toEqual(['src/a.test.ts: 1', 'src/a.ts: 1'])
    expect(facts['commits']?.details).toEqual([expect.stringMatching(/^[0-9a-f]{12} notes$/), expect.stringMatching(/^[0-9a-f]{12} code$/)])
  })

  test('paths: those of the source, else those of the stream, less what is excluded', async () => {
    const repository = twoBranches()
    const streams = { own: { branch: 'feature', paths: ['src/**'] } }
    expect(values(await collect(repository, { streams }))).toMatchObject({ files: 2, 'lines.added': 6 })
    expect(values(await collect(repository, { streams, options: { paths: ['*.json'] } }))).toMatchObject({
      files: 1,
      'lines.added': 3,
      'lines.code': 0,
    })
    expect(values(await collect(repository, { streams, options: { exclude: ['**/*.test.ts'] } }))).toMatchObject({ files: 1, tests: 0 })
    expect(values(await collect(repository, { options: { languages: ['data'], tests: ['logo'] } }))).toMatchObject({
      'lines.code': 3,
      tests: 1,
    })
  })

  test("a stream's glob that cannot be used is an error with its reason, not a count", async () => {
    const facts = await collect(twoBranches(), { streams: { own: { branch: 'feature', paths: ['/src/**'] } } })
    expect(facts['files']).toMatchObject({ status: 'errored', reason: expect.stringMatching(/relative to the root/) })
    expect(facts['exists']).toMatchObject({ status: 'observed', value: true })
  })

  test('renames, binaries, CRLF, a last line without its end', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    const body = Array.from({ length: 30 }, (_, index) => `export const v${index} = ${index}\n`).join('')
    repository.commit('begin', { 'old.ts': body, 'crlf.ts': 'const a = 1\r\n// b\r\n', 'end.ts': 'const a = 1' })
    repository.git('checkout', '-q', '-b', 'feature')
    repository.commit('work', {
      'old.ts': undefined,
      'new.ts': `${body}// renamed\n`,
      'image.ts': Buffer.from([0x89, 0x50, 0, 10, 10, 10]),
      'crlf.ts': 'const a = 1\r\n// b\r\n\r\n// c\r\nconst d = 1\r\n',
      'end.ts': 'const a = 1\nconst b = 2',
    })
    expect(values(await collect(repository))).toMatchObject({
      files: 4,
      'lines.added': 6,
      'lines.code': 3,
      'lines.comment': 2,
      'lines.blank': 1,
      'lines.deleted': 1,
    })
  })

  test('deleted tests are said, and are no tests touched', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    repository.commit('begin', { 'test/a.test.ts': 'a\n', 'test/b.test.ts': 'b\n' })
    repository.git('checkout', '-q', '-b', 'feature')
    repository.commit('work', { 'test/a.test.ts': undefined, 'test/b.test.ts': 'c\n' })
    expect((await collect(repository))['tests']).toMatchObject({
      value: 1,
      reason: '1 more was deleted',
      details: ['deleted test/a.test.ts', 'modified test/b.test.ts'],
    })
  })

  test('links and submodules are files touched, not lines', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    const begin = repository.commit('begin', { a: 'a\n' })
    repository.git('checkout', '-q', '-b', 'feature')
    repository.link('link.ts', 'a')
    repository.git('add', 'link.ts')
    repository.git('update-index', '--add', '--cacheinfo', `160000,${begin},module`)
    repository.git('commit', '-q', '-m', 'work')
    expect(values(await collect(repository))).toMatchObject({ files: 2, 'lines.added': 0, 'lines.code': 0 })
  })

  test('attributes change no count and are reported', async () => {
    const files = { 'src/a.ts': '// a\nexport const a = 1\n', 'b.txt': 'b\n' }
    const plain = testRepository(join(temporaryFolder(), 'source'))
    plain.commit('begin', { z: 'z\n' })
    plain.git('checkout', '-q', '-b', 'feature')
    plain.commit('work', { ...files, 'notes/.gitkeep': '\n' })
    const tricky = testRepository(join(temporaryFolder(), 'source'))
    tricky.commit('begin', { z: 'z\n' })
    tricky.git('checkout', '-q', '-b', 'feature')
    tricky.commit('work', {
      ...files,
      '.gitattributes': '* -diff merge=union text eol=crlf\n*.png binary\n# note\nsrc/*.ts linguist-generated=true binary\n',
    })
    const [expected, facts] = [await collect(plain), await collect(tricky)]
    expect({ ...values(facts), 'lines.added': 0 }).toEqual({ ...values(expected), 'lines.added': 0 })
    expect(facts['lines.added']?.value).toBe(7)
    expect(expected['files']?.reason).toBeUndefined()
    expect(facts['files']?.reason).toMatch(/no count follows them/)
    expect(facts['files']?.details?.slice(0, 2)).toEqual([
      '.gitattributes:1: * -diff merge=union',
      '.gitattributes:4: src/*.ts linguist-generated=true binary',
    ])
  })

  test('names and messages cannot write to the terminal', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    repository.commit('begin', { z: 'z\n' })
    repository.git('checkout', '-q', '-b', 'feature')
    repository.commit('\u001b[2Jcleared', { '\u001b[31mred\n.ts': 'a\n' })
    const text = JSON.stringify(await collect(repository))
    expect(text).not.toMatch(/\\u001b|\\n/)
  })
})

describe('streams beside each other', () => {
  test('files that others touch too, with their streams', async () => {
    const repository = twoBranches()
    for (const [branch, file] of [
      ['second', 'src/a.ts'],
      ['third', 'src/a.ts'],
      ['apart', 'src/z.ts'],
    ] as const) {
      repository.git('checkout', '-q', '-b', branch, 'main')
      repository.commit(branch, { [file]: `export const ${branch} = 1\n` })
    }
    const streams = {
      own: { branch: 'feature' },
      b: { branch: 'second' },
      c: { branch: 'third' },
      d: { branch: 'apart' },
      e: { branch: 'nowhere' },
    }
    expect((await collect(repository, { streams }))['shared']).toMatchObject({
      value: 1,
      details: ['src/a.ts: b, c'],
      reason: 'without e, whose branch is absent',
    })
  })

  test('a stream with another history cannot be compared, which is no zero', async () => {
    const repository = twoBranches()
    repository.git('checkout', '-q', '--orphan', 'other')
    repository.commit('other', { q: 'q\n' })
    expect((await collect(repository, { streams: { own: { branch: 'feature' }, b: { branch: 'other' } } }))['shared']).toMatchObject({
      status: 'inconclusive',
    })
  })
})

describe('merged', () => {
  test('a merge commit proves it, and the work keeps its numbers', async () => {
    const repository = twoBranches()
    const before = values(await collect(repository))
    repository.git('merge', '-q', '--no-ff', '-m', 'merge', 'feature')
    repository.commit('later', { 'src/later.ts': 'export {}\n' })
    const facts = await collect(repository)
    expect(facts['merged']).toMatchObject({ value: true, reason: expect.stringMatching(/^merged by [0-9a-f]{12}$/) })
    expect(values(facts)).toEqual({ ...before, merged: true, behind: 3 })
  })

  describe('a squash', () => {
    const squashed = () => {
      const repository = twoBranches()
      repository.git('merge', '-q', '--squash', 'feature')
      repository.commit('squashed', {})
      return repository
    }

    test('proves it, whatever becomes of the files afterwards', async () => {
      const repository = squashed()
      const at = repository.git('rev-parse', '--short=12', 'HEAD')
      expect((await collect(repository))['merged']).toMatchObject({ value: true, reason: expect.stringMatching(/^squashed or rebased/) })
      repository.git('mv', 'src/a.ts', 'src/z.ts')
      repository.commit('later', { 'src/z.ts': 'export const changed = 1\n' })
      repository.commit('nothing', {})
      expect((await collect(repository))['merged']).toMatchObject({
        value: true,
        reason: `squashed or rebased: every file the branch touches stood in the target as the branch left it, as of ${at}`,
      })
    })

    test('that came in by a pull request counts from its merge, and one by one as a rebase does from the last', async () => {
      const repository = twoBranches()
      repository.git('checkout', '-q', '-b', 'squashing')
      repository.git('merge', '-q', '--squash', 'feature')
      repository.commit('squashed', {})
      repository.git('checkout', '-q', 'main')
      repository.git('merge', '-q', '--no-ff', '-m', 'pull request', 'squashing')
      const at = repository.git('rev-parse', '--short=12', 'HEAD')
      repository.commit('later', { 'src/a.ts': 'export const changed = 1\n' })
      expect((await collect(repository))['merged']).toMatchObject({ value: true, reason: expect.stringContaining(at) })

      const rebased = twoBranches()
      rebased.git('cherry-pick', '-x', 'main..feature')
      rebased.commit('later', { 'src/a.ts': 'export const changed = 1\n' })
      expect((await collect(rebased))['merged']).toMatchObject({
        value: true,
        reason: expect.stringContaining(rebased.git('rev-parse', '--short=12', 'HEAD^')),
      })
    })

    test('that was taken back is not merged', async () => {
      const repository = squashed()
      const at = repository.git('rev-parse', '--short=12', 'HEAD')
      repository.git('revert', '--no-edit', 'HEAD')
      expect((await collect(repository))['merged']).toMatchObject({
        value: false,
        reason: `it was squashed or rebased into the target by ${at}, and taken back since`,
      })
    })

    test('of all but one file is none', async () => {
      const repository = twoBranches()
      repository.git('merge', '-q', '--squash', 'feature')
      repository.git('checkout', '-q', 'HEAD', '--', 'src/a.ts')
      repository.commit('squashed in part', {})
      expect((await collect(repository))['merged']).toMatchObject({
        value: false,
        reason: '1 of 5 touched files is not in the target as the branch left them',
        details: ['src/a.ts'],
      })
    })
  })

  test('a branch that has not begun is not merged, and neither is one that was fast-forwarded provably so', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    repository.commit('one', { a: '1\n' })
    repository.git('branch', 'feature')
    expect((await collect(repository))['merged']).toMatchObject({ status: 'inconclusive' })
    repository.commit('two', { a: '2\n' })
    const facts = await collect(repository)
    expect(facts['merged']).toMatchObject({ status: 'inconclusive', reason: expect.stringMatching(/has not begun/) })
    expect(values(facts)).toMatchObject({ commits: 0, files: 0, 'lines.code': 0, behind: 1 })
    expect(facts['commits']?.reason).toMatch(/own line/)
  })

  test('commits that change nothing prove nothing', async () => {
    const repository = testRepository(join(temporaryFolder(), 'source'))
    repository.commit('one', { a: '1\n' })
    repository.git('checkout', '-q', '-b', 'feature')
    repository.commit('nothing', {})
    expect(values(await collect(repository))).toMatchObject({ merged: 'inconclusive', commits: 1, files: 0 })
  })

  test('a branch that took the target in keeps only its own work', async () => {
    const repository = twoBranches()
    repository.git('checkout', '-q', 'feature')
    repository.git('merge', '-q', '-m', 'take main in', 'main')
    expect(values(await collect(repository))).toMatchObject({ commits: 3, files: 5, behind: 0, merged: false, 'lines.code': 2 })
  })
})

describe('what is not there', () => {
  test('an absent branch is observed; all else is missing and says why', async () => {
    const facts = await collect(twoBranches(), { branch: 'featur' })
    expect(facts['exists']).toMatchObject({ status: 'observed', value: false, reason: expect.stringContaining('did you mean "feature"?') })
    const { exists: _exists, ...others } = facts
    for (const fact of Object.values(others))
      expect(fact).toMatchObject({ status: 'missing', reason: expect.stringContaining('no branch "featur"') })
  })

  test('an absent target leaves only what needs none', async () => {
    const facts = await collect(twoBranches(), { target: 'trunk' })
    expect(values(facts)).toMatchObject({
      exists: true,
      idle: 12 * 3600,
      commits: 'missing',
      merged: 'missing',
      behind: 'missing',
      'lines.code': 'missing',
    })
    expect(facts['behind']?.reason).toMatch(/no target to compare with: there is no branch "trunk"/)
  })

  test('no common history is missing, not zero', async () => {
    const repository = twoBranches()
    repository.git('checkout', '-q', '--orphan', 'other')
    repository.commit('other', { q: 'q\n' })
    expect(values(await collect(repository, { branch: 'other' }))).toMatchObject({ exists: true, commits: 'missing', merged: 'missing' })
  })

  test('the program itself has no stream facts', async () => {
    expect(values(await collect(twoBranches(), { branch: 'main', subject: 'program' }))).toMatchObject({
      exists: true,
      idle: 11 * 3600,
      commits: 'missing',
      merged: 'missing',
    })
  })

  test('a commit dated after the check is idle for no time, and says so', async () => {
    expect((await collect(twoBranches(), { at: '2026-02-02T11:00:00.000Z' }))['idle']).toMatchObject({
      value: 0,
      reason: expect.stringMatching(/3600 s after/),
    })
  })

  test('a file that the clone lacks is an error, not a zero', async () => {
    const repository = twoBranches()
    const blob = repository.git('rev-parse', 'feature:src/a.ts')
    execFileSync('rm', ['-f', join(repository.folder, '.git/objects', blob.slice(0, 2), blob.slice(2))])
    const facts = await collect(repository)
    expect(facts['lines.code']?.status).toBe('errored')
    expect(facts['lines.code']?.reason).toBeTruthy()
  })
})

describe('options', () => {
  test.each([[{ paths: [] }], [{ paths: ['/a'] }], [{ tests: ['{a,b}'.repeat(9)] }], [{ languages: ['code'] }], [{ unknown: 1 }]])(
    '%j is refused',
    (value) => {
      expect(schema.safeParse(value).success).toBe(false)
    },
  )
})
