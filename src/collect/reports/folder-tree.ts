import { readFile, stat } from 'node:fs/promises'
import { findFiles } from './files.ts'
import type { Tree } from './report.ts'

const MAX_BYTES = 1 << 20

/** A checkout on disk where no repository is at hand, as in a CI job: its files that match. Undefined where they cannot be listed. */
export async function folderTree(root: string, patterns: readonly string[], signal: AbortSignal): Promise<Tree | undefined> {
  const found = await findFiles(root, patterns, signal)
  if (!found.ok) return undefined
  const byPath = new Map(found.files.map((file) => [file.path, file.real]))
  return {
    async files(visit) {
      for (const path of byPath.keys()) visit(path, path)
    },
    read: (paths) =>
      Promise.all(
        paths.map(async (path) => {
          const real = byPath.get(path)
          if (real === undefined || (await stat(real)).size > MAX_BYTES) return undefined
          return readFile(real)
        }),
      ),
  }
}
