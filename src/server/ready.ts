import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { problem } from '#server/problem.ts'

/** Bytes that are ready to be sent, and their strong ETag. */
export interface Ready {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

export function readyOf(content: string | Uint8Array<ArrayBuffer>): Ready {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
}

export const readyJson = (document: unknown): Ready => readyOf(JSON.stringify(document))

/** The document, or 304 where the reader has it already. */
export function send(context: Context, { bytes, etag }: Ready, headers: Readonly<Record<string, string>> = {}): Response {
  const own = { etag, 'cache-control': 'private, no-cache', ...headers }
  const known = context.req.header('if-none-match')?.split(/\s*,\s*/) ?? []
  // `*` is whatever there is (RFC 9110, 13.1.2); `W/`: a proxy that compresses weakens tags.
  if (known.some((one) => one === '*' || one === etag || one === `W/${etag}`)) return context.body(null, 304, own)
  return context.body(bytes, 200, { 'content-type': 'application/json', ...own })
}

export const sendOr404 = (
  context: Context,
  made: Ready | undefined,
  noun: string,
  headers: Readonly<Record<string, string>> = {},
): Response => (made ? send(context, made, headers) : problem(context, 404, `unknown-${noun}`, `There is no such ${noun}`))
