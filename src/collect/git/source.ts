import { realpath, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RepositoryError } from '#core/evidence/collector.ts'
import { namedBy } from './linked-worktree.ts'

/** Where a mirror takes its commits from. */
export type Source =
  | { readonly kind: 'remote'; readonly url: string; readonly protocol: 'https' | 'ssh' }
  | {
      readonly kind: 'local'
      /** Absolute path of the git directory that all worktrees share. */
      readonly gitFolder: string
      /** Everything whose owner git asks about. */
      readonly owned: readonly string[]
    }

/** Reads files only; no git runs here. Rejects with a RepositoryError that says what to do. */
export const findSource = async (from: string): Promise<Source> => {
  if (from.includes('\0') || from.includes('\n')) throw new RepositoryError('The place of a repository cannot hold line breaks.')
  const remote = remoteSource(from)
  return remote ?? localSource(resolve(from.startsWith('file://') ? fileURLToPath(from) : from))
}

const remoteSource = (from: string): Source | undefined => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(from)?.[1]?.toLowerCase()
  if (scheme === 'file') return undefined
  if (scheme === 'https' || scheme === 'ssh') {
    if (/^\w+:\/\/(?:[^/@]*@)?-/.test(from)) throw new RepositoryError('The host name of a repository cannot begin with "-".')
    return { kind: 'remote', url: from, protocol: scheme }
  }
  if (scheme !== undefined || /^[a-z][a-z0-9+.-]*::/i.test(from)) {
    throw new RepositoryError(
      `A repository is a folder, an https:// or an ssh:// address; "${scheme ?? from.split('::')[0]}" is not supported.`,
    )
  }
  const isHostAndPath = /^(?:[\w.-]+@)?[\w.-]{2,}:(?![\\/]{2})./.test(from) && !from.startsWith('-')
  return isHostAndPath ? { kind: 'remote', url: from, protocol: 'ssh' } : undefined
}

const localSource = async (path: string): Promise<Source> => {
  const start = await realpath(path).catch(() => undefined)
  if (start === undefined) throw new RepositoryError(`${path} does not exist: name the folder of a git clone, or its address.`)
  for (let folder = start; ; folder = dirname(folder)) {
    const marker = join(folder, '.git')
    const found = await statOrNone(marker)
    if (found?.isDirectory() === true && (await isGitFolder(marker))) {
      return { kind: 'local', gitFolder: await realpath(marker), owned: [folder, marker] }
    }
    if (found?.isFile() === true) return linkedSource(folder, marker)
    if (await isGitFolder(folder)) return { kind: 'local', gitFolder: folder, owned: [folder] }
    if (dirname(folder) === folder) break
  }
  throw new RepositoryError(
    `There is no git repository at ${path} nor in a folder above it: run Muster inside a clone, or make one with "git init".`,
  )
}

/** A linked worktree or a submodule: `.git` is a file that says where the git directory lies. */
const linkedSource = async (folder: string, marker: string): Promise<Source> => {
  const named = namedBy(folder)
  if (named === undefined) throw new RepositoryError(`${marker} is a file that does not say where the repository lies ("gitdir: ...").`)
  const { own, shared: gitFolder } = named
  if (!(await isGitFolder(gitFolder))) {
    throw new RepositoryError(`${marker} points at ${own}, which is not there any more: run "git worktree repair" in the main clone.`)
  }
  return { kind: 'local', gitFolder: await realpath(gitFolder), owned: [folder, marker, await realpath(gitFolder)] }
}

const isGitFolder = async (folder: string): Promise<boolean> => {
  const [head, objects, refs] = await Promise.all([
    statOrNone(join(folder, 'HEAD')),
    statOrNone(join(folder, 'objects')),
    statOrNone(join(folder, 'refs')),
  ])
  return head !== undefined && objects?.isDirectory() === true && refs?.isDirectory() === true
}

const statOrNone = (path: string) => stat(path).catch(() => undefined)
