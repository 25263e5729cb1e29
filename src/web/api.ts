/** Calls of the API from the page: same origin, JSON only, the session in a cookie that no script can read. */

/** An error as the server tells it (RFC 9457), or the network's. */
export interface Problem {
  readonly ok: false
  /** HTTP status; 0 where the server was not reached. */
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  /** What to do about it. */
  readonly remedy?: string
  /** Path at which a person signs in. */
  readonly signIn?: string
}

export type Answer<T> = { readonly ok: true; readonly value: T; readonly etag?: string } | Problem

export const read = <T>(path: string): Promise<Answer<T>> => call<T>(path, { headers: { accept: 'application/json' } })

/** One write. The key is made per intent, so that a retry of the same press is recognised. */
export const write = <T>(path: string, body: unknown, options: { readonly key: string; readonly ifMatch?: string }): Promise<Answer<T>> =>
  call<T>(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': options.key,
      ...(options.ifMatch !== undefined && { 'if-match': options.ifMatch }),
    },
    body: JSON.stringify(body),
  })

async function call<T>(path: string, request: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { ...request, credentials: 'same-origin' })
    const body: unknown = await response.json().catch(() => undefined)
    const etag = response.headers.get('etag') ?? undefined
    if (response.ok) return { ok: true, value: body as T, ...(etag !== undefined && { etag }) }
    const told = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>
    return {
      ok: false,
      status: response.status,
      code: told.code ?? `http-${response.status}`,
      title: told.title ?? response.statusText,
      detail: told.detail ?? '',
      ...(told.remedy !== undefined && { remedy: told.remedy }),
      ...(told.signIn !== undefined && { signIn: told.signIn }),
    }
  } catch (error) {
    return {
      ok: false,
      status: 0,
      code: 'unreachable',
      title: 'The server cannot be reached',
      detail: error instanceof Error ? error.message : String(error),
      remedy: 'Look whether `muster serve` still runs; this page connects by itself once it does.',
    }
  }
}
