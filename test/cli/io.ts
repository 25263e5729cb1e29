import type { Io, Output } from '#cli/io.ts'

export interface FakeIo extends Io {
  /** Everything written to standard output so far. */
  readonly out: () => string
  readonly err: () => string
}

export interface FakeIoOptions {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What standard input holds; it is no terminal. */
  readonly stdin?: string
  /** Instant, or a clock. */
  readonly now?: string | (() => string)
  /** Width of standard output. */
  readonly columns?: number
}

let ids = 0

/** An `Io` that keeps what a command writes. Nothing of the real process shows through. */
export function fakeIo({ argv, cwd, env = {}, stdin = '', now = '2026-02-25T12:00:00Z', columns = 100 }: FakeIoOptions): FakeIo {
  const stdout: string[] = []
  const stderr: string[] = []
  const output = (into: string[]): Output => ({ write: (text) => void into.push(text), isTerminal: false, columns })
  return {
    argv,
    env,
    cwd,
    stdout: output(stdout),
    stderr: output(stderr),
    stdinIsTerminal: false,
    readStdin: async () => stdin,
    now: typeof now === 'string' ? () => now : now,
    newId: () => `id-${(ids += 1)}`,
    host: 'host-a',
    signal: new AbortController().signal,
    out: () => stdout.join(''),
    err: () => stderr.join(''),
  }
}
