import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Again } from '#server/again.ts'
import type { Server } from '#server/app.ts'

/** How long anybody may take to ask, and how much they may say before it is known what they want. */
export interface Patience {
  readonly headerSeconds: number
  /** For the whole request with its body. */
  readonly requestSeconds: number
}

const PATIENCE: Patience = { headerSeconds: 15, requestSeconds: 60 }
const KEPT_SECONDS = 10
const MOST_HEADER_BYTES = 16 * 1024
const MOST_HEADERS = 100
const MOST_CONNECTIONS = 10_000

/** The server of HTTP/1.1 over an app; it does not listen yet. */
export function httpServer(app: Pick<Server, 'fetch' | 'lives'>, patience: Patience = PATIENCE): HttpServer {
  const again = new Again(() => performance.now())
  for (const live of app.lives.values()) live.listen(() => again.forget())
  const listener = getRequestListener(async (request, env) => {
    const { forgotten } = again
    const response = await app.fetch(request, env)
    // Events are written by themselves, for as long as somebody listens.
    if (env.outgoing.headersSent) return RESPONSE_ALREADY_SENT
    await again.keep(request, response, forgotten)
    return response
  })
  const server = createHttpServer(
    {
      headersTimeout: patience.headerSeconds * 1000,
      requestTimeout: patience.requestSeconds * 1000,
      connectionsCheckingInterval: Math.min(patience.headerSeconds * 500, 5000),
      keepAliveTimeout: KEPT_SECONDS * 1000,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    (request, response) => {
      if (!again.answer(request, response)) void listener(request, response)
    },
  )
  server.maxHeadersCount = MOST_HEADERS
  server.maxConnections = MOST_CONNECTIONS
  return server.on('clientError', refuseClient)
}

/** What is no request, or took too long to become one: answered in our terms, and let go. */
function refuseClient(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [status, code, title, remedy] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [
          '431 Request Header Fields Too Large',
          'headers-too-large',
          'The headers are too large',
          `They have at most ${MOST_HEADER_BYTES} bytes.`,
        ]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'too-slow', 'The request took too long to arrive', 'Send it again, in one go.']
        : ['400 Bad Request', 'no-request', 'This is no request of HTTP/1.1', 'Send one.']
  const body = JSON.stringify({ type: `urn:muster:problem:${code}`, status: Number.parseInt(status, 10), code, title, detail: '', remedy })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
