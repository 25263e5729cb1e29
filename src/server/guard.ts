import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ServerOptions } from '#server/app.ts'
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

/**
 * What every request passes: the name it was sent to must be ours (DNS rebinding), a write must come
 * from our own pages or from no page at all, and be JSON, which no form of another site can send.
 */
export function guard({ hosts }: Pick<ServerOptions, 'hosts'>): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MOST_BYTES,
    onError: (context) => problem(context, 413, 'too-large', `A body has at most ${MOST_BYTES} bytes`),
  })
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value)
    const host = context.req.header('host') ?? ''
    if (!hosts.includes(host))
      return problem(context, 421, 'unknown-host', `This server is not ${host}`, { remedy: `Use ${hosts[0] ?? 'its own address'}.` })
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
    const origin = context.req.header('origin')
    if (origin !== undefined && !hosts.some((one) => origin === `http://${one}` || origin === `https://${one}`))
      return problem(context, 403, 'foreign-origin', 'A page of another site may not write here')
    if (!/^application\/json\b/i.test(context.req.header('content-type') ?? ''))
      return problem(context, 415, 'not-json', 'Send JSON, with content-type: application/json')
    return limit(context, next)
  }
}
