import { execFileSync, fork } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Mirror, openMirror, type MirrorOptions } from '#collect/git/mirror.ts'
import { RepositoryError } from '#core/evidence/collector.ts'
import { temporaryFolder, testRepository, type TestRepository } from './git-repository.ts'

const open = async (options: MirrorOptions): Promise<Mirror> => {
  const mirror = await openMirror(options)
  onTestFinished(() => mirror.close())
  return mirror
}

const made = (...options: string[]): { repository: TestRepository; folder: string } => {
  const folder = temporaryFolder()
  return { repository: testRepository(join(folder, 'source'), ...options), folder: join(folder, 'state', 'mirror') }
}

const head = async (mirror: Mirror, branch: string): Promise<string> => {
  const state = await mirror.resolve(branch)
  return state.state === 'present' ? state.commit : state.reason
}

describe('what a mirror shows', () => {
  test('branches with head, tree and time; nothing is copied', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('begin', { 'a.txt': 'one\n' })
    repository.git('branch', 'feature/psi')
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve('feature/psi')).toEqual({
      state: 'present',
      ref: 'refs/heads/feature/psi',
      commit,
      tree: repository.git('rev-parse', 'HEAD^{tree}'),
      committedAt: '2026-02-02T10:00:00.000Z',
    })
    expect((await mirror.branches()).map(({ name }) => name)).toEqual(['feature/psi', 'main'])
    expect(readdirSync(join(folder, 'objects', 'pack'))).toEqual([])
  })

  test('commits with parents, merge bases, ancestors', async () => {
    const { repository, folder } = made()
    const root = repository.commit('root', { a: '1' })
    repository.git('checkout', '-q', '-b', 'side')
    const side = repository.commit('side: with "quotes"\n\nbody', { b: '1' })
    repository.git('checkout', '-q', 'main')
    const main = repository.commit('main', { c: '1' })
    repository.git('merge', '-q', '--no-ff', '-m', 'merge', 'side')
    const merge = repository.git('rev-parse', 'HEAD')
    const mirror = await open({ folder, from: repository.folder })
    expect((await mirror.commits(root, merge)).map(({ commit, subject, parents }) => [commit, subject, parents])).toEqual([
      [merge, 'merge', [main, side]],
      [main, 'main', [root]],
      [side, 'side: with "quotes"', [root]],
    ])
    expect(await mirror.commits(merge, merge)).toEqual([])
    expect(await mirror.mergeBase(main, side)).toBe(root)
    expect(await mirror.isAncestor(side, merge)).toBe(true)
    expect(await mirror.isAncestor(merge, side)).toBe(false)
  })

  test('two histories that share nothing have no merge base', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    repository.git('checkout', '-q', '--orphan', 'other')
    const other = repository.commit('other', { b: '1' })
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.mergeBase(one, other)).toBeUndefined()
  })

  test('changes: renames, types, submodules, names of every kind', async () => {
    const { repository, folder } = made()
    const text = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('')
    const from = repository.commit('one', { 'old name': text, 'deleted.txt': 'x', 'turned.txt': 'x\n' })
    rmSync(join(repository.folder, 'turned.txt'))
    repository.link('turned.txt', 'new "name"\n@@ -0,0 +1,9 @@')
    repository.git('update-index', '--add', '--cacheinfo', `160000,${from},module`)
    mkdirSync(join(repository.folder, 'module'))
    const to = repository.commit('two', {
      'old name': undefined,
      'new "name"\n@@ -0,0 +1,9 @@': `${text}more\n`,
      'deleted.txt': undefined,
      'tab\tö.txt': 'a\nb\n',
    })
    const mirror = await open({ folder, from: repository.folder })
    const changes = await mirror.changes(from, to)
    expect(changes.map(({ status, path, from: old, mode }) => [status, path, old, mode])).toEqual([
      ['deleted', 'deleted.txt', undefined, '000000'],
      ['added', 'module', undefined, '160000'],
      ['renamed', 'new "name"\n@@ -0,0 +1,9 @@', 'old name', '100644'],
      ['added', 'tab\tö.txt', undefined, '100644'],
      ['type-changed', 'turned.txt', undefined, '120000'],
    ])
    expect(Object.fromEntries((await mirror.changedLines(from, to)).added)).toEqual({
      module: [],
      'new "name"\n@@ -0,0 +1,9 @@': [21],
      'tab\tö.txt': [1, 2],
      'turned.txt': [],
    })
    expect((await mirror.list(to)).map(({ path, size }) => [path, size])).toContainEqual(['module', -1])
  })

  test('added lines: binary, CRLF, no line end, and lines that look like a diff', async () => {
    const { repository, folder } = made()
    const from = repository.commit('one', { 'crlf.txt': 'a\r\nb\r\n', 'open.txt': 'a\nb', 'binary.bin': 'a\n', 'late.txt': 'a\n' })
    const to = repository.commit('two', {
      'crlf.txt': 'a\r\nnew\r\nb\r\n',
      'open.txt': 'a\nb\nc',
      'binary.bin': 'a\nb\0c\n',
      'late.txt': `a\n${'x'.repeat(8000)}\0\n`,
      'trick.txt': '@@ -1 +1,500 @@\ndiff --git a/x b/x\n',
      'empty.txt': '',
    })
    const mirror = await open({ folder, from: repository.folder })
    expect(Object.fromEntries((await mirror.changedLines(from, to)).added)).toEqual({
      'binary.bin': [],
      'crlf.txt': [2],
      'empty.txt': [],
      'late.txt': [2],
      'open.txt': [2, 3],
      'trick.txt': [1, 2],
    })
  })

  test('a link that becomes a file has all its lines', async () => {
    const { repository, folder } = made()
    repository.link('a', 'nowhere')
    const from = repository.commit('one', { z: '1\n' })
    rmSync(join(repository.folder, 'a'))
    const to = repository.commit('two', { a: 'x\ny\n', z: '2\n' })
    const mirror = await open({ folder, from: repository.folder })
    expect(Object.fromEntries((await mirror.changedLines(from, to)).added)).toEqual({ a: [1, 2], z: [1] })
  })

  test('a path that is not UTF-8 comes quoted, and lines go to it', async () => {
    const { repository, folder } = made()
    const from = repository.commit('one', { a: '1' })
    const path = Buffer.concat([Buffer.from(repository.folder), Buffer.from([0x2f, 0xff, 0x61])])
    writeFileSync(path, 'a\n')
    const to = repository.commit('two', {})
    const mirror = await open({ folder, from: repository.folder })
    expect([...(await mirror.changedLines(from, to)).added]).toEqual([['"\\377a"', [1]]])
  })

  test('thousands of reads in one go, in order, with what is not there', async () => {
    const { repository, folder } = made()
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`f/${index}`, `content ${index}\n`.repeat(1 + (index % 50))]),
    )
    repository.commit('many', { ...files, large: Buffer.alloc(3_000_000, 'x'), empty: '' })
    const mirror = await open({ folder, from: repository.folder })
    const entries = await mirror.list(await head(mirror, 'main'))
    const contents = await mirror.read([...entries.map(({ oid }) => oid), '0'.repeat(40)])
    expect(contents.at(-1)).toBeUndefined()
    expect(contents.slice(0, -1).map((content) => content?.byteLength)).toEqual(entries.map(({ size }) => size))
    const known = contents[entries.findIndex(({ path }) => path === 'f/1234')]
    expect(Buffer.from(known ?? []).toString()).toBe(files['f/1234'])
  })

  test('ids only: an expression is refused', async () => {
    const { repository, folder } = made()
    repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    for (const text of ['main', 'HEAD', '--output=x', '--all', `${'0'.repeat(40)}^`]) {
      await expect(mirror.list(text)).rejects.toThrow(RepositoryError)
      await expect(mirror.read([text])).rejects.toThrow(RepositoryError)
      await expect(mirror.mergeBase(text, 'x')).rejects.toThrow(RepositoryError)
    }
  })
})

