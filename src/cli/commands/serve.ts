import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { checkOnRecord } from '#cli/record.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import { treeOf } from '#cli/tree-of.ts'
import { VERSION } from '#cli/version.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import type { ServedProgram } from '#server/ports.ts'
import { terminal } from '#render/encode.ts'

const DEFAULT_PORT = 4747
const REFRESH_MILLISECONDS = 1000

/** `muster serve`: the API and the dashboard in one process, until it is stopped. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('serve')
    .description('Serve the dashboard and the API on this machine, until Ctrl-C.')
    .option(...CONFIG_OPTION)
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

async function serve(
  io: Io,
  options: { readonly config?: string | undefined; readonly host: string; readonly port: number },
): Promise<void> {
  const { program, folder } = await loadProgramFile(io, options.config)
  const ledger = await openLedger(io, folder, 'write')
  const served: ServedProgram = {
    id: program.id,
    ledger,
    program: () => program,
    treeOf: (branch) => treeOf(io, program, folder, branch),
    async check(id) {
      const choose = (moves: LedgerState['moves']) => {
        const checkpoint = effectiveProgram(program, moves, io.now()).checkpoints.find((one) => one.id === id)
        if (!checkpoint) throw new CommandError(`there is no checkpoint ${id}`)
        return checkpoint
      }
      const edges = await openEdges(io, program, folder)
      try {
        await edges.mirror.refresh(io.signal)
        const { report } = await checkOnRecord(io, ledger, edges, { program, choose })
        return { decision: report.record?.id ?? '' }
      } finally {
        await edges.close()
      }
    },
  }
  try {
    await listen(io, served, options)
  } finally {
    await ledger.close()
  }
}

async function listen(io: Io, served: ServedProgram, options: { readonly host: string; readonly port: number }): Promise<void> {
  const [{ createServer }, { createAdaptorServer }] = await Promise.all([import('#server/app.ts'), import('@hono/node-server')])
  const oneTimeKey = randomBytes(24).toString('base64url')
  const hosts: string[] = []
  const app = await createServer(
    { programs: [served], now: io.now, newId: io.newId, version: VERSION },
    { hosts, web: webFolder(), oneTimeKey, secret: randomBytes(32) },
  )
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          error.code === 'EADDRINUSE'
            ? `port ${options.port} of ${options.host} is taken\n  give another one with --port, or --port 0 for a free one`
            : `${options.host}:${options.port} cannot be listened on: ${error.message}`,
          EXIT.couldNotRun,
        ),
      ),
    )
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  hosts.push(`${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`, `localhost:${port}`)
  io.stdout.write(`${terminal(served.program().name)}: http://${hosts[0]}/sign-in?key=${oneTimeKey}\n`)
  io.stderr.write('the link works once; Ctrl-C stops the server\n')
  const timer = setInterval(
    () => void app.refresh().catch((error: Error) => io.stderr.write(`muster: ${terminal(error.message)}\n`)),
    REFRESH_MILLISECONDS,
  )
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve()
    else io.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  clearInterval(timer)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}

/** Beside the bundled command, or where a build of the sources puts it. */
function webFolder(): string {
  const beside = join(import.meta.dirname, 'web')
  return existsSync(beside) ? beside : join(import.meta.dirname, '../../../dist/web')
}
