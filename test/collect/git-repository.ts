import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is gone when the test ends. */
export const temporaryFolder = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-git-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

const START = Date.UTC(2026, 1, 2, 9) / 1000

export interface TestRepository {
  readonly folder: string
  git(...args: string[]): string
  /** Writes files (undefined: deletes), commits them an hour after the commit before, returns the id. */
  commit(message: string, files: Readonly<Record<string, string | Uint8Array | undefined>>): string
  link(path: string, target: string): void
}

/** A real repository with fixed names and dates, so that its ids are the same every time. */
export const testRepository = (folder: string, ...options: string[]): TestRepository => {
  mkdirSync(folder, { recursive: true })
  let hours = 0
  const git = (...args: string[]): string => {
    const date = `${START + hours * 3600} +0000`
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'lead-a',
      GIT_AUTHOR_EMAIL: 'lead-a@example.org',
      GIT_COMMITTER_NAME: 'lead-a',
      GIT_COMMITTER_EMAIL: 'lead-a@example.org',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    }
    return execFileSync('git', args, { cwd: folder, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }
  git('init', '-q', '-b', 'main', ...options)
  return {
    folder,
    git(...args) {
      if (args[0] === 'merge' || args[0] === 'commit') hours += 1
      return git(...args)
    },
    commit(message, files) {
      hours += 1
      for (const [path, content] of Object.entries(files)) {
        const full = join(folder, path)
        mkdirSync(dirname(full), { recursive: true })
        if (content === undefined) rmSync(full)
        else writeFileSync(full, content)
      }
      git('add', '-A', '--', '.')
      git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    link(path, target) {
      symlinkSync(target, join(folder, path))
    },
  }
}
