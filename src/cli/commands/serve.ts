import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { readAccess } from '#cli/given.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { requireSound } from '#cli/ledger/sound.ts'
import { collect } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { watchFile, type WatchedFile } from '#cli/running/watched-file.ts'
import { accessSettings } from '#cli/serve/access-settings.ts'
import { readHooks } from '#cli/serve/hooks.ts'
import { serverSecret } from '#cli/serve/secret.ts'
import { runServed } from '#cli/serve/run-served.ts'
import { servedProgram, type Served } from '#cli/serve/served-program.ts'
import { VERSION } from '#cli/version.ts'
import { ledgerPlace, openPlace, stateFolder } from '#cli/wire.ts'
import { accessFault } from '#core/people/access.ts'
import { terminal } from '#render/encode.ts'
import type { Server } from '#server/app.ts'
import type { Store } from '#store/store.ts'

const DEFAULT_PORT = 4747
const REFRESH_MILLISECONDS = 1000

interface Options {
  readonly config?: readonly string[] | undefined
  readonly host: string
  readonly port: number
  readonly run: boolean
}

/** `muster serve`: the API and the dashboard in one process, until it is stopped. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('serve')
    .description('Run a program by itself and serve its dashboard and API, in one process, until Ctrl-C.')
    .option('--config <file>', 'program file (default: muster.yaml here or above); repeatable, for several programs', collect)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', readPort, DEFAULT_PORT)
    .option('--no-run', 'show and record, and leave what is due to `muster run` elsewhere')
    .action(async (options) => {
      await serve(io, options)
      exit(0)
    }) as unknown as PlainCommand
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('It is a number from 0 to 65535.')
  return port
}

async function serve(io: Io, options: Options): Promise<void> {
  const files = await watchAll(io, options.config)
  const stores = new Map<string, Store>()
  try {
    const collected: Served['collected'][] = []
    const running = new Set<string>()
    const programs: Served[] = []
    for (const file of files) {
      const place = await ledgerPlace(io, file.folder)
      const known = stores.get(JSON.stringify(place)) ?? (await openPlace(place, 'write'))
      stores.set(JSON.stringify(place), known)
      programs.push({ file, ledger: known, running, loop: {}, collected: (...all) => collected[0]?.(...all) })
    }
    await listen(io, { files, programs, running, onCollected: (tell) => collected.push(tell) }, options)
  } finally {
    for (const store of stores.values()) await store.close()
  }
}

async function watchAll(io: Io, configs: readonly string[] | undefined): Promise<readonly WatchedFile[]> {
  const files: WatchedFile[] = []
  for (const config of configs ?? [undefined]) files.push(watchFile(io, await loadProgramFile(io, config)))
  const ids = files.map((one) => one.program().id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new CommandError(`two of the files are of program ${twice}\n  give each program an id of its own`)
  return files
}

interface Serving {
  readonly files: readonly WatchedFile[]
  readonly programs: readonly Served[]
  readonly running: Set<string>
  readonly onCollected: (tell: Served['collected']) => void
}

async function listen(io: Io, { files, programs, running, onCollected }: Serving, options: Options): Promise<void> {
  const [{ createServer }, { httpServer }] = await Promise.all([import('#server/app.ts'), import('#server/listen.ts')])
  const access = await accessSettings(io, options.host, () => hasTokens(io, programs))
  const oneTimeKey = access.isLocal ? randomBytes(24).toString('base64url') : undefined
  const hosts: string[] = access.home === undefined ? [] : [new URL(access.home).host]
  const link = (key: string): string => `http://${hosts[0]}/sign-in?key=${key}`
  const app = await createServer(
    { programs: programs.map((one) => servedProgram(io, one)), now: io.now, newId: io.newId, version: VERSION },
    {
      hosts,
      web: webFolder(),
      secret: await serverSecret(stateFolder(io, files[0]?.folder ?? io.cwd)),
      description,
      proxies: access.proxies,
      hooks: await readHooks(io),
      ...(oneTimeKey !== undefined && { oneTimeKey, onNewKey: (key) => io.stdout.write(`a new link: ${link(key)}\n`) }),
      ...(access.issuer && { issuer: access.issuer }),
      ...(access.home !== undefined && { home: access.home }),
      ...(!access.isLocal && { log: (line) => io.stderr.write(line) }),
    },
  )
  onCollected(app.metrics.collected)
  const server = httpServer(app)
  const port = await listening(server, options)
  hosts.push(`${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`, `localhost:${port}`, `127.0.0.1:${port}`)
  const names = files.map((one) => one.program().name).join(', ')
  io.stdout.write(`${terminal(names)}: ${oneTimeKey === undefined ? access.home : link(oneTimeKey)}\n`)
  io.stderr.write(`${oneTimeKey === undefined ? '' : 'the link works once; '}Ctrl-C stops the server\n`)
  let isLooking = false
  const look = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    try {
      for (const file of files) await file.look()
      await app.refresh()
    } catch (error) {
      io.stderr.write(`muster: ${terminal(error instanceof Error ? error.message : String(error))}\n`)
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => void look(), REFRESH_MILLISECONDS)
  try {
    await Promise.all([interrupted(io.signal), ...(options.run ? programs.map((one) => runOne(io, one, app, running)) : [])])
  } finally {
    clearInterval(timer)
    await closeAll(app, server)
  }
}

/** What cannot go on without a person is said; the dashboard is served all the same. */
async function runOne(io: Io, served: Served, app: Server, running: Set<string>): Promise<void> {
  const { id } = served.file.program()
  const live = app.lives.get(id)
  if (!live) return
  try {
    await requireSound(served.ledger, id)
    running.add(id)
    await runServed(io, served, live)
  } catch (error) {
    io.stderr.write(`muster: ${terminal(id)} is not run any more: ${terminal(error instanceof Error ? error.message : String(error))}\n`)
  } finally {
    running.delete(id)
  }
}

const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

async function closeAll(app: Server, server: HttpServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  await app.close()
  server.closeAllConnections()
  await closed
}

/** Whether anybody holds a token that lets them in now. */
async function hasTokens(io: Io, programs: readonly Served[]): Promise<boolean> {
  for (const { file, ledger } of programs)
    for (const one of (await readAccess(ledger, file.program().id)).values()) if (accessFault(one, io.now()) === undefined) return true
  return false
}

/** Gives the port. */
async function listening(server: HttpServer, { host, port }: Options): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          error.code === 'EADDRINUSE'
            ? `port ${port} of ${host} is taken\n  give another one with --port, or --port 0 for a free one`
            : `${host}:${port} cannot be listened on: ${error.message}`,
          EXIT.couldNotRun,
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

/** Where a build puts it, for the bundled command and for the sources alike: `src/web` is what it is built from. */
const webFolder = (): string => below('dist/web') ?? join(import.meta.dirname, 'web')

/** A file of the package, looked for in this folder and in those above it. */
const below = (name: string): string | undefined =>
  ['.', '..', '../..', '../../..'].map((up) => join(import.meta.dirname, up, name)).find((path) => existsSync(path))

/** The bundle and the sources have it in the same folder of the package. */
async function description(): Promise<string> {
  const file = below('schema/openapi.json')
  if (file === undefined) throw new TypeError('schema/openapi.json is not in the package')
  return readFile(file, 'utf8')
}
