import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import type { Worktree } from '#core/merge/probe.ts'
import { isObjectId } from './objects.ts'

/**
 * The worktrees of a git directory, read from its files: no git runs there. Those whose folder is
 * gone, or whose head names nothing, are left out. Sorted by path.
 */
export async function worktreesOf(gitFolder: string, headOf: (branch: string) => string | undefined): Promise<readonly Worktree[]> {
  const exclude = join(gitFolder, 'info', 'exclude')
  const at = async (folder: string, own: string): Promise<Worktree | undefined> => {
    const [path, marker] = await Promise.all([realpath(folder).catch(() => undefined), stat(join(folder, '.git')).catch(() => undefined)])
    if (path === undefined || marker === undefined) return undefined
    const head = (await readFile(join(own, 'HEAD'), 'utf8').catch(() => '')).trim()
    const branch = /^ref: refs\/heads\/(.+)$/.exec(head)?.[1]
    const commit = branch === undefined ? head : headOf(branch)
    return commit === undefined || !isObjectId(commit) ? undefined : { path, ...(branch !== undefined && { branch }), commit, exclude }
  }
  const linked = async (own: string): Promise<Worktree | undefined> => {
    const marker = (await readFile(join(own, 'gitdir'), 'utf8').catch(() => '')).trim()
    return marker === '' ? undefined : at(dirname(isAbsolute(marker) ? marker : resolve(own, marker)), own)
  }
  const names = await readdir(join(gitFolder, 'worktrees')).catch(() => [])
  const found = await Promise.all([
    ...(basename(gitFolder) === '.git' ? [at(dirname(gitFolder), gitFolder)] : []),
    ...names.map((name) => linked(join(gitFolder, 'worktrees', name))),
  ])
  return found.flatMap((one) => one ?? []).sort((a, b) => (a.path < b.path ? -1 : 1))
}
