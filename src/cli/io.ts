/** Everything a command may touch of the process; tests pass their own. */
export interface Io {
  /** Arguments after `muster`. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute. */
  readonly cwd: string
  /** Results. */
  readonly stdout: Output
  /** Talk: progress, warnings, errors. */
  readonly stderr: Output
  readonly stdinIsTerminal: boolean
  readonly readStdin: () => Promise<string>
  /** Instant, ISO 8601 in UTC. */
  readonly now: () => string
  readonly newId: () => string
  readonly host: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Output {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly columns: number
}

/** The command ends with this exit code and these lines on stderr; no stack, it is no bug. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Exit codes beside those of a verdict (0 go, 1 no, 3 cannot be said). */
export const EXIT = { usage: 2, couldNotRun: 4 } as const

/** Colour when the output is a terminal and nobody has asked for none (no-color.org). */
export const wantsColor = (io: Io, output: Output): boolean =>
  io.env['FORCE_COLOR'] !== undefined
    ? io.env['FORCE_COLOR'] !== '0'
    : output.isTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb'
