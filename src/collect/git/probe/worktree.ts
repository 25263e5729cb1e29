import { createHash } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { RepositoryError } from '#core/evidence/collector.ts'
import type { Prober, Worktree } from '#core/merge/probe.ts'
import { parseCommit } from '../diff.ts'
import type { ObjectReader } from '../objects.ts'
import { complaint, runGit } from '../process.ts'
import type { Quarantine } from './quarantine.ts'

/**
 * Writes the files of a worktree as a commit into the quarantine. They are read with an index of
 * our own, kept between looks so that only files that changed are read again: the index,
 * configuration, filters and hooks of the repository are not touched and do not act, so a file
 * that a filter or a line-ending rule would change on its way in counts as it stands on disk. Of a
 * repository within, only the commit it is at counts.
 */
export async function snapshotOf(worktree: Worktree, quarantine: Quarantine, objects: ObjectReader): ReturnType<Prober['snapshot']> {
  const [head] = await objects.read([worktree.commit])
  const parent = head?.type === 'commit' ? parseCommit(head.content) : undefined
  if (parent === undefined) throw new RepositoryError(`the head of the worktree ${worktree.path} is not in the repository`)
  const tree = await treeOf(worktree, parent.tree, quarantine)
  if (tree === parent.tree) return { commit: worktree.commit, changed: false }
  // The head's own time: the same files on the same head are the same commit, and none is older than its parent.
  const who = `muster <> ${Date.parse(parent.committedAt) / 1000} +0000`
  const text = `tree ${tree}\nparent ${worktree.commit}\nauthor ${who}\ncommitter ${who}\n\nNot committed yet\n`
  return { commit: quarantine.write('commit', Buffer.from(text)), changed: true }
}

async function treeOf({ path, exclude }: Worktree, headTree: string, quarantine: Quarantine): Promise<string> {
  const index = join(quarantine.folder, `index-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`)
  const environment = { ...quarantine.environment, GIT_WORK_TREE: path, GIT_INDEX_FILE: index }
  const git = async (args: readonly string[], more: { readonly input?: Buffer; readonly alsoFine?: number } = {}): Promise<Buffer> => {
    const { input, alsoFine = 0 } = more
    const { exitCode, stdout, stderr } = await runGit(args, { environment, folder: path, ...(input && { input }) })
    if (exitCode === 0 || exitCode === alsoFine) return stdout
    throw new RepositoryError(`the worktree ${path} cannot be read: ${complaint(stderr)}`)
  }
  // With -m what is known of unchanged files stays, so that they are not read again; with -i nobody minds those that changed since the last look.
  await git(['read-tree', ...((await isThere(index)) ? ['-i', '-m'] : []), '--end-of-options', headTree])
  await git(['update-index', '-q', '--refresh', '--ignore-submodules'], { alsoFine: 1 })
  const ignored = ['--exclude-per-directory=.gitignore', ...((await isThere(exclude)) ? [`--exclude-from=${exclude}`] : [])]
  const changed = await git(['ls-files', '-z', '--modified', '--deleted', '--others', ...ignored])
  if (changed.length > 0) await git(['update-index', '-z', '--add', '--remove', '--stdin'], { input: changed })
  return (await git(['write-tree'])).toString('latin1').trim()
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
