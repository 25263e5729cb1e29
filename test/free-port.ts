import { createServer } from 'node:net'

const [LOWEST, COUNT] = [10_000, 20_000]

/**
 * A port of this machine at which nobody listens, below those that a system gives out by itself:
 * so that no connection takes it before its server listens, nor while that is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * COUNT)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
