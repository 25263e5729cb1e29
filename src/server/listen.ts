import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Again } from '#server/again.ts'
import type { Server } from '#server/app.ts'

/** The server of HTTP/1.1 over an app; it does not listen yet. */
export function httpServer(app: Pick<Server, 'fetch' | 'lives'>): HttpServer {
  const again = new Again(() => performance.now())
  for (const live of app.lives.values()) live.listen(() => again.forget())
  const listener = getRequestListener(async (request, env) => {
    const response = await app.fetch(request, env)
    await again.keep(request, response)
    return response
  })
  return createHttpServer((request, response) => {
    if (!again.answer(request, response)) void listener(request, response)
  })
}
