import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { readAccess } from '#cli/given.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { collect } from '#cli/options.ts'
import { accessSettings } from '#cli/serve/access-settings.ts'
import { readHooks } from '#cli/serve/hooks.ts'
import { serverSecret } from '#cli/serve/secret.ts'
import { servedProgram, type Served } from '#cli/serve/served-program.ts'
import { watchFile, type WatchedFile } from '#cli/serve/watched-file.ts'
import { VERSION } from '#cli/version.ts'
import { ledgerPlace, openPlace, stateFolder } from '#cli/wire.ts'
import { accessFault } from '#core/people/access.ts'
import { terminal } from '#render/encode.ts'
import type { Store } from '#store/store.ts'

const DEFAULT_PORT = 4747
const REFRESH_MILLISECONDS = 1000

interface Options {
  readonly config?: readonly string[] | undefined
  readonly host: string
  readonly port: number
}

/** `muster serve`: the API and the dashboard in one process, until it is stopped. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('serve')
    .description('Serve the dashboard and the API on this machine, until Ctrl-C.')
    .option('--config <file>', 'program file (default: muster.yaml here or above); repeatable, for several programs', collect)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', readPort, DEFAULT_PORT)
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
    const programs: Served[] = []
    for (const file of files) {
      const place = await ledgerPlace(io, file.folder)
      const known = stores.get(JSON.stringify(place)) ?? (await openPlace(place, 'write'))
      stores.set(JSON.stringify(place), known)
      programs.push({ file, ledger: known, collected: (...all) => collected[0]?.(...all) })
    }
    await listen(io, files, programs, (tell) => collected.push(tell), options)
  } finally {
    for (const store of stores.values()) await store.close()
  }
}

async function watchAll(io: Io, configs: readonly string[] | undefined): Promise<readonly WatchedFile[]> {
  const files: WatchedFile[] = []
  for (const config of configs ?? [undefined]) files.push(await watchFile(io, config))
  const ids = files.map((one) => one.program().id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw new CommandError(`two of the files are of program ${twice}\n  give each program an id of its own`)
  return files
}

async function listen(
  io: Io,
  files: readonly WatchedFile[],
  programs: readonly Served[],
  onCollected: (tell: Served['collected']) => void,
  options: Options,
): Promise<void> {
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
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve()
    else io.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(timer)
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

/** Beside the bundled command, or where a build of the sources puts it. */
function webFolder(): string {
  const beside = join(import.meta.dirname, 'web')
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../dist/web')
}

/** The bundle and the sources have it in the same folder of the package. */
async function description(): Promise<string> {
  for (const up of ['..', '../..', '../../..']) {
    const file = join(import.meta.dirname, up, 'schema/openapi.json')
    if (existsSync(file)) return readFile(file, 'utf8')
  }
  throw new TypeError('schema/openapi.json is not in the package')
}