describe('which branch a name means', () => {
  test.each([
    '',
    'a b',
    'a\nb',
    'a..b',
    'a@{1}',
    '@',
    'HEAD~1',
    'a^',
    ':/fix',
    'a:b',
    'x.lock',
    '.x',
    'a//b',
    '*',
    'refs/heads/*',
    '\u0000',
  ])('%j is none, and says why', async (name) => {
    const { repository, folder } = made()
    repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve(name)).toEqual({ state: 'absent', reason: expect.stringMatching(/not a name git allows/) })
  })

  test('names that look like options or quotes are looked up as they are', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    const names = ['--output=x', '--upload-pack=touch${IFS}pwned', '-x', '"quoted"', "it's", '$(touch${IFS}pwned)', 'ü', 'HEAD']
    for (const name of names) repository.git('update-ref', `refs/heads/${name}`, commit)
    const mirror = await open({ folder, from: repository.folder })
    for (const name of names) expect(await mirror.resolve(name)).toMatchObject({ state: 'present', ref: `refs/heads/${name}`, commit })
    expect(await mirror.resolve('--output=y')).toMatchObject({ state: 'absent' })
    expect(await mirror.resolve(commit)).toMatchObject({ state: 'absent' })
  })

  test('the local one where both have commits that the other lacks, and that is known', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    const two = repository.commit('two', { a: '2' })
    repository.git('reset', '-q', '--hard', one)
    const forced = repository.commit('forced', { a: '3' })
    repository.git('update-ref', 'refs/heads/forced', two)
    repository.git('update-ref', 'refs/remotes/origin/forced', forced)
    repository.git('update-ref', 'refs/heads/lags', one)
    repository.git('update-ref', 'refs/remotes/origin/lags', two)
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve('forced')).toMatchObject({ ref: 'refs/heads/forced', commit: two })
    expect(await mirror.partedFrom('forced')).toBe('refs/remotes/origin/forced')
    expect(await mirror.partedFrom('lags')).toBeUndefined()
    expect(await mirror.partedFrom('main')).toBeUndefined()
  })

  test('the remote-tracking one where the local one is missing or lags, else the local one', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    const two = repository.commit('two', { a: '2' })
    repository.git('update-ref', 'refs/remotes/origin/only-there', one)
    repository.git('update-ref', 'refs/heads/lags', one)
    repository.git('update-ref', 'refs/remotes/origin/lags', two)
    repository.git('update-ref', 'refs/heads/leads', two)
    repository.git('update-ref', 'refs/remotes/origin/leads', one)
    repository.git('update-ref', 'refs/remotes/fork/elsewhere', one)
    repository.git('update-ref', 'refs/remotes/fork/twice', one)
    repository.git('update-ref', 'refs/remotes/third/twice', one)
    repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/lags')
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve('only-there')).toMatchObject({ ref: 'refs/remotes/origin/only-there', commit: one })
    expect(await mirror.resolve('lags')).toMatchObject({ ref: 'refs/remotes/origin/lags', commit: two })
    expect(await mirror.resolve('leads')).toMatchObject({ ref: 'refs/heads/leads', commit: two })
    expect(await mirror.resolve('elsewhere')).toMatchObject({ ref: 'refs/remotes/fork/elsewhere' })
    expect(await mirror.resolve('twice')).toMatchObject({
      state: 'unavailable',
      reason: expect.stringMatching(/more than one remote.*fork.*third/),
    })
    expect(await mirror.resolve('HEAD')).toMatchObject({ state: 'absent' })
    expect((await mirror.branches()).map(({ name }) => name)).toEqual(['elsewhere', 'lags', 'leads', 'main', 'only-there'])
  })

  test('an absent branch comes with the names one may have meant', async () => {
    const { repository, folder } = made()
    repository.commit('one', { a: '1' })
    repository.git('branch', 'feature/psi-probe')
    const mirror = await open({ folder, from: repository.folder })
    for (const near of ['feature/psi_probe', 'psi-probe', 'origin/feature/psi-probe', 'Feature/PSI-probe', 'feature/psi-prove']) {
      expect(await mirror.resolve(near)).toEqual({ state: 'absent', reason: expect.stringContaining('did you mean "feature/psi-probe"?') })
    }
    expect(await mirror.resolve('something-else')).toEqual({
      state: 'absent',
      reason: 'there is no branch "something-else" in the repository',
    })
  })

  test('a ref that points at no commit is no branch', async () => {
    const { repository, folder } = made()
    repository.commit('one', { a: '1' })
    writeFileSync(join(repository.folder, '.git/refs/heads/blob'), `${repository.git('rev-parse', 'HEAD:a')}\n`)
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve('blob')).toEqual({ state: 'absent', reason: 'refs/heads/blob points at a blob, not at a commit' })
  })
})

