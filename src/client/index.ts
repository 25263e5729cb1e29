import type { Answers } from '#core/api/answers.ts'
import type { Job, LiveEvent, ProblemDocument, Written } from '#core/api/documents.ts'
import { ACT_PATH, EVENTS_PATH, fillPath, READS, WRITES, type Parameters, type ReadName, type WriteName } from '#core/api/paths.ts'
import type { ActInput, ActName } from '#core/people/act.ts'

/** `muster/client`: the API of `muster serve`, typed, over fetch and nothing else. */

export type { Answers, Items } from '#core/api/answers.ts'
export type * from '#core/api/documents.ts'
export type { ActInput, ActName } from '#core/people/act.ts'

export interface ClientOptions {
  /** Of the server: `https://muster.example`. */
  readonly url: string
  /** A token that `muster access issue` gave, or that of a session. */
  readonly token?: string
  /** Sent with every request: a cookie, what a proxy asks for. */
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** How often a request that got no answer, or a 429 or 503, is sent again; 3 unless said. */
  readonly retries?: number
}

/** The server said no. */
export class MusterError extends Error {
  override readonly name = 'MusterError'
  /** `code` is what to look at; `remedy` says what to do. */
  readonly problem: ProblemDocument

  constructor(problem: ProblemDocument) {
    super([problem.title, problem.detail, problem.remedy].filter(Boolean).join(' · '))
    this.problem = problem
  }
}

type Given<Path extends string> = Readonly<Record<Parameters<Path>, string>>
type Query = Readonly<Record<string, string | number | undefined>>

export interface WriteOptions {
  /** Idempotency key; a new one unless said. The same write under the same key is made once. */
  readonly key?: string
  /** Only if nothing was recorded since this number. */
  readonly ifSeq?: number
}

export interface Client {
  /** One document or page. What has not changed is not sent again: the client keeps the last of each with its ETag. */
  read<N extends ReadName>(name: N, parameters: Given<(typeof READS)[N]>, query?: Query): Promise<Answers[N]>
  /** Every item of a list, page by page. */
  items<N extends ReadName & `list${string}`>(
    name: N,
    parameters: Given<(typeof READS)[N]>,
    query?: Query,
  ): AsyncGenerator<Answers[N] extends { readonly items: readonly (infer T)[] } ? T : never>
  /** What a person puts on record. @param as Person who acts, where the session does not say. */
  act<N extends ActName>(program: string, name: N, input: ActInput<N>, options?: WriteOptions & { readonly as?: string }): Promise<Written>
  /** What is asked for beside the acts: a check, a look of the radar, evidence, a message sent again. */
  write<N extends WriteName>(name: N, parameters: Given<(typeof WRITES)[N]>, body?: object, options?: WriteOptions): Promise<Answers[N]>
  /** Waits for a check or a look, until the signal is aborted; gives it when it is done, or failed. */
  finished(program: string, job: string, signal?: AbortSignal): Promise<Job>
  /** Tells of each change until the signal is aborted; a broken connection is made again. */
  follow(program: string, signal: AbortSignal): AsyncGenerator<LiveEvent>
}

/** Documents that are kept with their ETags. */
const MOST_KEPT = 200
const FIRST_WAIT_MILLISECONDS = 200
const LONGEST_WAIT_MILLISECONDS = 10_000

/**
 * Every call throws `MusterError` when the server says no, or does not answer in as many tries as
 * there are; what `fetch` throws, when it cannot be reached in as many; and the reason of a signal
 * that is aborted.
 */
