#!/usr/bin/env node
import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'
import { enableCompileCache } from 'node:module'
import type { Io } from '#cli/io.ts'
import { run } from '#cli/run.ts'

enableCompileCache()

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
process.once('SIGTERM', () => interrupted.abort())

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  columns: stream.columns ?? 100,
})

const io: Io = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  stdinIsTerminal: process.stdin.isTTY === true,
  readStdin: async () => {
    const { text } = await import('node:stream/consumers')
    return text(process.stdin)
  },
  now: () => new Date().toISOString(),
  newId: randomUUID,
  host: hostname(),
  signal: interrupted.signal,
}

// A reader that closes the pipe early (| head) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  throw error
})

process.exitCode = await run(io)
