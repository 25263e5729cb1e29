import { redact } from '#core/evidence/redact.ts'

export interface Answered {
  /** Instant in UTC. */
  readonly at: string
  readonly method: string
  /** With query. */
  readonly url: string
  readonly status: number
  readonly milliseconds: number
  readonly address: string
  readonly who: string
  /** Code of the refusal, where it was one. */
  readonly code?: string
}

/** One line of JSON about a request: where to, by whom, how it ended; nothing of what was sent, and no secret of an address. */
export function logLine({ at, method, url, status, milliseconds, address, who, code }: Answered): string {
  const path = pathOf(url).slice(0, 300)
  return `${JSON.stringify({ at, method, path, status, ms: Math.round(milliseconds), address, who, ...(code !== undefined && { code }) })}\n`
}

function pathOf(url: string): string {
  const path = url.slice(url.indexOf('/', url.includes('//') ? url.indexOf('//') + 2 : 0)).split(/[?#]/, 1)[0] ?? ''
  // The second part of a link to a calendar or a badge is what lets its holder see it.
  return redact(path.replace(/^(\/links\/[^/]*\/)[^/]+/, '$1[redacted]'))
}
