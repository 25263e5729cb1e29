import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { addressProblem, checkedLookup, type Reach } from './address.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** `isPassing`: trying again may help. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  readonly isPassing: boolean

  constructor(message: string, isPassing: boolean) {
    super(message)
    this.isPassing = isPassing
  }
}

interface Ask {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
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
    ask: (ask) => exchange(ask, agents[ask.url.protocol === 'http:' ? 'http:' : 'https:'], reach, limitSeconds),
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
      else if (ask.signal.aborted) reject(new ExchangeError('the time limit ended it', false))
      else if (limit.aborted) reject(new ExchangeError(`no answer within ${limitSeconds} s`, true))
      else reject(new ExchangeError(wordsOf(error), isPassing(error)))
    }
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest
    const request = send(url, {
      method,
      agent,
      signal: AbortSignal.any([ask.signal, limit]),
      headers: { ...headers, 'accept-encoding': 'identity', ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    })
    request.on('error', fail)
    request.on('response', (response) => {
      read(response).then(resolve, fail)
    })
    request.end(body)
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) {
      response.destroy()
      throw new ExchangeError(`the answer has more than ${MAX_BODY_BYTES / 2 ** 20} MiB`, false)
    }
    chunks.push(chunk)
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers) as Record<string, string>, body: Buffer.concat(chunks) }
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
