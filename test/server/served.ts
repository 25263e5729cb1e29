import { onTestFinished } from 'vitest'
import { run } from '#cli/run.ts'
import { createClient, type Client } from '#client/index.ts'
import { fakeIo } from '../cli/io.ts'
import { NOW, type Scene } from '../cli/scene.ts'

export interface Served {
  readonly url: string
  /** Of the session that the printed link opened. */
  readonly cookie: string
  /** As it was set. */
  readonly setCookie: string
  /** What was printed: the link, or where people sign in. */
  readonly link: string
  readonly client: Client
  readonly out: () => string
  readonly err: () => string
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Stops it as Ctrl-C does; the exit code. */
  stop(): Promise<number>
}

export interface ServeOptions {
  /** Does what is due by itself as well; not unless said, so that a test records what it says alone. */
  readonly run?: boolean
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly now?: string | (() => string)
}

let keys = 0
export const newKey = (): string => `test-key-${(keys += 1)}`

/** `muster serve` on a free port of this machine, in this process, signed in by the link that it prints. */
export async function serve(
  scene: Pick<Scene, 'repository' | 'env'>,
  { argv = [], run: isRun = false, env = {}, now = NOW }: ServeOptions = {},
): Promise<Served> {
  const stop = new AbortController()
  const link = Promise.withResolvers<string>()
  const io = fakeIo({
    argv: ['serve', '--port', '0', ...(isRun ? [] : ['--no-run']), ...argv],
    cwd: scene.repository.folder,
    env: { ...scene.env, ...env },
    now,
  })
  const ended = run({
    ...io,
    signal: stop.signal,
    stdout: { ...io.stdout, write: (text) => (io.stdout.write(text), link.resolve(/https?:\/\/\S+/.exec(text)?.[0] ?? '')) },
  })
  const printed = await Promise.race([
    link.promise,
    ended.then((code) => Promise.reject(new Error(`serve ended with ${code}:\n${io.err()}`))),
  ])
  const close = async (): Promise<number> => {
    stop.abort()
    return ended
  }
  onTestFinished(async () => void (await close()))
  const { origin } = new URL(printed)
  const entered = printed.includes('/sign-in') ? await fetch(printed, { redirect: 'manual' }) : undefined
  const setCookie = entered?.headers.get('set-cookie') ?? ''
  const cookie = setCookie.split(';')[0] ?? ''
  const get: Served['get'] = (path, headers = {}) => fetch(`${origin}${path}`, { headers: { cookie, ...headers } })
  return {
    url: origin,
    cookie,
    setCookie,
    link: printed,
    out: io.out,
    client: createClient({ url: origin, headers: { cookie } }),
    err: io.err,
    get,
    post: (path, body, headers = {}) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', 'idempotency-key': newKey(), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    stop: close,
  }
}