describe('refreshing', () => {
  test('follows new, forced, deleted and turned branches', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    repository.git('branch', 'gone')
    repository.git('branch', 'topic')
    const mirror = await open({ folder, from: repository.folder })
    const two = repository.commit('two', { a: '2' })
    repository.git('branch', '-D', 'gone')
    repository.git('branch', '-D', 'topic')
    repository.git('branch', 'topic/part')
    repository.git('branch', 'new')
    expect(await head(mirror, 'main')).toBe(one)
    await mirror.refresh()
    expect(await head(mirror, 'main')).toBe(two)
    expect(await head(mirror, 'new')).toBe(two)
    expect(await head(mirror, 'topic/part')).toBe(two)
    expect(await mirror.resolve('gone')).toMatchObject({ state: 'absent' })
    repository.git('reset', '-q', '--hard', one)
    const forced = repository.commit('other', { a: '3' })
    await mirror.refresh()
    expect(await head(mirror, 'main')).toBe(forced)
  })

  test('a mirror opened again shows what it last saw, and refreshes', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    await (await open({ folder, from: repository.folder })).close()
    const two = repository.commit('two', { a: '2' })
    const again = await open({ folder, from: repository.folder })
    expect(await head(again, 'main')).toBe(one)
    await again.refresh()
    expect(await head(again, 'main')).toBe(two)
  })

  test('an aborted refresh rejects and changes nothing', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    repository.commit('two', { a: '2' })
    await expect(mirror.refresh(AbortSignal.abort())).rejects.toThrow(/abort/i)
    expect(await head(mirror, 'main')).toBe(one)
  })

  test('ten processes open and refresh one mirror at once', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    for (let index = 0; index < 50; index++) repository.git('branch', `b${index}`)
    const script = join(import.meta.dirname, 'git-refresher.ts')
    const results = await Promise.all(
      Array.from(
        { length: 10 },
        () =>
          new Promise<string>((resolve) => {
            const child = fork(script, [folder, repository.folder], { execArgv: ['-C', 'source'], silent: true })
            let output = ''
            child.stdout?.on('data', (piece: Buffer) => (output += piece.toString()))
            child.stderr?.on('data', (piece: Buffer) => (output += piece.toString()))
            child.on('close', () => resolve(output.trim()))
          }),
      ),
    )
    expect(results).toEqual(Array.from({ length: 10 }, () => `51 ${commit}`))
    expect(readdirSync(join(folder, '..'))).toEqual(['mirror'])
  })
})

