import { randomUUID } from 'node:crypto'
import { enableCompileCache } from 'node:module'
import { hostname } from 'node:os'
import type { Io } from '#cli/io.ts'
import { run } from '#cli/run.ts'

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  enableCompileCache()
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  process.once('SIGTERM', () => interrupted.abort())
  // A reader that closes the pipe early (| head) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    throw error
  })
  const io: Io = {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    stdinIsTerminal: process.stdin.isTTY,
    readStdin: async () => {
      const { text } = await import('node:stream/consumers')
      return text(process.stdin)
    },
    now: () => new Date().toISOString(),
    newId: randomUUID,
    host: hostname(),
    signal: interrupted.signal,
  }
  process.exitCode = await run(io)
}

const output = (stream: NodeJS.WriteStream): Io['stdout'] => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY,
  columns: stream.columns ?? 100,
})
