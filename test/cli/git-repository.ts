import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Commit {
  readonly files?: Readonly<Record<string, string>>
  /** Name of the author. */
  readonly author?: string
  /** ISO 8601; commits without one are an hour apart. */
  readonly at?: string
}

/** A real repository in an empty folder, written through git's own plumbing. */
export function gitRepository(folder: string, branch = 'main') {
  let hours = 0
  const git = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_COMMITTER_NAME: 'Committer',
        GIT_COMMITTER_EMAIL: 'c@example.org',
        ...env,
      },
    })
  mkdirSync(folder, { recursive: true })
  git(['init', '-q', '-b', branch])
  return {
    folder,
    git,
    /** Commits files onto a branch that is made from `from` when it is not there. */
    commit(on: string, { files = {}, author = 'Author A', at }: Commit = {}, from = branch): void {
      const exists = git(['branch', '--list', on]).trim() !== ''
      const unborn = git(['branch', '--list']).trim() === ''
      if (!unborn) git(['checkout', '-q', ...(exists ? [on] : ['-b', on, from])])
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
        git(['add', '--', path])
      }
      hours += 1
      const date = at ?? new Date(Date.UTC(2026, 0, 5, hours)).toISOString()
      git(['commit', '-q', '--allow-empty', '-m', `on ${on}`], {
        GIT_AUTHOR_NAME: author,
        GIT_AUTHOR_EMAIL: 'a@example.org',
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_DATE: date,
      })
      git(['checkout', '-q', branch])
    },
  }
}
