import { enableCompileCache } from 'node:module'
import { hostname } from 'node:os'
import { EXIT, type Io } from '#cli/io.ts'
import { run } from '#cli/run.ts'

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  enableCompileCache()
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The second time nobody waits for commands to end; they are killed on the way out.
    process.on(signal, () => (interrupted.signal.aborted ? process.exit(EXIT.couldNotRun) : interrupted.abort()))
  }
  let isLost = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that closes the pipe early (| head) is no failure: the verdict and the record stand.
    if (error.code === 'EPIPE' || isLost) return
    isLost = true
    process.stderr.write(`muster: standard output cannot be written: ${error.message}\n`)
    process.exitCode = EXIT.couldNotRun
  })
  // There is nowhere left to say it.
  process.stderr.on('error', () => {})
  // What most commands never ask for is made when it is: cryptography alone takes a tenth of their time to load.
  const io: Io = {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    get stdinIsTerminal() {
      return process.stdin.isTTY
    },
    readStdin: async () => {
      const { text } = await import('node:stream/consumers')
      return text(process.stdin)
    },
    now: () => new Date().toISOString(),
    newId: () => process.getBuiltinModule('node:crypto').randomUUID(),
    host: hostname(),
    signal: interrupted.signal,
  }
  const exitCode = await run(io)
  process.exitCode = isLost ? EXIT.couldNotRun : exitCode
}

const COLUMNS = 100

function output(stream: NodeJS.WriteStream): Io['stdout'] {
  // A terminal that nobody gave a size says 0, and whoever asks there would write a character a line.
  if (stream.columns === 0) stream.columns = COLUMNS
  return { write: (text) => void stream.write(text), isTerminal: stream.isTTY, columns: stream.columns ?? COLUMNS }
}
