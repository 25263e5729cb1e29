import type { IncomingMessage } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Env, ServerOptions } from '#server/app.ts'
import { SLACK_PATH } from '#server/hooks.ts'
import { problem } from '#server/problem.ts'

/** Largest body of a write: check-ins are a few kilobytes, evidence envelopes some more. */
const MOST_BYTES = 4 * 1024 * 1024

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
}

/** Headers of which two would let one reader see another request than the next one. */
const ONCE = new Set(['host', 'authorization', 'origin', 'content-type', 'content-length', 'idempotency-key'])

/** A token or a key in an address is in logs, histories and referrers. */
const TOKEN_IN_ADDRESS = /muster_access_|[?&](?:access_token|token|authorization)=/i

/**
 * What every request passes: the name it was sent to must be ours (DNS rebinding), a write must come
 * from our own pages or from no page at all, and be JSON, which no form of another site can send.
 */
export function guard({ hosts, home }: Pick<ServerOptions, 'hosts' | 'home'>): MiddlewareHandler<Env> {
  const isSecure = home?.startsWith('https:') === true
  const limit = bodyLimit({
    maxSize: MOST_BYTES,
    onError: (context) =>
      problem(context, 413, 'too-large', `A body has at most ${MOST_BYTES} bytes`, { remedy: 'Send less, or in several parts.' }),
  })
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
    if (isSecure) context.header('strict-transport-security', 'max-age=31536000')
    const { incoming } = (context.env ?? {}) as { readonly incoming?: IncomingMessage }
    const twice = incoming && sentTwice(incoming.rawHeaders)
    if (twice !== undefined)
      return problem(context, 400, 'header-twice', `The header ${twice} was sent more than once`, { remedy: 'Send it once.' })
    if (incoming && incoming.url?.startsWith('/') !== true)
      return problem(context, 400, 'no-path', 'The request names no path of this server', { remedy: 'Send a path that begins with /.' })
    const host = (context.req.header('host') ?? '').toLowerCase()
    if (!hosts.includes(host))
      return problem(context, 421, 'unknown-host', 'This server has another name', {
        detail: `it was asked for as ${host.slice(0, 100)}`,
        remedy: `Use ${hosts[0] ?? 'its own address'}. Behind a proxy, set MUSTER_URL to what people open, and let the proxy pass the Host header on.`,
      })
    const query = context.req.url.indexOf('?')
    if (query !== -1 && TOKEN_IN_ADDRESS.test(context.req.url.slice(query)))
      return problem(context, 400, 'token-in-address', 'A token does not belong in an address', {
        remedy: 'Send it as `Authorization: Bearer`, and revoke this one: addresses are kept in logs.',
      })
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
    const origin = context.req.header('origin')
    const site = context.req.header('sec-fetch-site')
    const isForeign = origin !== undefined && !hosts.some((one) => origin === `http://${one}` || origin === `https://${one}`)
    if (isForeign || (site !== undefined && site !== 'same-origin' && site !== 'none'))
      return problem(context, 403, 'foreign-origin', 'A page of another site may not write here', {
        remedy: 'Write from the dashboard, or from a program with a token.',
      })
    // Slack sends forms, and signs each.
    if (context.req.path !== SLACK_PATH && !/^application\/json\s*(?:;|$)/i.test(context.req.header('content-type') ?? ''))
      return problem(context, 415, 'not-json', 'A write is JSON', { remedy: 'Send JSON, with content-type: application/json.' })
    return limit(context, next)
  }
}

function sentTwice(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!ONCE.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}