describe('where commits come from', () => {
  test('a folder below the root, a bare repository, a linked worktree, one with alternates', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { 'deep/a': '1' })
    const around = join(repository.folder, '..')
    repository.git('worktree', 'add', '-q', '-b', 'linked', join(around, 'linked'))
    repository.git('clone', '-q', '--bare', repository.folder, join(around, 'bare.git'))
    repository.git('clone', '-q', '--shared', repository.folder, join(around, 'shared'))
    const sources = [
      join(repository.folder, 'deep'),
      join(around, 'bare.git'),
      join(around, 'linked'),
      join(around, 'shared'),
      `file://${repository.folder}`,
    ]
    for (const [index, from] of sources.entries()) {
      const mirror = await open({ folder: `${folder}-${index}`, from })
      expect(await head(mirror, 'main')).toBe(commit)
      expect(await mirror.list(commit)).toHaveLength(1)
    }
  })

  test('a shallow clone: history ends where it was cut', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    repository.commit('two', { a: '2' })
    const three = repository.commit('three', { a: '3' })
    const shallow = join(repository.folder, '..', 'shallow')
    repository.git('clone', '-q', '--depth=2', `file://${repository.folder}`, shallow)
    const mirror = await open({ folder, from: shallow })
    expect((await mirror.commits(undefined, three)).map(({ subject }) => subject)).toEqual(['three', 'two'])
    expect(await mirror.resolve('absent')).toMatchObject({ reason: expect.stringContaining('shallow') })
    await expect(mirror.isAncestor(one, three)).rejects.toThrow(RepositoryError)
  })

  test('an empty repository has no branches, and gets them later', async () => {
    const { repository, folder } = made()
    const mirror = await open({ folder, from: repository.folder })
    expect(await mirror.resolve('main')).toEqual({ state: 'absent', reason: expect.stringContaining('no branches yet') })
    expect(await mirror.branches()).toEqual([])
    const commit = repository.commit('one', { a: '1' })
    await mirror.refresh()
    expect(await head(mirror, 'main')).toBe(commit)
  })

  test('sha256 ids', async () => {
    const { repository, folder } = made('--object-format=sha256')
    const from = repository.commit('one', { a: '1\n' })
    const to = repository.commit('two', { a: '1\n2\n' })
    const mirror = await open({ folder, from: repository.folder })
    expect(await head(mirror, 'main')).toBe(to)
    expect([...(await mirror.changedLines(from, to)).added]).toEqual([['a', [2]]])
    await mirror.close()
    expect(await head(await open({ folder, from: repository.folder }), 'main')).toBe(to)
  })

  test('no repository, or none any more: an error that says what to do', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'plain'))
    const cases: readonly (readonly [string, RegExp])[] = [
      [join(folder, 'plain'), /no git repository at .*git init/],
      [join(folder, 'missing'), /does not exist/],
      ['ext::sh -c touch% pwned', /not supported/],
      ['http://example.org/x.git', /not supported/],
      ['git://example.org/x.git', /not supported/],
      ['ssh://-oProxyCommand=touch/x', /cannot begin with "-"/],
    ]
    for (const [from, message] of cases) {
      const opening = openMirror({ folder: join(folder, 'mirror'), from })
      await expect(opening).rejects.toThrow(RepositoryError)
      await expect(opening).rejects.toThrow(message)
    }
    mkdirSync(join(folder, 'lost'))
    writeFileSync(join(folder, 'lost', '.git'), 'gitdir: ../nowhere\n')
    await expect(openMirror({ folder: join(folder, 'mirror'), from: join(folder, 'lost') })).rejects.toThrow(/git worktree repair/)
  })

  test('git that is not there is said so', async () => {
    const { repository, folder } = made()
    await expect(openMirror({ folder, from: repository.folder, environment: { PATH: '/nonexistent' } })).rejects.toThrow(
      /git is not on the PATH/,
    )
  })

  // Only root can give a file to somebody else.
  test.skipIf(process.geteuid?.() !== 0)('a repository of another user is refused until declared safe', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    execFileSync('chown', ['-R', '12345', repository.folder])
    const home = join(repository.folder, '..', 'home')
    mkdirSync(home)
    const environment = { PATH: process.env['PATH'], HOME: home }
    const refused = openMirror({ folder, from: repository.folder, environment })
    await expect(refused).rejects.toThrow(RepositoryError)
    await expect(refused).rejects.toThrow(/belongs to another user.*git config --global --add safe\.directory/)
    writeFileSync(join(home, '.gitconfig'), `[safe]\n\tdirectory = ${repository.folder}\n[core]\n\thooksPath = ${home}\n`)
    expect(await head(await open({ folder, from: repository.folder, environment }), 'main')).toBe(commit)
    chownSync(join(repository.folder, '.git'), 0, 0)
  })

  test('over ssh, with an own ssh on the PATH: fetched, pruned, forced', async () => {
    const { repository, folder } = made()
    const one = repository.commit('one', { a: '1' })
    repository.git('branch', 'gone')
    const programs = join(repository.folder, '..', 'bin')
    mkdirSync(programs)
    writeFileSync(join(programs, 'ssh'), `#!/bin/sh\necho "$@" >> '${programs}/log'\nfor last; do :; done\nexec sh -c "$last"\n`)
    chmodSync(join(programs, 'ssh'), 0o755)
    const environment = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, HOME: programs }
    const from = `ssh://git@example.org${repository.folder}`
    const mirror = await open({ folder, from, environment })
    expect(await head(mirror, 'main')).toBe(one)
    repository.git('branch', '-D', 'gone')
    repository.git('commit', '-q', '--amend', '-m', 'forced')
    const forced = repository.git('rev-parse', 'HEAD')
    await mirror.refresh()
    expect(await head(mirror, 'main')).toBe(forced)
    expect((await mirror.branches()).map(({ name }) => name)).toEqual(['main'])
    expect(readFileSync(join(programs, 'log'), 'utf8')).toMatch(/BatchMode=yes/)

    // A lock that a killed process left long ago does not stop the mirror for ever.
    const lock = join(folder, 'refs', 'heads', 'new.lock')
    writeFileSync(lock, '')
    utimesSync(lock, new Date(0), new Date(0))
    repository.git('branch', 'new')
    await mirror.refresh()
    expect(await head(mirror, 'new')).toBe(forced)

    // Damage: every object cut short.
    execFileSync('chmod', ['-R', 'u+w', folder])
    for (const file of readdirSync(join(folder, 'objects'), { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, 'objects', file)
      if (statSync(path).isFile()) truncateSync(path, 5)
    }
    await mirror.refresh()
    expect(await mirror.list(forced)).toHaveLength(1)
  })

  test('an address that cannot be reached is an error without its password', async () => {
    const folder = join(temporaryFolder(), 'mirror')
    const opening = openMirror({ folder, from: 'https://someone:secret@127.0.0.1:9/x.git' })
    await expect(opening).rejects.toThrow(/cannot be fetched/)
    await expect(opening).rejects.not.toThrow(/secret/)
  })
})

