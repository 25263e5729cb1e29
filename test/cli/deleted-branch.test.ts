import { expect, test } from 'vitest'
import { createScene, criterion, PROGRAM, type Scene } from './scene.ts'

const BRANCHES = PROGRAM.replaceAll(/  build: .*\n  tests: .*\n/g, '')
  .replaceAll(/      (?:builds|tests): .*\n/g, '')
  .replaceAll(/^( *)there: .*$/gm, '$&\n$1merged: { title: The work is in the target, metric: git.merged, equals: true }')

/** What two checks in a row, the first of them on record, say of the reader: that it is there, that it is merged. */
async function twice(scene: Scene) {
  await scene.muster(['check'])
  const report = await scene.report()
  const [there, merged] = ['there', 'merged'].map((id) => criterion(report, id, 'stream:reader'))
  return { there: there?.rawStatus, merged: merged?.rawStatus, why: there?.evidence[0]?.reason }
}

test.each([
  ['a merge commit', ['merge', '-q', '--no-ff', '-m', 'Merge', 'feature/reader']],
  ['a fast-forward', ['merge', '-q', '--ff-only', 'feature/reader']],
])('a branch that is deleted after %s counts as merged, however far the target goes on', async (_, merge) => {
  const scene = createScene({ program: BRANCHES })
  const { repository } = scene
  await scene.muster(['check'])
  repository.git(...merge)
  repository.git('branch', '-q', '-D', 'feature/reader')
  const merged = { there: 'satisfied', merged: 'satisfied', why: expect.stringMatching(/^it is deleted; .* is in the target$/) as string }
  expect(await twice(scene)).toEqual(merged)
  repository.commit('On', { 'reader.ts': 'export const other = 1\n' })
  expect(await twice(scene)).toEqual(merged)
  const { out } = await scene.muster(['check'])
  expect(out).not.toContain('there is no branch')
})

test('a branch that is deleted after a squash counts as merged, also once git has forgotten its commits, as long as the target holds it', async () => {
  const scene = createScene({ program: BRANCHES })
  const { repository } = scene
  await scene.muster(['check'])
  repository.git('merge', '-q', '--squash', 'feature/reader')
  repository.commit('Squashed', {})
  const squash = repository.git('rev-parse', 'HEAD')
  repository.git('branch', '-q', '-D', 'feature/reader')
  expect(await twice(scene)).toMatchObject({
    there: 'satisfied',
    merged: 'satisfied',
    why: expect.stringMatching(/^it is deleted;/) as string,
  })
  repository.commit('On', { 'reader.ts': 'export const other = 1\n' })
  expect(await twice(scene)).toMatchObject({ there: 'satisfied', merged: 'satisfied' })
  repository.git('reflog', 'expire', '--expire=now', '--all')
  repository.git('gc', '-q', '--prune=now')
  expect(await twice(scene)).toMatchObject({ there: 'satisfied', merged: 'satisfied' })
  repository.git('reset', '-q', '--soft', `${squash}^`)
  expect(await twice(scene)).toMatchObject({ there: 'unsatisfied', merged: 'missing' })
})

test('a branch that is gone proves nothing where its work is not in the target, had not begun, or was never recorded', async () => {
  const squashed = createScene({ program: BRANCHES })
  await squashed.muster(['check'])
  squashed.repository.git('branch', '-q', '-D', 'feature/reader')
  const report = await squashed.report()
  expect(criterion(report, 'there', 'stream:reader')).toMatchObject({
    rawStatus: 'unsatisfied',
    evidence: [{ reason: expect.stringMatching(/where it was recorded last, [0-9a-f]{12}, is not in the target$/) as string }],
  })
  expect(criterion(report, 'merged', 'stream:reader').rawStatus).toBe('missing')

  const empty = createScene({ program: BRANCHES })
  empty.repository.git('branch', '-q', '-f', 'feature/reader', 'main')
  await empty.muster(['check'])
  empty.repository.commit('On', { 'other.ts': 'export const other = 1\n' })
  empty.repository.git('branch', '-q', '-D', 'feature/reader')
  expect(await twice(empty)).toMatchObject({ there: 'unsatisfied', merged: 'missing' })

  const unseen = createScene({ program: BRANCHES })
  unseen.repository.git('merge', '-q', '--no-ff', '-m', 'Merge', 'feature/reader')
  unseen.repository.git('branch', '-q', '-D', 'feature/reader')
  expect(await twice(unseen)).toMatchObject({ there: 'unsatisfied', merged: 'missing' })
})
