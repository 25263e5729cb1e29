import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'

/** What a `.git` file in `folder` names: its own git directory, and the one that all worktrees share. Undefined where it names none. */
export function namedBy(folder: string): { readonly own: string; readonly shared: string } | undefined {
  const target = /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(join(folder, '.git'), 'utf8'))?.[1]
  if (target === undefined) return undefined
  const own = resolve(folder, target)
  const pointer = join(own, 'commondir')
  const common = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : '.'
  return { own, shared: isAbsolute(common) ? common : resolve(own, common) }
}

/**
 * The same folder in the main worktree, where `folder` is in a linked one. Reads files only; no
 * git runs. Undefined elsewhere, also in a submodule and beside a bare repository.
 */
export function inMainWorktree(folder: string): string | undefined {
  for (let root = folder; ; root = dirname(root)) {
    const marker = statSync(join(root, '.git'), { throwIfNoEntry: false })
    if (marker?.isFile() === true) {
      const named = namedBy(root)
      if (named === undefined || basename(named.shared) !== '.git' || !isKnown(named.own, root)) return undefined
      return join(dirname(named.shared), relative(root, folder))
    }
    if (marker !== undefined || dirname(root) === root) return undefined
  }
}

/** Whether the repository names that worktree too: a folder from elsewhere cannot make itself one. */
function isKnown(own: string, root: string): boolean {
  const pointer = join(own, 'gitdir')
  if (!existsSync(pointer)) return false
  const marker = resolve(own, readFileSync(pointer, 'utf8').trim())
  return existsSync(marker) && realpathSync(marker) === realpathSync(join(root, '.git'))
}

/** Name of the branch that is checked out in the worktree around `folder`. Reads files only; no git runs. Undefined where there is none. */
export function branchIn(folder: string): string | undefined {
  for (let root = folder; ; root = dirname(root)) {
    const marker = statSync(join(root, '.git'), { throwIfNoEntry: false })
    const own = marker?.isFile() === true ? namedBy(root)?.own : marker && join(root, '.git')
    const head = own === undefined ? undefined : join(own, 'HEAD')
    if (head !== undefined && existsSync(head)) return /^ref: refs\/heads\/(.+?)\r?\n?$/.exec(readFileSync(head, 'utf8'))?.[1]
    if (marker !== undefined || dirname(root) === root) return undefined
  }
}
