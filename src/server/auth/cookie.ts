import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/**
 * Cookies of a host go to every port of it, so that two servers on one machine would sign each other
 * out: the name holds the port, where there is one.
 */
const nameOf = (context: Context, name: string): string => {
  const [, port] = /:(\d+)$/.exec(context.req.header('host') ?? '') ?? []
  return port === undefined ? `muster-${name}` : `muster-${name}-${port}`
}

/** Browsers take a `__Host-` cookie over https, and most of them also from this machine itself; it cannot be set from elsewhere. */
const hostName = (context: Context, name: string): string => `__Host-${nameOf(context, name)}`

export interface CookieOptions {
  readonly seconds: number
  /** Lax: also where another site leads back to us, as an issuer does. */
  readonly sameSite: 'Strict' | 'Lax'
  /** Without the prefix, for a browser that does not take it from this machine. */
  readonly isPlain?: boolean
}

export const putCookie = (context: Context, name: string, value: string, { seconds, sameSite, isPlain = false }: CookieOptions): void =>
  setCookie(context, isPlain ? nameOf(context, name) : hostName(context, name), value, {
    httpOnly: true,
    secure: !isPlain,
    sameSite,
    path: '/',
    maxAge: seconds,
  })

/** @param mayBePlain Over http from this machine. */
export const readCookie = (context: Context, name: string, mayBePlain: boolean): string | undefined =>
  getCookie(context, hostName(context, name)) ?? (mayBePlain ? getCookie(context, nameOf(context, name)) : undefined)

export function dropCookie(context: Context, name: string): void {
  putCookie(context, name, '', { seconds: 0, sameSite: 'Strict' })
  if (getCookie(context, nameOf(context, name)) !== undefined)
    putCookie(context, name, '', { seconds: 0, sameSite: 'Strict', isPlain: true })
}
