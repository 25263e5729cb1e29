import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { Job } from '#core/api/documents.ts'
import { redact } from '#core/evidence/redact.ts'
import { EVENTS_PATH, WRITES } from '#core/api/paths.ts'
import { logLine } from '#server/access-log.ts'
import { assets } from '#server/assets.ts'
import { actingAs } from '#server/auth/acting.ts'
import { addressOf, proxyList } from '#server/auth/address.ts'
import { Bearers } from '#server/auth/bearer.ts'
import { Ended } from '#server/auth/ended.ts'
import { Issuer, type IssuerOptions } from '#server/auth/issuer.ts'
import { OneTimeKeys } from '#server/auth/one-time.ts'
import { ENDED_SECONDS, SignIn } from '#server/auth/sign-in.ts'
import { nameOf, reaches, type Who } from '#server/auth/who.ts'
import { isStoreAway } from '#engine/run-ports.ts'
import { Broadcast } from '#server/events.ts'
import { guard } from '#server/guard.ts'
import { hookRoutes, type Hooks } from '#server/hooks.ts'
import { Jobs } from '#server/jobs.ts'
import { Limits } from '#server/limits.ts'
import { LiveProgram } from '#server/live-program.ts'
import type { McpEndpoint } from '#server/mcp/http.ts'
import { createMetrics, type Metrics } from '#server/metrics.ts'
import { operationsApp, provide, type Operation } from '#server/operation.ts'
import type { ServerPorts } from '#server/ports.ts'
import { problem } from '#server/problem.ts'
import { readyOf, send } from '#server/ready.ts'
import { OPERATIONS } from '#server/routes/index.ts'

export interface Env {
  readonly Variables: {
    who: Who
    live: LiveProgram
    server: Serving
    /** Where the request comes from. */
    address: string
    /** Code of the refusal that it is answered with. */
    refusal?: string
  }
}

export interface ServerOptions {
  /** Hosts, with port, under which the server is reached: anything else may be a page that rebinds its name. */
  readonly hosts: readonly string[]
  /** Folder of the built dashboard. */
  readonly web: string
  /** In the link that lets the owner of this machine in, once. Absent where people sign in at an issuer, or not at all. */
  readonly oneTimeKey?: string
  /** Is told the key of a new link, when one was opened that is used up or too old. */
  readonly onNewKey?: (key: string) => void
  /** Who vouches for people. Needs `home`. */
  readonly issuer?: IssuerOptions
  /** What people open in their browsers, without a slash at its end: `https://muster.example`. */
  readonly home?: string
  /** Addresses and subnets of proxies whose X-Forwarded-For counts. */
  readonly proxies?: readonly string[]
  /** What others may send by themselves. */
  readonly hooks?: Hooks
  /** Takes one line about each request. */
  readonly log?: (line: string) => void
  /** Signs sessions, and is in the links of each program. */
  readonly secret: Uint8Array
  /** What is served as `/openapi.json`. */
  readonly description: () => Promise<string>
}

/** What operations reach beside the program that they are about. */
export interface Serving {
  readonly ports: ServerPorts
  readonly options: ServerOptions
  readonly lives: ReadonlyMap<string, LiveProgram>
  readonly metrics: Metrics
  readonly jobs: (live: LiveProgram) => Jobs
  readonly bearers: Bearers
  /** Tells whoever asks of each change, until they go. */
  follow(context: Context<Env>): Response
  /** Starts a look of the radar; undefined when too much waits. */
  startRadar(live: LiveProgram, id: string): Job | undefined
  /** One after the other for each program: the work touches its mirror. */
  inTurn<T>(live: LiveProgram, work: () => Promise<T>): Promise<T>
}

export interface Server {
  readonly fetch: (request: Request, env?: object) => Response | Promise<Response>
  readonly lives: ReadonlyMap<string, LiveProgram>
  readonly metrics: Metrics
  /** Takes in what others have recorded; called from time to time. */
  refresh(): Promise<void>
  /** Lets readers go, and waits for what is being done. */
  close(): Promise<void>
}

