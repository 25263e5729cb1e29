import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { CommandRequest, Repository } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'

const execute = promisify(execFile)

/** Text of a file, `{ link }` for a symbolic link; a path that ends in .sh is executable. */
export type Files = Readonly<Record<string, string | { readonly link: string }>>

export interface Scene {
  /** Folder of the whole scene, removed by `close`. */
  readonly folder: string
  readonly repository: Pick<Repository, 'list' | 'read' | 'checkout'> & Repository
  /** Commits exactly these files and says where that is. */
  commit(files: Files): Promise<SubjectState & { readonly state: 'present' }>
  close(): Promise<void>
}

/** A real repository in a temporary folder, and as much of the port over it as commands and documents need. */
export async function createScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-command-'))
  const work = join(folder, 'work')
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' }
  const git = async (...args: string[]): Promise<string> =>
    (await execute('git', ['-C', work, '-c', 'user.name=lead-a', '-c', 'user.email=lead-a@example.org', ...args], { env: environment, maxBuffer: 1 << 28 })).stdout
  await mkdir(work)
  await git('init', '--quiet', '--initial-branch=main')
  return {
    folder,
    repository: repositoryOver(git, work, environment),
    commit: async (files) => {
      await git('rm', '-r', '-q', '-f', '--ignore-unmatch', '.')
      for (const [path, content] of Object.entries(files)) await put(join(work, path), content)
      await git('add', '--all', '--force')
      await git('commit', '--quiet', '--allow-empty', '--message=state')
      const [commit = '', tree = ''] = (await git('rev-parse', 'HEAD', 'HEAD^{tree}')).split('\n')
      return { state: 'present', ref: 'refs/heads/main', commit, tree, committedAt: '2026-02-25T15:00:00Z' }
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

async function put(path: string, content: Files[string]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  if (typeof content === 'object') return symlink(content.link, path)
  await writeFile(path, content)
  if (path.endsWith('.sh')) await chmod(path, 0o755)
}

function repositoryOver(git: (...args: string[]) => Promise<string>, work: string, env: NodeJS.ProcessEnv): Repository {
  const notNeeded = () => Promise.reject(new Error('not part of this scene'))
  return {
    resolve: notNeeded, mergeBase: notNeeded, isAncestor: notNeeded, commits: notNeeded, changes: notNeeded, addedLines: notNeeded, branches: notNeeded,
    list: async (treeish) =>
      (await git('ls-tree', '-r', '-l', '-z', '--full-tree', treeish))
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => {
          const [meta = '', path = ''] = line.split('\t')
          const [mode = '', , oid = '', size = ''] = meta.split(/ +/)
          return { path, oid, mode, size: size === '-' ? -1 : Number(size) }
        }),
    read: (oids) =>
      Promise.all(
        oids.map(async (oid) => {
          const found = await execute('git', ['-C', work, 'cat-file', 'blob', oid], { env, encoding: 'buffer', maxBuffer: 1 << 28 }).catch(() => undefined)
          return found?.stdout
        }),
      ),
    checkout: async (commit, folder) => {
      await git('worktree', 'add', '--quiet', '--force', '--detach', folder, commit)
      return { remove: async () => void (await git('worktree', 'remove', '--force', folder)) }
    },
  }
}

/** A request for a line at a commit; the subject is the program unless said. */
export function requestFor(state: SubjectState & { readonly state: 'present' }, run: string, more: Partial<CommandRequest> = {}): CommandRequest {
  return { sourceId: 'build', subject: 'program', commit: state.commit, tree: state.tree, run, folder: '.', environment: {}, timeLimitSeconds: 60, ...more }
}
