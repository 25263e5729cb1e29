import { randomBytes } from 'node:crypto'
import { accessFault } from '#core/people/access.ts'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import type { Env } from '#server/app.ts'
import type { Ended } from '#server/auth/ended.ts'
import { dropCookie, putCookie, readCookie } from '#server/auth/cookie.ts'
import type { Issuer, Underway } from '#server/auth/issuer.ts'
import type { OneTimeKeys } from '#server/auth/one-time.ts'
import { notIn, PAGE_STYLE, PAGE_STYLE_PATH } from '#server/auth/page.ts'
import { personOf, personOfUser, reaches, type User, type Who } from '#server/auth/who.ts'
import type { Bearers } from '#server/auth/bearer.ts'
import { sealWith, type Seal } from '#server/auth/seal.ts'
import { isLoopbackHost } from '#server/auth/loopback.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { problem } from '#server/problem.ts'

const SESSION = 'session'
const UNDERWAY = 'signing-in'
const SESSION_SECONDS = 12 * 3600
const UNDERWAY_SECONDS = 600
const TOKEN_REMEDY = 'Send a token of `muster access issue` as `Authorization: Bearer`.'
/** For so long a session that is signed out stays known: its cookies are good for as long, and clocks differ. */
export const ENDED_SECONDS = SESSION_SECONDS + 3600

interface Session {
  readonly id: string
  /** Seconds. */
  readonly until: number
  readonly user?: User
}

export interface Doors {
  readonly lives: ReadonlyMap<string, LiveProgram>
  /** Signs what browsers keep. */
  readonly secret: Uint8Array
  readonly bearers: Bearers
  readonly ended: Ended
  /** Instant in UTC. */
  readonly now: () => string
  /** Where people sign in; absent: nowhere, or by the link. */
  readonly issuer?: Issuer
  /** The link of the owner of this machine. */
  readonly keys?: OneTimeKeys
  /** Address of the dashboard, without a slash at its end. */
  readonly home?: string
  /** Is told the key of a new link when an old one was opened. */
  readonly onNewKey?: (key: string) => void
}

/** How people come in and go out. */
export class SignIn {
  readonly #doors: Doors
  readonly #sessions: Seal<Session>
  readonly #underways: Seal<Underway>

  constructor(doors: Doors) {
    this.#doors = doors
    this.#sessions = sealWith(doors.secret, SESSION)
    this.#underways = sealWith(doors.secret, UNDERWAY)
  }

