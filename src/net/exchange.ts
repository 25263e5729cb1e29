import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { addressProblem, checkedLookup, type Reach } from '#net/address.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Empty where it was saved. */
  readonly body: Uint8Array
  readonly saved?: Saved
}

/** Where the body of a 200 goes in place of the memory. */
export interface Into {
  /** Overwritten where it is there. */
  readonly file: string
  readonly maxBytes: number
  readonly limitSeconds: number
}

export interface Saved {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** `isPassing`: trying again may help. `maybeHeard`: the other side may have taken the request. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly isPassing: boolean
  readonly maybeHeard: boolean

  constructor(message: string, isPassing: boolean, maybeHeard = false) {
    super(message)
    this.isPassing = isPassing
    this.maybeHeard = maybeHeard
  }
}

interface Ask {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly into?: Into
  readonly signal: AbortSignal
}

export interface Wire {
  ask(ask: Ask): Promise<Answer>
  close(): void
}

const MAX_BODY_BYTES = 16 * 2 ** 20

/**
 * One HTTP exchange at a time for each call, over connections that are kept. Redirects are not
 * followed, proxies of the environment not used, and every address is checked before it is called.
 */
export function openWire(reach: Reach, limitSeconds: number): Wire {
  const common = { keepAlive: true, maxSockets: 2, lookup: checkedLookup(reach) }
  const agents = { 'http:': new HttpAgent(common), 'https:': new HttpsAgent(common) }
  return {
    ask: (ask) => exchange(ask, agents[ask.url.protocol === 'http:' ? 'http:' : 'https:'], reach, ask.into?.limitSeconds ?? limitSeconds),
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

function exchange(ask: Ask, agent: HttpAgent, reach: Reach, limitSeconds: number): Promise<Answer> {
  const { url, method, headers, body } = ask
  // A literal address is not looked up, so it is checked here.
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  const problem = isIP(literal) === 0 ? undefined : addressProblem(literal, reach)
  if (problem !== undefined) return Promise.reject(new ExchangeError(`${url.host} is not called: ${problem}`, false))
  const limit = AbortSignal.timeout(limitSeconds * 1_000)
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      if (error instanceof ExchangeError) reject(error)
      else if (ask.signal.aborted) reject(new ExchangeError('the time limit ended it', false, heard))
      else if (limit.aborted) reject(new ExchangeError(`no answer within ${limitSeconds} s`, true, heard))
      else reject(new ExchangeError(wordsOf(error), isPassing(error), heard))
    }
    let heard = false
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest
    const request = send(url, {
      method,
      agent,
      signal: AbortSignal.any([ask.signal, limit]),
      headers: { ...headers, 'accept-encoding': 'identity', ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    })
    request.on('error', fail)
    // Bytes that were handed to a connection may have been read at its other end.
    request.on('finish', () => (heard = request.socket?.connecting === false))
    request.on('response', (response) => {
      read(response, ask.into).then(resolve, fail)
    })
    request.end(body)
  })
}

async function read(response: IncomingMessage, into: Into | undefined): Promise<Answer> {
  const status = response.statusCode ?? 0
  const saved = into && status === 200 ? await save(response, into) : undefined
  const body = saved ? new Uint8Array() : await keep(response)
  const headers = Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])
  return { status, headers: Object.fromEntries(headers) as Record<string, string>, body, ...(saved && { saved }) }
}

async function keep(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of upTo(response, MAX_BODY_BYTES)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function save(response: IncomingMessage, { file, maxBytes }: Into): Promise<Saved> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of upTo(response, maxBytes)) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  await pipeline(counted, createWriteStream(file, { mode: 0o600 }))
  return { bytes, sha256: hash.digest('hex') }
}

async function* upTo(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) throw new ExchangeError(`the answer has more than ${maxBytes / 2 ** 20} MiB`, false)
    yield chunk
  }
}

const PASSING = new Set(['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'HPE_INVALID_EOF_STATE'])

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')
const isPassing = (error: Error): boolean => PASSING.has(codeOf(error)) || error.message === 'aborted'
const wordsOf = (error: Error): string =>
  codeOf(error) === 'ENOTFOUND'
    ? 'its name is not known'
    : isPassing(error)
      ? `the connection broke (${codeOf(error) || error.message})`
      : error.message
