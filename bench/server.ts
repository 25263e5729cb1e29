import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { median, report } from './measure.ts'
import type { Asked, Ports } from './server-contestants.ts'

/**
 * What the server costs over Node itself: the same bytes from a bare `node:http`, in the same
 * process, in turn. CPU time of that process; the requests come from this one.
 */
const ROUNDS = 15
const REQUESTS = 4000
const CONNECTIONS = 8
const LISTENERS = 1000
const BROADCASTS = 40

export async function bench(): Promise<boolean> {
  const child = fork(join(import.meta.dirname, 'server-contestants.ts'), {
    execArgv: ['-C', 'source'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ask = async <T>(asked: Asked): Promise<T> => {
    const answer = once(child, 'message')
    child.send(asked)
    return (await answer)[0] as T
  }
  try {
    const ports = ((await once(child, 'message')) as [Ports])[0]
    const cpuOf = async (work: () => Promise<void>): Promise<number> => {
      const before = await ask<number>({ ask: 'cpu' })
      await work()
      return (await ask<number>({ ask: 'cpu' })) - before
    }
    const against = async (path: string, headers: readonly string[], repeated = REQUESTS): Promise<number> => {
      const ratios: number[] = []
      for (let round = -3; round < ROUNDS; round += 1) {
        const bare = await cpuOf(() => requests(ports.bare, path, headers, repeated))
        const ours = await cpuOf(() => requests(ports.muster, path, headers, repeated))
        if (round >= 0) ratios.push(ours / bare)
      }
      return median(ratios)
    }
    const cookie = `Cookie: ${ports.cookie}`
    const health = await against('/healthz', [])
    const state = '/api/programs/phase-e/state'
    const unchanged = await against(state, [cookie, `If-None-Match: ${ports.etag}`])
    const whole = await against(state, [cookie])
    const raw = await listeners(ports.raw, [])
    const ours = await listeners(ports.muster, [
      `GET /api/programs/phase-e/events HTTP/1.1`,
      `Host: 127.0.0.1:${ports.muster}`,
      cookie,
      '',
      '',
    ])
    const ratios: number[] = []
    for (let round = -3; round < ROUNDS; round += 1) {
      const bare = await ask<number>({ ask: 'raw', broadcasts: BROADCASTS })
      const told = await ask<number>({ ask: 'events', broadcasts: BROADCASTS })
      if (round >= 0) ratios.push(told / bare)
    }
    for (const socket of [...raw, ...ours]) socket.destroy()
    return [
      report('/healthz against bare node:http', health, 1.15, 'at most'),
      report('a state document that is known already (304) against bare node:http', unchanged, 1.15, 'at most'),
      report(`the state document (${Math.round(ports.bytes / 1000)} kB) against ready bytes of bare node:http`, whole, 1.2, 'at most'),
      report(`an event to ${LISTENERS.toLocaleString('en')} readers against raw sockets`, median(ratios), 1.3, 'at most'),
    ].every(Boolean)
  } finally {
    child.kill()
  }
}

/** That many, over a few connections that are kept, each when the one before is answered. */
async function requests(port: number, path: string, headers: readonly string[], count: number): Promise<void> {
  const text = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n')
  await Promise.all(Array.from({ length: CONNECTIONS }, () => oneByOne(port, text, count / CONNECTIONS)))
}

async function oneByOne(port: number, text: string, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = count
  let missing = 0
  let head = ''
  socket.on('data', (bytes) => {
    let from = 0
    if (missing === 0) {
      head += bytes.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      if (!/^HTTP\/1.1 (?:200|304) /.test(head)) return reject(new Error(head))
      missing = Number(/\r\ncontent-length: (\d+)/i.exec(head.slice(0, end))?.[1] ?? 0)
      from = bytes.length - (head.length - end - 4)
      head = ''
    }
    missing -= bytes.length - from
    if (missing > 0) return
    missing = 0
    left -= 1
    if (left > 0) socket.write(text)
    else resolve()
  })
  socket.write(text)
  await promise
  socket.destroy()
}

/** Readers that take everything and look at none of it. */
async function listeners(port: number, lines: readonly string[]): Promise<readonly Socket[]> {
  const sockets: Socket[] = []
  for (let one = 0; one < LISTENERS; one += 1) {
    // Readers who come too fast are asked to wait.
    for (let isTaken = false; !isTaken;) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(lines.length === 0 ? '\n' : lines.join('\r\n'))
      const [first] = (await once(socket, 'data')) as [Buffer]
      isTaken = !first.toString('latin1').startsWith('HTTP/1.1 429')
      if (isTaken) sockets.push(socket.resume())
      else await new Promise((resolve) => setTimeout(resolve, 1000, socket.destroy()))
    }
  }
  return sockets
}