  /** The pages by which people come in: whoever asks for one is not in yet. */
  routes(): Hono<Env> {
    return new Hono<Env>()
      .get('/sign-in', (context) => (this.#doors.issuer ? this.#begin(context, this.#doors.issuer) : this.#link(context)))
      .get('/sign-in/kept', (context) => this.#kept(context))
      .get('/sign-in/done', (context) => this.#finish(context))
      .get(PAGE_STYLE_PATH, (context) => context.body(PAGE_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }))
      .post('/sign-out', (context) => this.#signOut(context))
  }

  /** Sets who asks, or refuses. */
  readonly required: MiddlewareHandler<Env> = async (context, next) => {
    const found = await this.#who(context)
    if (found instanceof Response) return found
    context.set('who', found)
    return next()
  }

  /** Whether somebody who was let in still would be. */
  async stillIn(who: Who, live: LiveProgram): Promise<boolean> {
    if (!reaches(who, live.program)) return false
    if (who.mode !== 'token') return who.until > this.#seconds() && !this.#doors.ended.has(who.session)
    const access = (await this.#doors.bearers.of(live)).get(who.access.access)
    return access !== undefined && accessFault(access, this.#doors.now()) === undefined
  }

  /** Whose session it is, and who they are in each program. */
  describe(who: Who) {
    const people = Object.fromEntries(
      [...this.#doors.lives.values()].flatMap((live) => {
        const person = personOf(who, live.program)
        return person === undefined ? [] : [[live.id, person]]
      }),
    )
    const name = who.mode === 'oidc' ? (who.user.name ?? who.user.email) : undefined
    return { mode: who.mode, people, ...(name !== undefined && { name }) }
  }

  async #who(context: Context<Env>): Promise<Who | Response> {
    const authorization = context.req.header('authorization')
    if (authorization !== undefined) {
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
      const found = await this.#doors.bearers.find(token)
      if (found.ok) return found.who
      context.header('www-authenticate', 'Bearer error="invalid_token"')
      return problem(context, 401, 'token-refused', 'This token lets nobody in', {
        detail: found.reason,
        remedy: '`muster access issue` makes a new one; send it as `Authorization: Bearer`.',
      })
    }
    const session = this.#session(context)
    if (session) {
      this.#renew(context, session)
      const { id, until, user } = session
      return user ? { mode: 'oidc', session: id, until, user } : { mode: 'local', session: id, until }
    }
    context.header('www-authenticate', 'Bearer')
    return problem(context, 401, 'signed-out', 'You are not signed in', {
      remedy: this.#howToSignIn(context.req.path),
      ...(this.#doors.issuer && { signIn: '/sign-in' }),
    })
  }

  #howToSignIn(path: string): string {
    // Agents open no pages.
    if (/^\/mcp(?:\/|$)/.test(path)) return TOKEN_REMEDY
    if (this.#doors.issuer) return 'Open /sign-in in a browser, or send a token of `muster access issue` as `Authorization: Bearer`.'
    if (this.#doors.keys)
      return 'Open the link that `muster serve` printed; once it is used up, opening it again prints a new one where the server runs.'
    return TOKEN_REMEDY
  }

  #session(context: Context<Env>): Session | undefined {
    const session = this.#sessions.open(readCookie(context, SESSION, isPlainLoopback(context, this.#doors.home)))
    if (!session || session.until <= this.#seconds() || this.#doors.ended.has(session.id)) return undefined
    // A session of one way in is none of the other: a server that was local may have become one of many.
    return (session.user === undefined) === (this.#doors.issuer === undefined) && (session.user || this.#doors.keys) ? session : undefined
  }

  /** Whoever sits at this machine stays in while the page is open; others ask their issuer again. */
  #renew(context: Context<Env>, session: Session): void {
    if (session.user || session.until - this.#seconds() > SESSION_SECONDS / 2) return
    const isPlain = readCookie(context, SESSION, false) === undefined
    this.#put(context, { ...session, until: this.#seconds() + SESSION_SECONDS }, isPlain)
  }

  #put(context: Context<Env>, session: Session, isPlain = false): void {
    putCookie(context, SESSION, this.#sessions.close(session), { seconds: SESSION_SECONDS, sameSite: 'Strict', isPlain })
  }

  #fresh(user?: User): Session {
    return { id: randomBytes(12).toString('base64url'), until: this.#seconds() + SESSION_SECONDS, ...(user && { user }) }
  }

  #link(context: Context<Env>): Response {
    const { keys, onNewKey } = this.#doors
    if (!keys)
      return notIn(context, {
        status: 404,
        code: 'no-sign-in',
        title: 'Nobody signs in here',
        remedy: 'This server has no issuer: set MUSTER_OIDC_ISSUER, or send a token of `muster access issue`.',
      })
    const handoff = keys.use(context.req.query('key') ?? '')
    if (handoff === undefined) {
      const renewed = keys.renew()
      if (renewed !== undefined) onNewKey?.(renewed)
      return notIn(context, {
        status: 401,
        code: 'link-used',
        title: 'This link has been used, is too old, or is not of this server',
        remedy: 'The newest link stands where `muster serve` runs.',
      })
    }
    this.#put(context, this.#fresh())
    return context.redirect(isPlainLoopback(context, undefined) ? `/sign-in/kept?key=${handoff}` : this.#begins(), 303)
  }

  /** Where there is one program, nobody has to choose it. */
  #begins(): string {
    const [only, ...others] = this.#doors.lives.keys()
    return only !== undefined && others.length === 0 ? `/p/${encodeURIComponent(only)}` : '/'
  }

  /** Some browsers keep no secure cookie over http, not even from this machine: they get a plain one. */
  #kept(context: Context<Env>): Response {
    const isHere = this.#doors.keys?.useHandoff(context.req.query('key') ?? '') === true && isPlainLoopback(context, undefined)
    if (isHere && readCookie(context, SESSION, false) === undefined) this.#put(context, this.#fresh(), true)
    return context.redirect(this.#begins(), 303)
  }

  async #begin(context: Context<Env>, issuer: Issuer): Promise<Response> {
    try {
      const { underway, url } = await issuer.begin(pathOf(context.req.query('to')), this.#seconds(), UNDERWAY_SECONDS)
      putCookie(context, UNDERWAY, this.#underways.close(underway), { seconds: UNDERWAY_SECONDS, sameSite: 'Lax' })
      return context.redirect(url.href, 303)
    } catch (error) {
      return unreachable(context, error)
    }
  }

  async #finish(context: Context<Env>): Promise<Response> {
    const { issuer, lives } = this.#doors
    const underway = this.#underways.open(readCookie(context, UNDERWAY, false))
    dropCookie(context, UNDERWAY)
    if (!issuer || !underway || underway.until <= this.#seconds())
      return notIn(context, {
        status: 400,
        code: 'sign-in-lost',
        title: 'This browser has not begun to sign in here, or too long ago',
        remedy: 'Sign in again, in one window.',
        again: true,
      })
    let user: User
    try {
      user = await issuer.finish(new URL(context.req.url).search, underway)
    } catch (error) {
      return refusedByIssuer(context, error)
    }
    if (![...lives.values()].some((live) => personOfUser(live.program, user) !== undefined)) return stranger(context, user)
    this.#put(context, this.#fresh(user))
    return context.redirect(underway.to === '/' ? this.#begins() : underway.to, 303)
  }

  async #signOut(context: Context<Env>): Promise<Response> {
    const session = this.#session(context)
    dropCookie(context, SESSION)
    if (session) await this.#doors.ended.end(session.id)
    const { issuer, home } = this.#doors
    const next = issuer && home !== undefined && session ? await issuer.end(`${home}/`) : undefined
    return context.json({ location: next ?? '/' }, 200, { 'cache-control': 'no-store' })
  }

  #seconds(): number {
    return Math.floor(Date.parse(this.#doors.now()) / 1000)
  }
}

/** Over http, from this machine: where browsers differ in which cookies they keep. */
const isPlainLoopback = (context: Context, home: string | undefined): boolean =>
  home?.startsWith('https:') !== true && isLoopbackHost(context.req.header('host') ?? '')

/** A path of ours, never an address of another site. */
const pathOf = (to: string | undefined): string => (to !== undefined && /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(to) ? to : '/')

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const unreachable = (context: Context, error: unknown): Response =>
  notIn(context, {
    status: 502,
    code: 'issuer-unreachable',
    title: 'The issuer cannot be asked who you are',
    detail: said(error),
    remedy: 'Try again in a while; if it stays so, MUSTER_OIDC_ISSUER of the server is not right.',
    again: true,
  })

/** The issuer said no, or what it said does not belong to what was asked. */
const refusedByIssuer = (context: Context, error: unknown): Response =>
  notIn(context, {
    status: 401,
    code: 'sign-in-refused',
    title: 'The issuer did not let you in',
    detail: said(error),
    remedy: 'Sign in again. Nothing was changed.',
    again: true,
  })

const stranger = (context: Context, { email, login }: User): Response =>
  notIn(context, {
    status: 403,
    code: 'not-of-program',
    title: 'No program here knows you',
    detail:
      email === undefined && login === undefined
        ? 'Your issuer vouches for no e-mail address.'
        : `You are ${[email, login && `${login.name} at ${login.at}`].filter((one) => one !== undefined).join(', ')}.`,
    remedy:
      email === undefined && login === undefined
        ? 'Have your address verified there; it must be the `email` of exactly one person of the program.'
        : 'Ask the phase lead to write this as `email`, or as the login, of exactly one person under `people` of the program file.',
    again: true,
  })
