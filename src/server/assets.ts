import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import type { MiddlewareHandler } from 'hono'
import { problem } from '#server/problem.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The built dashboard. Its views are paths of one page; files with a hash in their name never change. */
export const assets =
  (folder: string): MiddlewareHandler =>
  async (context) => {
    const path = normalize(context.req.path)
    const isFile = path.startsWith('/assets/') && TYPES[extname(path)] !== undefined
    const file = isFile ? path : '/index.html'
    try {
      const bytes = await readFile(join(folder, file))
      return context.body(new Uint8Array(bytes), 200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': isFile ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
    } catch {
      return problem(context, 404, 'no-page', 'The dashboard is not there', { remedy: 'Build it with `npm run build`.' })
    }
  }