describe('the folder of a mirror', () => {
  test.each([
    ['a cut configuration', (folder: string) => truncateSync(join(folder, 'config'), 3)],
    ['no objects folder', (folder: string) => rmSync(join(folder, 'objects'), { recursive: true })],
    ['garbage for refs', (folder: string) => writeFileSync(join(folder, 'packed-refs'), 'garbage\n')],
    ['an empty HEAD', (folder: string) => truncateSync(join(folder, 'HEAD'), 0)],
    [
      'a file in its place',
      (folder: string) => {
        rmSync(folder, { recursive: true })
        writeFileSync(folder, '')
      },
    ],
  ])('%s: made anew', async (_name, damage) => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    await (await open({ folder, from: repository.folder })).close()
    damage(folder)
    const mirror = await open({ folder, from: repository.folder })
    expect(await head(mirror, 'main')).toBe(commit)
    await mirror.refresh()
    expect(await mirror.list(commit)).toHaveLength(1)
  })

  test('removed while open: back with the next refresh', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    rmSync(folder, { recursive: true })
    await mirror.refresh()
    expect(await mirror.list(commit)).toHaveLength(1)
  })

  test('a symbolic link in its place is refused', async () => {
    const { repository, folder } = made()
    repository.commit('one', { a: '1' })
    mkdirSync(join(folder, '..', 'elsewhere'), { recursive: true })
    symlinkSync(join(folder, '..', 'elsewhere'), folder)
    await expect(openMirror({ folder, from: repository.folder })).rejects.toThrow(/symbolic link/)
    expect(readdirSync(join(folder, '..', 'elsewhere'))).toEqual([])
  })
})

