import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createScene, type Scene } from './scene.ts'

/** A worktree beside the main one, with the program file that its branch has. */
function worktreeOf(scene: Scene, branch = 'feature/reader'): string {
  const folder = join(scene.folder, 'reader')
  scene.repository.git('worktree', 'add', '-q', folder, branch)
  copyFileSync(scene.path('muster.yaml'), join(folder, 'muster.yaml'))
  return folder
}

test('what is put on record in a linked worktree is on the record of all of them', async () => {
  const scene = createScene()
  const cwd = worktreeOf(scene)
  const checkedIn = await scene.muster(['checkin', '--as', 'lead-a', '--done', 'One'], { cwd })
  expect(checkedIn.err).toBe('')
  expect((await scene.muster(['status'])).out).toContain('ledger: 1 records')
  scene.repository.git('worktree', 'remove', '--force', cwd)
  expect((await scene.muster(['verify'])).out).toContain('sound: 1 records')
})

test('what was trusted in the main worktree is trusted in a linked one, and the other way round', async () => {
  const scene = createScene()
  const cwd = worktreeOf(scene)
  await scene.muster(['trust', '--yes'], { cwd })
  expect((await scene.report()).criteria.filter(({ status }) => status === 'missing')).toEqual(
    (await scene.report([], { cwd })).criteria.filter(({ status }) => status === 'missing'),
  )
  expect((await scene.muster(['trust'])).code).toBe(0)
  expect((await scene.muster(['trust'], { cwd })).code).toBe(0)
})

test('a worktree that has a record of its own keeps it', async () => {
  const scene = createScene()
  const cwd = worktreeOf(scene)
  await scene.muster(['checkin', '--as', 'lead-a', '--done', 'One'], { cwd, env: { MUSTER_STATE: '.muster' } })
  await scene.muster(['checkin', '--as', 'lead-a', '--done', 'Two'], { cwd })
  expect((await scene.muster(['status'], { cwd })).out).toContain('ledger: 2 records')
  expect(existsSync(scene.path('.muster', 'ledger.sqlite'))).toBe(false)
})

test('a program file in a folder that the main worktree has not: the record lies beside it', async () => {
  const scene = createScene()
  const cwd = join(worktreeOf(scene), 'plans')
  mkdirSync(cwd)
  copyFileSync(scene.path('muster.yaml'), join(cwd, 'muster.yaml'))
  await scene.muster(['checkin', '--as', 'lead-a', '--done', 'One'], { cwd })
  expect(existsSync(join(cwd, '.muster', 'ledger.sqlite'))).toBe(true)
  expect(existsSync(scene.path('plans'))).toBe(false)
})

test('a folder that only claims to be a worktree has a record of its own', async () => {
  const scene = createScene()
  const worktree = worktreeOf(scene)
  const cwd = join(scene.folder, 'elsewhere')
  cpSync(worktree, cwd, { recursive: true })
  await scene.muster(['checkin', '--as', 'lead-a', '--done', 'One'], { cwd })
  expect(existsSync(scene.path('.muster'))).toBe(false)
  expect(existsSync(join(cwd, '.muster', 'ledger.sqlite'))).toBe(true)
})

test('a branch without the program file: that of the main worktree is named, and --config takes it', async () => {
  const scene = createScene()
  const cwd = worktreeOf(scene)
  rmSync(join(cwd, 'muster.yaml'))
  expect((await scene.muster(['status'], { cwd })).err).toContain('the main worktree has one: --config ../work/muster.yaml')
  const checkedIn = await scene.muster(['checkin', '--as', 'lead-a', '--done', 'One', '--config', '../work/muster.yaml'], { cwd })
  expect(checkedIn.err).toBe('')
  expect((await scene.muster(['status'])).out).toContain('ledger: 1 records')
})