export function createClient(options: ClientOptions): Client {
  const { url, token, retries = 3 } = options
  const send = options.fetch ?? fetch
  const kept = new Map<string, { readonly etag: string; readonly value: unknown }>()
  const common = { ...options.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }

  async function ask(path: string, request: RequestInit): Promise<Response> {
    for (let tries = 0; ; tries += 1) {
      const response = await send(new URL(path, url), { ...request, headers: { ...common, ...request.headers } }).catch(
        (error: unknown) => {
          if (tries >= retries || request.signal?.aborted === true) throw error
          return undefined
        },
      )
      const isPassing = response === undefined || response.status === 429 || response.status === 503
      if (!isPassing || tries >= retries) {
        if (response && (response.ok || response.status === 304)) return response
        throw new MusterError(await problemOf(response))
      }
      const after = Number(response?.headers.get('retry-after') ?? Number.NaN) * 1000
      await wait(Number.isFinite(after) ? Math.min(after, LONGEST_WAIT_MILLISECONDS) : waitOf(tries), request.signal)
    }
  }

  async function get(path: string): Promise<unknown> {
    const known = kept.get(path)
    const response = await ask(path, { headers: { accept: 'application/json', ...(known && { 'if-none-match': known.etag }) } })
    if (response.status === 304 && known) return known.value
    const value: unknown = await response.json()
    const etag = response.headers.get('etag')
    if (kept.size >= MOST_KEPT) kept.clear()
    if (etag !== null) kept.set(path, { etag, value })
    return value
  }

  const post = async (path: string, body: object, { key = crypto.randomUUID(), ifSeq }: WriteOptions): Promise<unknown> => {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(ifSeq !== undefined && { 'if-match': `"${ifSeq}"` }),
    }
    return (await ask(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  }

  const client: Client = {
    read: async (name, parameters, query = {}) => (await get(fillPath(READS[name], parameters) + queryText(query))) as never,
    async *items(name, parameters, query = {}) {
      let cursor: string | undefined
      do {
        const page = (await get(fillPath(READS[name], parameters) + queryText({ ...query, cursor }))) as {
          readonly items: readonly never[]
          readonly next?: string
        }
        yield* page.items
        cursor = page.next
      } while (cursor !== undefined)
    },
    act: async (program, name, input, { as, ...how } = {}) =>
      (await post(fillPath(ACT_PATH, { program, act: name }), { ...input, ...(as !== undefined && { as }) }, how)) as Written,
    write: async (name, parameters, body = {}, how = {}) => (await post(fillPath(WRITES[name], parameters), body, how)) as never,
    async finished(program, job, signal) {
      for (let tries = 0; ; tries += 1) {
        const found = await client.read('readJob', { program, job })
        if (found.state === 'done' || found.state === 'failed') return found
        await wait(waitOf(Math.min(tries, 3)), signal)
      }
    },
    follow: (program, signal) => following(ask, fillPath(EVENTS_PATH, { program }), signal),
  }
  return client
}

async function* following(
  ask: (path: string, request: RequestInit) => Promise<Response>,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  let seen: string | undefined
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      const response = await ask(path, { headers: seen === undefined ? {} : { 'last-event-id': seen }, signal })
      for await (const { event, id, data } of eventsIn(response)) {
        tries = 0
        seen = id ?? seen
        yield { event, ...(id !== undefined && { id }), data } as LiveEvent
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof MusterError) throw error
    }
    // Only the signal ends it early, and the loop looks at that.
    await wait(waitOf(tries), signal).catch(() => {})
  }
}

/** Server-sent events, as the HTML standard says: fields in lines, an empty line ends one, and one without data is none. */
async function* eventsIn(response: Response) {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
      const data = fields.get('data')
      if (data !== undefined) yield { event: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) as unknown }
    }
  }
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as const]))
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given)).toString()}`
}

const waitOf = (tries: number): number => Math.min(FIRST_WAIT_MILLISECONDS * 2 ** tries, LONGEST_WAIT_MILLISECONDS)

const wait = (milliseconds: number, signal?: AbortSignal | null): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error)
    // A signal may live for weeks: it is listened to no longer than this takes.
    const end = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      if (signal?.aborted === true) reject(signal.reason as Error)
      else resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
  })

async function problemOf(response: Response | undefined): Promise<ProblemDocument> {
  const status = response?.status ?? 0
  const told = ((await response?.json().catch(() => undefined)) ?? {}) as Partial<ProblemDocument>
  return { type: 'about:blank', status, code: `http-${status}`, title: response?.statusText ?? 'No answer', detail: '', ...told }
}
