import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Behaviour } from '../channel.ts'

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Double {
  readonly url: string
  readonly requests: Request[]
  readonly behave: (behaviour: Behaviour) => void
  readonly close: () => Promise<void>
}

/**
 * A server on this machine. `answer` has the effect and says what comes back; `changes` are the
 * requests that behave as they are told to, all others are answered as they are.
 */
export async function double(
  answer: (request: Request) => Reply,
  refused: Reply,
  limited: Reply = { status: 429, headers: { 'retry-after': '7' } },
  changes: (request: Request) => boolean = () => true,
): Promise<Double> {
  const requests: Request[] = []
  let behaviour: Behaviour = 'take'

  function treat(request: Request, response: ServerResponse): void {
    const reply = ({ status = 200, headers = {}, body = {} }: Reply): void => {
      response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (behaviour === 'refuse') return reply(refused)
    if (!changes(request) || behaviour === 'take') return reply(answer(request))
    if (behaviour === 'limit') return reply(limited)
    answer(request)
    if (behaviour === 'fail-after-effect') return reply({ status: 500, body: 'it broke' })
    if (behaviour === 'reset-after-effect') response.destroy()
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://x')
      const seen = {
        method: request.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      requests.push(seen)
      treat(seen, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    behave: (next) => (behaviour = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
