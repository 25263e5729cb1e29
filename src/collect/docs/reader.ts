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
  /** `seen` gets the bytes that were read. Rejects with `RepositoryError` where the repository lacks them. */
  read(path: string, seen?: (bytes: Uint8Array) => void): Promise<Content>
}

/** Larger files are none that people document or read. */
const MAX_FILE_BYTES = 1024 * 1024
const MAX_TOTAL_BYTES = 64 * 1024 * 1024

export async function openReader(repository: Repository, tree: string, signal: AbortSignal): Promise<Reader> {
  const files = await openTree(repository, tree, MAX_FILE_BYTES)
  let total = 0
  return {
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

function decode(path: string, bytes: Uint8Array): Content {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? { status: 'unreadable', reason: `${path} is no text: it holds a NUL character` } : { status: 'text', text }
  } catch {
    return { status: 'unreadable', reason: `${path} is no UTF-8 text` }
  }
}
