import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openMirror } from '#collect/git/mirror.ts'
import { temporaryFolder, testRepository } from './git-repository.ts'

async function scene() {
  const folder = temporaryFolder()
  const repository = testRepository(join(folder, 'source'))
  const commit = repository.commit('one', { a: '1\n' })
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: repository.folder })
  onTestFinished(() => mirror.close())
  /** As another git leaves it between opening the file and writing it. */
  const half = join(folder, 'mirror/worktrees/half')
  mkdirSync(half, { recursive: true })
  writeFileSync(join(half, 'locked'), 'initializing')
  writeFileSync(join(half, 'gitdir'), `${join(folder, 'half/.git')}\n`)
  writeFileSync(join(half, 'HEAD'), `${commit}\n`)
  writeFileSync(join(half, 'commondir'), '')
  return { folder, mirror, commit, half }
}

test('a checkout waits for the one that another process is making', async () => {
  const { folder, mirror, commit, half } = await scene()
  const made = mirror.checkout(commit, join(folder, 'work'))
  await sleep(300)
  writeFileSync(join(half, 'commondir'), '../..\n')
  await made
  expect(readdirSync(join(folder, 'work'))).toEqual(expect.arrayContaining(['a']))
  expect(existsSync(half)).toBe(true)
})

test('half a checkout that a power loss left stops none after it', async () => {
  const { folder, mirror, commit, half } = await scene()
  await mirror.checkout(commit, join(folder, 'work'))
  expect(readdirSync(join(folder, 'work'))).toEqual(expect.arrayContaining(['a']))
  expect(existsSync(half)).toBe(false)
})

test('many checkouts at once are all made', async () => {
  const { folder, mirror, commit, half } = await scene()
  writeFileSync(join(half, 'commondir'), '../..\n')
  const other = await openMirror({ folder: join(folder, 'mirror'), from: join(folder, 'source') })
  onTestFinished(() => other.close())
  const names = Array.from({ length: 16 }, (_, index) => `work-${index}`)
  await Promise.all(names.map((name, index) => (index % 2 === 0 ? mirror : other).checkout(commit, join(folder, name))))
  for (const name of names) expect(existsSync(join(folder, name, 'a'))).toBe(true)
})
