import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Answers again what was answered a moment ago. Dashboards and monitors ask for the same few
 * documents all the time; the same request, with the same proof of who asks, gets the same bytes
 * without going through the app. Nothing is kept for longer than a second, past a write, or past a
 * change of what is served.
 */
const KEPT_MILLISECONDS = 1000
const MOST_KEPT = 500

interface Kept {
  readonly until: number
  readonly etag: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly unchanged: Readonly<Record<string, string>>
  /** Absent where only that it is unchanged was said so far. */
  readonly bytes?: Buffer | undefined
}

export class Again {
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => number
  #forgotten = 0

  /** @param now Milliseconds that have passed since some moment; no one sets it. */
  constructor(now: () => number) {
    this.#now = now
  }

  forget(): void {
    this.#kept.clear()
    this.#forgotten += 1
  }

  /** How often all was forgotten: what was asked before the last time is not kept. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Whether it answered. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') {
      if (request.method !== 'HEAD') this.forget()
      return false
    }
    const kept = this.#kept.get(keyOf(request.url ?? '', request.headers))
    if (!kept || kept.until < this.#now()) return false
    const known = request.headers['if-none-match']
    if (known !== undefined) {
      if (known !== kept.etag) return false
      response.writeHead(304, kept.unchanged).end()
      return true
    }
    if (!kept.bytes) return false
    response.writeHead(200, kept.headers).end(kept.bytes)
    return true
  }

  /** Looks at an answer of the app, and keeps it where it may be given again. */
  async keep(request: Request, response: Response, forgotten: number): Promise<void> {
    // A token that was revoked lets nobody in from then on, not a second later.
    if (request.headers.has('authorization')) return
    if (request.method !== 'GET' || !mayKeep(response)) return
    const key = keyOf(pathOf(request.url), Object.fromEntries(request.headers))
    const etag = response.headers.get('etag') ?? undefined
    const known = this.#kept.get(key)
    const bytes =
      response.status === 200 ? Buffer.from(await response.clone().arrayBuffer()) : known?.etag === etag ? known?.bytes : undefined
    if (forgotten !== this.#forgotten) return
    const { 'content-type': _, ...unchanged } = Object.fromEntries(response.headers)
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(key, {
      until: this.#now() + KEPT_MILLISECONDS,
      etag,
      headers: { ...unchanged, 'content-type': 'application/json', 'content-length': String(bytes?.length ?? 0) },
      unchanged,
      bytes,
    })
  }
}

/** Documents, and that they are unchanged; nothing that is for one time, or for one reader's cookie. */
function mayKeep({ status, headers }: Response): boolean {
  if (headers.get('set-cookie') !== null || headers.get('cache-control') === 'no-store') return false
  return status === 304 || (status === 200 && headers.get('content-type') === 'application/json')
}

const pathOf = (url: string): string => url.slice(url.indexOf('/', url.indexOf('//') + 2))

/** All that the app may look at: where, under which name, and whoever asks from where. */
const LOOKED_AT = [
  'host',
  'cookie',
  'authorization',
  'origin',
  'sec-fetch-site',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
] as const

function keyOf(path: string, headers: IncomingMessage['headers']): string {
  let key = path
  for (const name of LOOKED_AT) key += `\n${String(headers[name] ?? '')}`
  return key
}
