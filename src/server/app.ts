import type { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Job } from '#core/api/documents.ts'
import { EVENTS_PATH, WRITES } from '#core/api/paths.ts'
import { assets } from '#server/assets.ts'
import { Broadcast } from '#server/events.ts'
import { guard } from '#server/guard.ts'
import { Jobs } from '#server/jobs.ts'
import { LiveProgram } from '#server/live-program.ts'
import { createMetrics, type Metrics } from '#server/metrics.ts'
import { operationsApp, provide, type Operation } from '#server/operation.ts'
import type { ServerPorts } from '#server/ports.ts'
import { problem } from '#server/problem.ts'
import { readyOf, send } from '#server/ready.ts'
import { OPERATIONS } from '#server/routes/index.ts'
import { sessions, type Who } from '#server/session.ts'

export interface Env {
  readonly Variables: { who: Who; live: LiveProgram; server: Serving }
}

export interface ServerOptions {
  /** Hosts, with port, under which the server is reached: anything else may be a page that rebinds its name. */
  readonly hosts: readonly string[]
  /** Folder of the built dashboard. */
  readonly web: string
  /** Lets the first reader in who holds it; used once. */
  readonly oneTimeKey: string
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
  const refresh = async (): Promise<void> => {
    for (const live of lives.values()) await live.refresh()
  }
  await refresh()
  const serving = servingOf(ports, options, lives)
  const broadcasts = new Map([...lives].map(([id, live]) => [id, new Broadcast(live)]))

  const app = operationsApp()
  app.use(async (context, next) => {
    context.set('server', serving)
    await next()
    serving.metrics.answered(context.req.method, context.res.status)
  })
  app.use(guard(options))
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  app.get('/readyz', async (context) => {
    try {
      await refresh()
      return context.json({ status: 'ready' })
    } catch (error) {
      return problem(context, 503, 'not-ready', 'The ledger cannot be read', {
        detail: error instanceof Error ? error.message : String(error),
      })
    }
  })
  app.get('/openapi.json', async (context) => send(context, readyOf(await options.description())))
  app.post(honoPath(WRITES.pushEvidence), withProgram(lives))
  for (const operation of OPERATIONS) if (operation.open) provide(app, operation)
  app.route('/', sessions(ports, options))
  app.use('/api/programs/:program/*', withProgram(lives))
  app.use('/api/programs/:program', withProgram(lives))
  for (const operation of OPERATIONS) if (!operation.open) provide(app, operation)
  app.get(honoPath(EVENTS_PATH), (context) => broadcasts.get(context.var.live.id)?.open(context) ?? context.notFound())
  app.get('/metrics', async (context) =>
    context.body(await serving.metrics.registry.metrics(), 200, { 'content-type': serving.metrics.registry.contentType }),
  )
  app.all('/api/*', (context) =>
    problem(context, 404, 'unknown-path', 'The API has no such path', { remedy: 'GET /openapi.json says which there are.' }),
  )
  app.get('*', assets(options.web))
  app.onError((error, context) => {
    // What a program does wrong inside is no business of whoever asks; the log has it.
    process.stderr.write(`${error.stack ?? error.message}\n`)
    return problem(context, 500, 'internal', 'The server failed', { remedy: 'Its log says more.' })
  })
  return {
    fetch: (request, env) => app.fetch(request, env),
    lives,
    metrics: serving.metrics,
    refresh,
    async close() {
      for (const broadcast of broadcasts.values()) broadcast.close()
      for (const live of lives.values()) await serving.jobs(live).idle()
    },
  }
}

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
    if (!live) return problem(context, 404, 'unknown-program', 'There is no such program')
    context.set('live', live)
    return next()
  }

function servingOf(ports: ServerPorts, options: ServerOptions, lives: ReadonlyMap<string, LiveProgram>): Serving {
  const jobs = new Map([...lives.values()].map((live) => [live.id, new Jobs(live)]))
  const turns = new Map<string, Promise<unknown>>()
  const jobsOf = (live: LiveProgram): Jobs => jobs.get(live.id) ?? new Jobs(live)
  return {
    ports,
    options,
    lives,
    metrics: createMetrics(lives, jobsOf),
    jobs: jobsOf,
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
