import { Hono, type Context } from 'hono'
import { actRoutes } from '#server/acts.ts'
import { assets } from '#server/assets.ts'
import { events } from '#server/events.ts'
import { LiveProgram, type Ready } from '#server/live-program.ts'
import type { ServerPorts } from '#server/ports.ts'
import { problem } from '#server/problem.ts'
import { guard } from '#server/guard.ts'
import { sessions, type Who } from '#server/session.ts'

export interface Env {
  readonly Variables: { who: Who; live: LiveProgram }
}

export interface ServerOptions {
  /** Hosts, with port, under which the server is reached: anything else may be a page that rebinds its name. */
  readonly hosts: readonly string[]
  /** Folder of the built dashboard. */
  readonly web: string
  /** Lets the first reader in who holds it; used once. */
  readonly oneTimeKey: string
  /** Signs sessions. */
  readonly secret: Uint8Array
}

export interface Server {
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** Takes in what others have recorded; called from time to time. */
  refresh(): Promise<void>
}

/** The API and the dashboard over one or more programs. */
export async function createServer(ports: ServerPorts, options: ServerOptions): Promise<Server> {
  const lives = new Map(ports.programs.map((one) => [one.id, new LiveProgram(one)]))
  const refresh = async (): Promise<void> => {
    for (const live of lives.values()) await live.refresh()
  }
  await refresh()

  const app = new Hono<Env>()
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
  app.route('/', sessions(ports, options))
  app.get('/api/programs', (context) =>
    context.json({ programs: [...lives.values()].map(({ id, program }) => ({ id, name: program.name })) }),
  )
  app.use('/api/programs/:program/*', async (context, next) => {
    const live = lives.get(context.req.param('program'))
    if (!live) return problem(context, 404, 'unknown-program', `There is no program ${context.req.param('program')}`)
    context.set('live', live)
    return next()
  })
  app.get('/api/programs/:program/state', async (context) => ready(context, await context.var.live.state()))
  app.get('/api/programs/:program/checkpoints/:checkpoint', async (context) =>
    readyOr404(context, await context.var.live.checkpoint(context.req.param('checkpoint')), 'checkpoint'),
  )
  app.get('/api/programs/:program/streams/:stream', async (context) =>
    readyOr404(context, await context.var.live.stream(context.req.param('stream')), 'stream'),
  )
  app.get('/api/programs/:program/decisions', async (context) => ready(context, await context.var.live.decisions()))
  app.get('/api/programs/:program/decisions/:decision', async (context) =>
    readyOr404(context, await context.var.live.decision(context.req.param('decision')), 'decision'),
  )
  app.post('/api/programs/:program/checkpoints/:checkpoint/checks', async (context) => {
    const { live } = context.var
    const id = context.req.param('checkpoint')
    if (!live.program.checkpoints.some((one) => one.id === id))
      return problem(context, 404, 'unknown-checkpoint', 'There is no such checkpoint')
    const made = await live.served.check(id)
    await live.refresh()
    return context.json(made, 201)
  })
  app.get('/api/programs/:program/events', (context) => events(context, context.var.live))
  app.route('/api/programs/:program', actRoutes(ports))
  app.all('/api/*', (context) => problem(context, 404, 'unknown-path', 'The API has no such path'))
  app.get('*', assets(options.web))
  app.onError((error, context) => {
    // What a program does wrong inside is no business of whoever asks; the log has it.
    process.stderr.write(`${error.stack ?? error.message}\n`)
    return problem(context, 500, 'internal', 'The server failed', { remedy: 'Its log says more.' })
  })
  return { fetch: app.fetch, refresh }
}

function ready(context: Context, { bytes, etag }: Ready): Response {
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (
    context.req
      .header('if-none-match')
      ?.split(/\s*,\s*/)
      .includes(etag) === true
  )
    return context.body(null, 304, headers)
  return context.body(bytes, 200, { ...headers, 'content-type': 'application/json' })
}

const readyOr404 = (context: Context, made: Ready | undefined, noun: string): Response =>
  made ? ready(context, made) : problem(context, 404, `unknown-${noun}`, `There is no such ${noun}`)
