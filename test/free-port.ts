import { createServer } from 'node:net'

/** Above the last port that browsers and fetch refuse to call (10080), below those that a system gives out by itself. */
const [LOWEST, COUNT] = [11_000, 20_000]

/** Each worker of a run has ports of its own: what one chose and does not listen at yet, or not just now, no other takes. */
const WORKERS = 10
const own = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS
let turn = Math.floor(Math.random() * COUNT)

/**
 * A port of this machine at which nobody listens, and another one each time: so that no connection
 * takes it before its server listens, nor while that is down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    turn += 1
    const port = LOWEST + own + ((turn * WORKERS) % COUNT)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