/** The API and the dashboard over one or more programs. */
export async function createServer(ports: ServerPorts, options: ServerOptions): Promise<Server> {
  const lives = new Map(ports.programs.map((one) => [one.id, new LiveProgram(one)]))
  const ended = new Ended(ports.programs[0], ENDED_SECONDS)
  const refresh = async (): Promise<void> => {
    for (const live of lives.values()) await live.refresh()
    await ended.refresh()
  }
  await refresh()
  const broadcasts = new Map([...lives].map(([id, live]) => [id, new Broadcast(live)]))
  const serving = servingOf(ports, options, lives, broadcasts)
  for (const live of lives.values()) keepRadar(live, serving)

  const signIn = signInOf(ports, options, serving, ended)
  const limits = new Limits(() => performance.now() / 1000)

  let mcp: Promise<McpEndpoint> | undefined
  // Loaded on use: few servers are asked by agents, and the library is large.
  const endpoint = (): Promise<McpEndpoint> =>
    (mcp ??= import('#server/mcp/http.ts').then(({ mcpEndpoint }) => mcpEndpoint(serving, failed)))

  const app = operationsApp()
  app.use(watched(options, serving))
  // Whoever watches over processes asks by number, not by name, and learns nothing else.
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  app.use(limits.ofAddress)
  app.get('/readyz', async (context) => {
    try {
      await refresh()
      return context.json({ status: 'ready' })
    } catch (error) {
      return problem(context, 503, 'not-ready', 'The ledger cannot be read', {
        detail: redact(error instanceof Error ? error.message : String(error)),
      })
    }
  })
  app.use(guard(options))
  app.get('/openapi.json', async (context) => send(context, readyOf(await options.description())))
  app.post(honoPath(WRITES.pushEvidence), withProgram(lives))
  for (const operation of OPERATIONS) if (operation.open) provide(app, operation)
  app.route('/', signIn.routes())
  app.route('/', hookRoutes(options.hooks ?? {}))
  app.use('/api/*', signIn.required, limits.ofWho)
  app.get('/api/session', (context) =>
    context.json({ ...signIn.describe(context.var.who), now: serving.ports.now() }, 200, { 'cache-control': 'no-store' }),
  )
  app.use('/api/programs/:program/*', withProgram(lives))
  app.use('/api/programs/:program', withProgram(lives))
  app.use('/api/programs/:program/*', peopleWrite)
  app.get(honoPath(EVENTS_PATH), (context, next) => {
    leaveWhenOut(context, signIn)
    return next()
  })
  for (const operation of OPERATIONS) if (!operation.open) provide(app, operation)
  for (const path of ['/mcp', '/mcp/:program'])
    app.all(path, signIn.required, limits.ofWho, async (context) => (await endpoint()).answer(context))
  // On one's own machine whoever asks may scrape; elsewhere it takes a token.
  if (options.oneTimeKey === undefined) app.use('/metrics', signIn.required)
  app.get('/metrics', async (context) =>
    context.body(await serving.metrics.registry.metrics(), 200, { 'content-type': serving.metrics.registry.contentType }),
  )
  app.all('/api/*', (context) =>
    problem(context, 404, 'unknown-path', 'The API has no such path', { remedy: 'GET /openapi.json says which there are.' }),
  )
  // What clients look for by themselves, and take for there where any page is: how an agent would sign in, and the like.
  app.all('/.well-known/*', (context) => problem(context, 404, 'unknown-path', 'There is no such thing'))
  app.get('*', assets(options.web))
  app.onError((error, context) => {
    // What a program does wrong inside is no business of whoever asks; the log has it.
    failed(error)
    if (isStoreAway(error))
      return problem(context, 503, 'not-ready', 'The ledger cannot be reached', { remedy: 'Try again in a moment; the log says more.' })
    return problem(context, 500, 'internal', 'The server failed', { remedy: 'Its log says more.' })
  })
  return {
    fetch: (request, env) => app.fetch(request, env),
    lives,
    metrics: serving.metrics,
    refresh,
    async close() {
      for (const broadcast of broadcasts.values()) broadcast.close()
      await (await mcp)?.close()
      for (const live of lives.values()) await serving.jobs(live).idle()
    },
  }
}

const failed = (error: unknown): void =>
  void process.stderr.write(`${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`)

