import type { Repository, TreeEntry } from '#core/evidence/collector.ts'

/** The files of one git tree, as a reader of paths needs them. */
export interface TreeFiles {
  /** Every path of the tree, as git lists them: files, links and submodules, no folders. */
  readonly paths: readonly string[]
  entry(path: string): TreeEntry | undefined
  /** Contents as UTF-8 text; undefined where there are none, or too many, or they are not text. */
  text(entry: TreeEntry): Promise<string | undefined>
}

export interface ResolvedPath {
  /** The file the path leads to; absent when it leads nowhere, to a folder or out of the tree. */
  readonly entry?: TreeEntry
  /** Symbolic links that were followed on the way. */
  readonly links: readonly TreeEntry[]
}

export const LINK_MODE = '120000'
export const SUBMODULE_MODE = '160000'

/** As many as Linux follows. */
const MAX_LINKS = 40

/** Follows a path through a tree as the file system would follow it through a checkout. */
export async function resolveInTree(path: string, files: TreeFiles): Promise<ResolvedPath> {
  const links: TreeEntry[] = []
  const done: string[] = []
  let todo = path.split('/')
  while (todo.length > 0) {
    const [segment = '', ...rest] = todo
    todo = rest
    if (segment === '' || segment === '.') continue
    if (segment === '..') {
      if (done.pop() === undefined) return { links }
      continue
    }
    done.push(segment)
    const entry = files.entry(done.join('/'))
    if (entry?.mode !== LINK_MODE) continue
    const target = links.length < MAX_LINKS ? await files.text(entry) : undefined
    links.push(entry)
    if (target === undefined || target.startsWith('/')) return { links }
    done.pop()
    todo = [...target.split('/'), ...todo]
  }
  const entry = files.entry(done.join('/'))
  return entry && entry.mode !== SUBMODULE_MODE ? { entry, links } : { links }
}

/** Reads files above `maxBytes`, and what is no UTF-8, as no text. Rejects as the repository does. */
export async function openTree(repository: Pick<Repository, 'list' | 'read'>, treeish: string, maxBytes: number): Promise<TreeFiles> {
  const entries = new Map((await repository.list(treeish)).map((entry) => [entry.path, entry]))
  return {
    paths: [...entries.keys()],
    entry: (path) => entries.get(path),
    text: async (entry) => {
      if (entry.size < 0 || entry.size > maxBytes) return undefined
      const [bytes] = await repository.read([entry.oid])
      return bytes && decode(bytes)
    },
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
