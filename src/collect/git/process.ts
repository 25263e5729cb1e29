import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { RepositoryError } from '#core/evidence/collector.ts'
import { openSpool } from './spool.ts'

export interface GitOptions {
  readonly environment: Record<string, string>
  readonly folder: string
  readonly signal?: AbortSignal
  /** What git reads from stdin; nothing unless said. */
  readonly input?: Uint8Array
  /** Takes stdout piece by piece; without it, stdout is in the result. */
  readonly onOutput?: (piece: Buffer) => void
  /** Keeps the pieces back in a file until git has ended: for output that is long, and not as long as the repository is large. */
  readonly isSpooled?: boolean
}

export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  /** The first 16 KiB. */
  readonly stderr: string
}

const MOST_ERRORS = 16 * 1024

/** Runs git to its end; any exit code is a result. Rejects when git cannot start, dies of a signal, or is aborted. */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const output: Buffer[] = []
  const take = options.onOutput ?? ((piece: Buffer) => output.push(piece))
  const spool = options.isSpooled === true ? openSpool() : undefined
  try {
    const ended = await started(args, options, spool?.writer, take)
    await spool?.read(take, options.signal)
    return { ...ended, stdout: Buffer.concat(output) }
  } finally {
    spool?.close()
  }
}

const started = (
  args: readonly string[],
  options: GitOptions,
  writer: number | undefined,
  take: (piece: Buffer) => void,
): Promise<Pick<GitResult, 'exitCode' | 'stderr'>> =>
  new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: options.folder,
      env: options.environment,
      stdio: ['pipe', writer ?? 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    // A git that ends before it has read everything says why by its exit code.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input)
    let stderr = ''
    child.stdout?.on('data', (piece: Buffer) => take(piece))
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      if (stderr.length < MOST_ERRORS) stderr += piece.slice(0, MOST_ERRORS - stderr.length)
    })
    child.on('error', (error) => reject(options.signal?.aborted === true ? error : startError(error, options.folder)))
    child.on('close', (exitCode, signal) => {
      if (exitCode === null) reject(new RepositoryError(`git ${args[0] ?? ''} was ended by ${signal ?? 'a signal'}.`))
      else resolve({ exitCode, stderr })
    })
  })

export const startError = (error: Error, folder: string): RepositoryError => {
  if (!existsSync(folder)) return new RepositoryError(`The mirror ${folder} is gone: refresh it.`, { cause: error })
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return new RepositoryError(
    isMissing ? 'git is not on the PATH: install git 2.38 or newer.' : `git could not be started: ${error.message}`,
    { cause: error },
  )
}

/** What git complained about, as one line without its prefixes, control characters and passwords in URLs. */
export const complaint = (stderr: string): string => {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'))
  const chosen = lines.find((line) => line.startsWith('fatal: ')) ?? lines.find((line) => line.startsWith('error: ')) ?? lines.at(-1)
  const text = (chosen ?? 'git gave no reason').replace(/^(?:fatal|error|warning): /, '')
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return withoutPassword(text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')).slice(0, 400)
}

export const withoutPassword = (text: string): string => text.replace(/(\w:\/\/)[^/@\s]{1,500}@/g, '$1')
