import type { Json } from '#collect/scan/json.ts'

/** The value that a JSON pointer leads to (RFC 6901), or the innermost value it still reached and what that lacks. */
export function follow(json: Json, pointer: string): { readonly found: Json } | { readonly reached: Json; readonly lacks: string } {
  let at = json
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    const next = at.kind === 'object' ? at.entries.get(key) : at.kind === 'array' && INDEX.test(key) ? at.items[Number(key)] : undefined
    if (!next) return { reached: at, lacks: key }
    at = next
  }
  return { found: at }
}

const INDEX = /^(?:0|[1-9]\d{0,8})$/
