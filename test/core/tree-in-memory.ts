import { createHash } from 'node:crypto'
import type { TreeEntry } from '#core/evidence/collector.ts'
import { LINK_MODE, type TreeFiles } from '#core/evidence/tree-path.ts'

/** A tree in memory: contents by path, links as `{ link: target }`. */
export function treeOf(files: Readonly<Record<string, string | { readonly link: string }>>): TreeFiles {
  const textOf = (file: string | { readonly link: string } | undefined): string | undefined => (typeof file === 'object' ? file.link : file)
  const entries = new Map<string, TreeEntry>(
    Object.entries(files).map(([path, file]) => {
      const text = textOf(file) ?? ''
      const oid = createHash('sha1').update(text).digest('hex')
      return [path, { path, oid, mode: typeof file === 'object' ? LINK_MODE : '100644', size: Buffer.byteLength(text) }]
    }),
  )
  return { paths: [...entries.keys()], entry: (path) => entries.get(path), text: async ({ path }) => textOf(files[path]) }
}
