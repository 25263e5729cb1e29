/** The process that `server.ts` measures: Muster's server, a bare `node:http` with the same bytes, raw sockets. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createNet, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { KINDS } from '#collect/registry.ts'
import { loadProgram } from '#core/program/load.ts'
import { createServer } from '#server/app.ts'
import { httpServer } from '#server/listen.ts'
import type { ServedProgram } from '#server/ports.ts'
import { openMemory } from '#store/memory.ts'

export interface Ports {
  readonly bare: number
  readonly muster: number
  readonly raw: number
  readonly cookie: string
  readonly etag: string
  readonly bytes: number
}

export type Asked = { readonly ask: 'cpu' } | { readonly ask: 'raw' | 'events'; readonly broadcasts: number }

const FILE = join(import.meta.dirname, '../examples/phase-e/muster.yaml')
const { program } = loadProgram(FILE, readFileSync(FILE), KINDS)
if (!program) throw new Error('phase-e does not load')
const ledger = openMemory(() => Date.now())
await ledger.append(program.id, [
  {
    id: 'one',
    at: '2026-02-20T10:00:00Z',
    actor: 'muster',
    type: 'checkpoint-opened',
    body: { checkpoint: 'week1-midweek', startsAt: '2026-02-20T10:00:00Z' },
  },
])
const no = (): never => {
  throw new Error('the bench asks for none of it')
}
const served: ServedProgram = {
  id: program.id,
  ledger,
  program: () => program,
  trouble: () => undefined,
  running: () => true,
  check: no,
  treeOf: no,
  reported: async () => [],
  accept: no,
  radar: async () => undefined,
  look: no,
  wake: no,
}
const listening = async (server: Server | ReturnType<typeof createHttp>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const hosts: string[] = []
const app = await createServer(
  { programs: [served], now: () => new Date().toISOString(), newId: randomUUID, version: '0' },
  { hosts, web: '', oneTimeKey: 'key', secret: new Uint8Array(32), description: async () => '{}' },
)
const muster = await listening(httpServer(app))
hosts.push(`127.0.0.1:${muster}`)
const at = `http://127.0.0.1:${muster}`
const cookie = (await fetch(`${at}/sign-in?key=key`, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? ''
const state = await fetch(`${at}/api/programs/phase-e/state`, { headers: { cookie } })
const document = Buffer.from(await state.arrayBuffer())
const health = await fetch(`${at}/healthz`)
const healthy = Buffer.from(await health.arrayBuffer())
const headersOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)))
const [stateHeaders, healthHeaders] = [headersOf(state), headersOf(health)]
const etag = state.headers.get('etag') ?? ''
const { 'content-length': _, 'content-type': __, ...unchanged } = stateHeaders

const bare = await listening(
  createHttp((request, response) => {
    if (request.url === '/healthz') response.writeHead(200, healthHeaders).end(healthy)
    else if (request.headers['if-none-match'] === etag) response.writeHead(304, unchanged).end()
    else response.writeHead(200, stateHeaders).end(document)
  }),
)
const sockets: Socket[] = []
const raw = await listening(
  // As `node:http` has it: an event is not to wait for the one before.
  createNet({ noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write('hello\n')
  }),
)

const live = app.lives.get(program.id)
const job = { id: 'a'.repeat(32), kind: 'check', state: 'running', progress: { done: 3, of: 12 } }
const bytes = Buffer.from(`event: job\ndata: ${JSON.stringify(job)}\n\n`)

async function broadcasts(count: number, tell: () => void): Promise<number> {
  const before = process.cpuUsage()
  for (let one = 0; one < count; one += 1) {
    tell()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

process.on('message', (asked: Asked) => {
  void (async () => {
    if (asked.ask === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send?.((user + system) / 1000)
    } else if (asked.ask === 'raw')
      process.send?.(
        await broadcasts(asked.broadcasts, () => {
          for (const socket of sockets) socket.write(bytes)
        }),
      )
    else process.send?.(await broadcasts(asked.broadcasts, () => live?.tell('job', job)))
  })()
})
process.send?.({ bare, muster, raw, cookie, etag, bytes: document.length } satisfies Ports)
