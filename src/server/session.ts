import { createHmac, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Env, ServerOptions } from '#server/app.ts'
import type { ServerPorts } from '#server/ports.ts'
import { problem } from '#server/problem.ts'

/** Who asks. `local`: whoever holds this machine's session, who says with each write whom they act as. */
export interface Who {
  readonly mode: 'local'
}

const COOKIE = 'muster-session'
const SESSION_SECONDS = 12 * 3600

/** Sign-in by the one-time link, and the check that everything under `/api` comes with a session. */
export function sessions({ now }: ServerPorts, { oneTimeKey, secret }: ServerOptions): Hono<Env> {
  let isUsed = false
  const seal = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url')
  const same = (a: string, b: string): boolean => {
    const [left, right] = [Buffer.from(a), Buffer.from(b)]
    return left.length === right.length && timingSafeEqual(left, right)
  }
  const holds = (cookie: string | undefined): boolean => {
    const [until = '', signature = ''] = (cookie ?? '').split('.')
    return same(signature, seal(until)) && Number(until) > Date.parse(now()) / 1000
  }

  return new Hono<Env>()
    .get('/sign-in', (context) => {
      const key = context.req.query('key') ?? ''
      if (isUsed || !same(key, oneTimeKey))
        return problem(context, 401, 'link-used', 'This link has been used, or is not of this server', {
          remedy: 'Start `muster serve` again for a new one.',
        })
      isUsed = true
      const until = String(Math.floor(Date.parse(now()) / 1000) + SESSION_SECONDS)
      setCookie(context, COOKIE, `${until}.${seal(until)}`, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: SESSION_SECONDS })
      return context.redirect('/', 303)
    })
    .use('/api/*', async (context, next) => {
      if (!holds(getCookie(context, COOKIE)))
        return problem(context, 401, 'signed-out', 'You are not signed in', {
          remedy: 'Open the link that `muster serve` printed, or start it again for a new one.',
        })
      context.set('who', { mode: 'local' })
      return next()
    })
    .get('/api/session', (context) => context.json({ mode: context.var.who.mode, people: {} }))
}
