import { RepositoryError, type Repository } from '#core/evidence/collector.ts'
import { LINK_MODE, openTree, resolveInTree, SUBMODULE_MODE } from '#core/evidence/tree-path.ts'

export type Content =
  | { readonly status: 'text'; readonly text: string }
  /** There, with bytes in it, that are no text. `reason` names the file. */
  | { readonly status: 'unreadable'; readonly reason: string }
  | { readonly status: 'absent' }

/** Reads files of one tree by path; links are followed inside the tree. */
export interface Reader {
  /** Files only: no links, no submodules. */
  readonly paths: readonly string[]
  /** What stands at a path, links followed; the root is the empty one. */
  kindOf(path: string): Promise<'file' | 'folder' | undefined>
  /** A path of the tree that differs in nothing but upper and lower case. */
  inOtherCase(path: string): string | undefined
  /** `seen` gets the bytes that were read. Rejects with `RepositoryError` where the repository lacks them. */
  read(path: string, seen?: (bytes: Uint8Array) => void): Promise<Content>
}

/** Larger files are none that people document or read. */
const MAX_FILE_BYTES = 1024 * 1024
const MAX_TOTAL_BYTES = 64 * 1024 * 1024

export async function openReader(repository: Repository, tree: string, signal: AbortSignal): Promise<Reader> {
  const files = await openTree(repository, tree, MAX_FILE_BYTES)
  let total = 0
  const folders = once(() => new Set(files.paths.flatMap(foldersOf)))
  const byLowerCase = once(() => new Map([...files.paths, ...folders()].map((path) => [path.toLowerCase(), path])))
  return {
    kindOf: async (path) => {
      if (path === '' || folders().has(path)) return 'folder'
      const mode = files.entry(path)?.mode
      if (mode === SUBMODULE_MODE) return 'folder'
      if (mode !== undefined && mode !== LINK_MODE) return 'file'
      const { entry } = await resolveInTree(path, files)
      return entry ? 'file' : mode === undefined ? undefined : 'folder'
    },
    inOtherCase: (path) => byLowerCase().get(path.toLowerCase()),
    paths: files.paths.filter((path) => ![LINK_MODE, SUBMODULE_MODE].includes(files.entry(path)?.mode ?? '')),
    read: async (path, seen) => {
      signal.throwIfAborted()
      const { entry } = await resolveInTree(path, files)
      if (!entry) return { status: 'absent' }
      if (entry.size > MAX_FILE_BYTES)
        return { status: 'unreadable', reason: `${path} has ${entry.size} bytes; more than ${MAX_FILE_BYTES} are not read` }
      total += entry.size
      if (total > MAX_TOTAL_BYTES)
        throw new RepositoryError(`the files have more than ${MAX_TOTAL_BYTES} bytes together; let the source ask for less`)
      const [bytes] = await repository.read([entry.oid])
      if (!bytes) throw new RepositoryError(`the contents of ${path} (${entry.oid}) are not in the repository`)
      seen?.(bytes)
      return decode(path, bytes)
    },
  }
}

/** Every folder that a path lies in. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = []
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) folders.push(path.slice(0, end))
  return folders
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function decode(path: string, bytes: Uint8Array): Content {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? { status: 'unreadable', reason: `${path} is no text: it holds a NUL character` } : { status: 'text', text }
  } catch {
    return { status: 'unreadable', reason: `${path} is no UTF-8 text` }
  }
}