/** The operations alone, to be described. */
export function describedApp(operations: readonly Operation[] = OPERATIONS): OpenAPIHono<Env> {
  const app = operationsApp()
  for (const operation of operations) provide(app, operation)
  return app
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

const withProgram =
  (lives: ReadonlyMap<string, LiveProgram>): MiddlewareHandler<Env> =>
  async (context, next) => {
    const id = context.req.param('program') ?? ''
    const live = lives.get(id)
    const { who } = context.var as Partial<Env['Variables']>
    if (!live || (who && !reaches(who, live.program)))
      return problem(context, 404, 'unknown-program', 'There is no such program', {
        ...(who &&
          who.mode !== 'local' && { detail: 'or you are none of its people', remedy: 'GET /api/programs lists those that you are of.' }),
      })
    context.set('live', live)
    return next()
  }

/** Whoever follows a program and is not let in any more is let go at the next change; coming back, they are told why. */
function leaveWhenOut(context: Context<Env>, signIn: SignIn): void {
  const { who, live } = context.var
  const { outgoing } = (context.env ?? {}) as { readonly outgoing?: ServerResponse }
  if (!outgoing) return
  const stop = live.listen(() => {
    void signIn.stillIn(who, live).then((isIn) => {
      if (!isIn) outgoing.end()
    })
  })
  outgoing.once('close', stop)
}

/** What machines put on record proves itself, and is taken before anybody signs in; each act says which role it takes. */
const peopleWrite: MiddlewareHandler<Env> = async (context, next) => {
  if (context.req.method === 'GET' || context.req.method === 'HEAD' || context.req.path.includes('/acts/')) return next()
  const acting = actingAs(context, undefined)
  return acting instanceof Response ? acting : next()
}

/** Around every request: what it reaches, and what is counted and written down of it. */
const watched = ({ proxies = [], log }: ServerOptions, serving: Serving): MiddlewareHandler<Env> => {
  const trusted = proxyList(proxies)
  return async (context, next) => {
    const began = performance.now()
    context.set('server', serving)
    context.set('address', addressOf((context.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming, trusted))
    await next()
    const { who, address, refusal } = context.var as Partial<Env['Variables']>
    serving.metrics.answered(context.req.method, context.res.status, refusal)
    log?.(
      logLine({
        at: serving.ports.now(),
        method: context.req.method,
        url: context.req.url,
        status: context.res.status,
        milliseconds: performance.now() - began,
        address: address ?? '',
        who: nameOf(who),
        ...(refusal !== undefined && { code: refusal }),
      }),
    )
  }
}

/** The radar looks as the server begins, and whenever evidence was gathered: then branches may stand elsewhere. */
function keepRadar(live: LiveProgram, serving: Serving): void {
  let known = live.evidence.length
  serving.startRadar(live, 'begin')
  live.listen(() => {
    if (live.evidence.length === known) return
    known = live.evidence.length
    serving.startRadar(live, `evidence:${live.evidence.at(-1)}`)
  })
}

function signInOf({ now }: ServerPorts, options: ServerOptions, { lives, bearers }: Serving, ended: Ended): SignIn {
  const { secret, oneTimeKey, onNewKey, issuer, home } = options
  if (issuer && home === undefined) throw new TypeError('an issuer leads back to an address: say which')
  return new SignIn({
    lives,
    bearers,
    ended,
    now,
    secret,
    ...(issuer && { issuer: new Issuer(issuer, `${home}/sign-in/done`) }),
    ...(oneTimeKey !== undefined && !issuer && { keys: new OneTimeKeys(oneTimeKey, () => Date.parse(now()) / 1000) }),
    ...(onNewKey && { onNewKey }),
    ...(home !== undefined && { home }),
  })
}

function servingOf(
  ports: ServerPorts,
  options: ServerOptions,
  lives: ReadonlyMap<string, LiveProgram>,
  broadcasts: ReadonlyMap<string, Broadcast>,
): Serving {
  const jobs = new Map([...lives.values()].map((live) => [live.id, new Jobs(live)]))
  const turns = new Map<string, Promise<unknown>>()
  const jobsOf = (live: LiveProgram): Jobs => jobs.get(live.id) ?? new Jobs(live)
  return {
    ports,
    options,
    lives,
    metrics: createMetrics(lives, jobsOf, (live) => broadcasts.get(live.id)?.readers ?? 0, ports.now),
    jobs: jobsOf,
    bearers: new Bearers(lives, ports.now),
    follow: (context) =>
      broadcasts.get(context.var.live.id)?.open(context) ?? problem(context, 404, 'unknown-program', 'There is no such program'),
    startRadar: (live, id) =>
      jobsOf(live).start({ id, kind: 'radar' }, async () => {
        await live.served.look()
        live.changed()
      }),
    inTurn(live, work) {
      const turn = (turns.get(live.id) ?? Promise.resolve()).then(work)
      turns.set(
        live.id,
        turn.catch(() => undefined),
      )
      return turn
    },
  }
}