describe('checking out', () => {
  test('the files as committed, a worktree of the mirror, gone afterwards', async () => {
    const { repository, folder } = made()
    repository.commit('one', { '.gitattributes': '* text eol=crlf ident\n*.u working-tree-encoding=UTF-16\n', 'a.txt': 'one $Id$\ntwo\n' })
    chmodSync(join(repository.folder, 'a.txt'), 0o755)
    repository.link('link', '../outside')
    repository.git('update-index', '--add', '--cacheinfo', `160000,${repository.git('rev-parse', 'HEAD')},module`)
    repository.git('commit', '-q', '-m', 'module')
    mkdirSync(join(repository.folder, 'module'))
    const commit = repository.commit('two', { 'b/c.txt': 'c' })
    const mirror = await open({ folder, from: repository.folder })
    const work = join(folder, '..', 'work')
    const checkout = await mirror.checkout(commit, work)
    expect(readFileSync(join(work, 'a.txt'), 'utf8')).toBe('one $Id$\ntwo\n')
    expect(statSync(join(work, 'a.txt')).mode & 0o100).toBe(0o100)
    expect(readlinkSync(join(work, 'link'))).toBe('../outside')
    expect(readdirSync(join(work, 'module'))).toEqual([])
    expect(execFileSync('git', ['rev-parse', 'HEAD'], { cwd: work, encoding: 'utf8' }).trim()).toBe(commit)
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: work, encoding: 'utf8' })).toBe('')
    const other = await mirror.checkout(commit, join(folder, '..', 'second', 'work'))
    await checkout.remove()
    await other.remove()
    expect(existsSync(work)).toBe(false)
    expect(existsSync(join(folder, 'worktrees', 'work'))).toBe(false)
    expect(lstatSync(repository.folder).isDirectory()).toBe(true)
  })

  test('what a killed check left behind is cleared with the next opening', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    const work = join(folder, '..', 'work')
    await mirror.checkout(commit, work)
    rmSync(work, { recursive: true })
    await open({ folder, from: repository.folder })
    expect(existsSync(join(folder, 'worktrees', 'work'))).toBe(false)
  })

  test('a folder that is not empty is refused', async () => {
    const { repository, folder } = made()
    const commit = repository.commit('one', { a: '1' })
    const mirror = await open({ folder, from: repository.folder })
    await expect(mirror.checkout(commit, repository.folder)).rejects.toThrow(RepositoryError)
    await expect(mirror.checkout(commit, 'relative')).rejects.toThrow(/absolute/)
  })
})
