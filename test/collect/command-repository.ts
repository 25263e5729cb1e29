import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { CommandRequest, Repository } from '#core/evidence/collector.ts'
import type { SubjectState } from '#core/evidence/evidence.ts'
import { openMirror } from '#collect/git/mirror.ts'

const execute = promisify(execFile)

/** Text of a file, `{ link }` for a symbolic link; a path that ends in .sh is executable. */
export type Files = Readonly<Record<string, string | { readonly link: string }>>

export type Present = SubjectState & { readonly state: 'present' }

export interface Scene {
  /** Folder of the whole scene, removed by `close`. */
  readonly folder: string
  readonly repository: Repository
  /** Commits exactly these files on main and says where that is. */
  commit(files: Files): Promise<Present>
  close(): Promise<void>
}

/** A real repository in a temporary folder, and Muster's mirror of it. */
export async function createScene(): Promise<Scene> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'muster-command-')))
  const work = join(folder, 'work')
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' }
  const git = async (...args: string[]): Promise<void> =>
    void (await execute('git', ['-C', work, '-c', 'user.name=lead-a', '-c', 'user.email=lead-a@example.org', ...args], { env }))
  await mkdir(work)
  await git('init', '--quiet', '--initial-branch=main')
  const mirror = await openMirror({ folder: join(folder, 'mirror'), from: work, environment: env })
  return {
    folder,
    repository: mirror,
    commit: async (files) => {
      await git('rm', '-r', '-q', '-f', '--ignore-unmatch', '.')
      for (const [path, content] of Object.entries(files)) await put(join(work, path), content)
      await git('add', '--all', '--force')
      await git('commit', '--quiet', '--allow-empty', '--message=state')
      await mirror.refresh()
      const state = await mirror.resolve('main')
      if (state.state !== 'present') throw new Error(state.reason)
      return state
    },
    close: async () => {
      await mirror.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function put(path: string, content: Files[string]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  if (typeof content === 'object') return symlink(content.link, path)
  await writeFile(path, content)
  if (path.endsWith('.sh')) await chmod(path, 0o755)
}

/** A request for a line at a commit; the subject is the program unless said. */
export function requestFor(state: Present, run: string, more: Partial<CommandRequest> = {}): CommandRequest {
  return {
    sourceId: 'build',
    subject: 'program',
    commit: state.commit,
    tree: state.tree,
    run,
    folder: '.',
    environment: {},
    timeLimitSeconds: 60,
    ...more,
  }
}
