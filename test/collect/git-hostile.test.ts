import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Mirror, openMirror } from '#collect/git/mirror.ts'
import { temporaryFolder, testRepository } from './git-repository.ts'
import { trapped } from './git-traps.ts'

/** Every method of the port, on whatever the mirror holds. */
const exercise = async (mirror: Mirror, work: string): Promise<void> => {
  await mirror.refresh()
  const branches = await mirror.branches()
  for (const { name, commit } of branches) {
    await mirror.resolve(name)
    const commits = await mirror.commits(undefined, commit)
    for (const other of commits) {
      await mirror.mergeBase(other.commit, commit)
      await mirror.isAncestor(other.commit, commit)
      await mirror.changes(other.commit, commit)
      await mirror.changedLines(other.commit, commit)
    }
    const entries = await mirror.list(commit)
    await mirror.read(entries.map(({ oid }) => oid))
  }
  const checkout = await mirror.checkout(branches[0]?.commit ?? '', work)
  await checkout.remove()
}

test('looking at a repository full of traps runs none of them', async () => {
  const folder = temporaryFolder()
  const { repository, marks, from, to } = trapped(folder)
  // The user's own environment is no way in either.
  const environment = {
    ...process.env,
    GIT_DIR: join(repository.folder, '.git'),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: join(folder, 'trap-fsmonitor'),
    GIT_EXTERNAL_DIFF: join(folder, 'trap-diff-external'),
    GIT_SSH_COMMAND: join(folder, 'trap-ssh'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: '/nonexistent',
  }
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: repository.folder, environment })
  onTestFinished(() => mirror.close())
  await exercise(mirror, join(folder, 'work'))
  expect(readdirSync(marks)).toEqual([])

  // Neither attributes nor replaced objects change what is seen.
  expect(Object.fromEntries((await mirror.changedLines(from, to)).added)).toEqual({ 'a.ts': [2], 'b.txt': [2] })
  expect((await mirror.commits(from, to)).map(({ subject }) => subject)).toEqual(['two'])
  expect(existsSync(join(folder, 'x'))).toBe(false)
  expect(await mirror.resolve('--output=x')).toMatchObject({ state: 'present', commit: to })
})

test('the traps are real: git itself, run inside, falls into them', () => {
  const folder = temporaryFolder()
  const { repository, marks } = trapped(folder)
  const run = (...args: string[]) => spawnSync('git', args, { cwd: repository.folder, timeout: 20_000 })
  // Of the same length, so that git has to compare contents, whenever the index was written.
  writeFileSync(join(repository.folder, 'a.ts'), 'one\nsix\n')
  run('status')
  run('config', '--unset', 'filter.evil.process')
  run('--no-replace-objects', 'diff', 'feature~1', 'feature')
  run('update-ref', 'refs/heads/new', 'feature')
  expect(readdirSync(marks)).toEqual(
    expect.arrayContaining(['diff-command', 'hooks-path-reference-transaction', 'included-fsmonitor', 'process', 'smudge']),
  )
})

test('a "mirror" that somebody committed is not used', async () => {
  const folder = temporaryFolder()
  const { repository, marks, to } = trapped(folder)
  const planted = join(folder, 'mirror')
  cpSync(join(repository.folder, '.git'), planted, { recursive: true })
  writeFileSync(join(planted, 'info', 'attributes'), '* filter=evil diff=evil\n')
  const first = await openMirror({ folder: planted, from: repository.folder })
  await exercise(first, join(folder, 'work'))
  await first.close()
  expect(existsSync(join(planted, 'hooks'))).toBe(false)

  // Right in every file that is looked at first, but with a common directory elsewhere.
  writeFileSync(join(planted, 'commondir'), `${join(repository.folder, '.git')}\n`)
  const second = await openMirror({ folder: planted, from: repository.folder })
  onTestFinished(() => second.close())
  await exercise(second, join(folder, 'work'))
  expect(existsSync(join(planted, 'commondir'))).toBe(false)
  expect(await second.resolve('feature')).toMatchObject({ commit: to })
  expect(readdirSync(marks)).toEqual([])
})

test('replaced commits are not believed', async () => {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  const one = repository.commit('one', { a: '1' })
  const two = repository.commit('two', { a: '2' })
  repository.git('replace', '--graft', two)
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: repository.folder })
  onTestFinished(() => mirror.close())
  expect(repository.git('log', '--format=%s', two)).toBe('two')
  expect((await mirror.commits(undefined, two)).map(({ commit }) => commit)).toEqual([two, one])
})

test('a partial clone is not asked to fetch what it lacks', async () => {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  repository.git('config', 'uploadpack.allowFilter', 'true')
  const commit = repository.commit('one', { a: '1' })
  const blob = repository.git('rev-parse', 'HEAD:a')
  const partial = join(folder, 'partial')
  execFileSync('git', ['clone', '-q', '--no-checkout', '--filter=blob:none', `file://${repository.folder}`, partial])
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: partial })
  onTestFinished(() => mirror.close())
  expect(await mirror.resolve('main')).toMatchObject({ commit })
  expect(await mirror.read([blob])).toEqual([undefined])
})
