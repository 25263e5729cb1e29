import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { RepositoryError } from '#core/evidence/collector.ts'
import { BlobReader, type BlobVisitor } from './blob-reader.ts'
import { type Fifo, openFifo } from './fifo.ts'
import { startError } from './process.ts'
import { openSpool } from './spool.ts'

export interface BlobOptions {
  readonly environment: Record<string, string>
  readonly folder: string
  readonly signal?: AbortSignal
}

/** From so many on, reading through a FIFO saves more than its thread costs; fewer are read from a file. */
const MANY = 2_000

/** Of a file of objects, which have any length; what is left is read from a pipe. */
const MOST_SPOOLED = 64 * 1024 * 1024

/** Reads many objects with one process, each as it comes and none kept. Rejects when git cannot start or ends before the last one. */
export async function readBlobs(oids: readonly string[] | Uint8Array, visit: BlobVisitor, options: BlobOptions): Promise<void> {
  if (oids.length === 0) return
  const lines = oids instanceof Uint8Array ? oids : Buffer.from(`${oids.join('\n')}\n`, 'latin1')
  const count = countOf(lines)
  const reader = new BlobReader(visit)
  const take = (piece: Buffer): void => reader.take(piece)
  if (count < MANY) {
    await readSpooled(lines, take, options)
    reader.forget()
  }
  const rest = lines.subarray((lines.length / count) * reader.read)
  if (rest.length > 0) await readPiped(rest, take, count < MANY ? undefined : await openFifo(), options)
  if (reader.read !== count) throw new RepositoryError('git stopped while reading objects: the repository may be damaged.')
}

const LF = 0x0a

/** 1 for what is no digit of an id. */
const noDigit = new Uint8Array(256).fill(1)
for (const digit of '0123456789abcdef') noDigit[digit.charCodeAt(0)] = 0

/** How many there are; looked at as bytes, since there may be very many. */
function countOf(lines: Uint8Array): number {
  const width = lines.indexOf(LF) + 1
  let wrong = (width === 41 || width === 65) && lines.length % width === 0 ? 0 : 1
  for (let line = 0; wrong === 0 && line < lines.length; line += width) {
    const end = line + width - 1
    for (let at = line; at < end; at += 1) wrong |= noDigit[lines[at] as number] as number
    if (lines[end] !== LF) wrong = 1
  }
  if (wrong !== 0) throw new RepositoryError('Objects are named by their full ids.')
  return lines.length / width
}

type Take = (piece: Buffer) => void

async function readPiped(lines: Uint8Array, take: Take, fifo: Fifo | undefined, options: BlobOptions): Promise<void> {
  const { child, closed } = ask(lines, fifo?.writer, options)
  try {
    await Promise.all([closed, fifo ? fifo.read(take) : readPipe(child.stdout, take)])
  } finally {
    child.kill('SIGKILL')
    await fifo?.close()
  }
}

/** As far as they fit. */
async function readSpooled(lines: Uint8Array, take: Take, options: BlobOptions): Promise<void> {
  const spool = openSpool()
  if (spool === undefined) return
  const { child, closed } = ask(lines, spool.writer, options)
  const watch = setInterval(() => spool.length() > MOST_SPOOLED && child.kill('SIGKILL'), WATCH_MILLISECONDS)
  try {
    await closed
    await spool.read(take, options.signal)
  } finally {
    clearInterval(watch)
    child.kill('SIGKILL')
    spool.close()
  }
}

const WATCH_MILLISECONDS = 10

/** Asks git for objects. `closed` rejects when git cannot start or is aborted. */
function ask(lines: Uint8Array, writer: number | undefined, { environment, folder, signal }: BlobOptions) {
  // Files of one name lie in chains of differences, and reading them in the order of paths goes over all chains at once.
  const args = ['-c', 'core.deltaBaseCacheLimit=512m', 'cat-file', '--batch', '--buffer']
  const child = spawn('git', args, {
    cwd: folder,
    env: environment,
    stdio: ['pipe', writer ?? 'pipe', 'ignore'],
    ...(signal && { signal }),
  })
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (error) => reject(signal?.aborted === true ? error : startError(error, folder)))
  })
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(lines)
  return { child, closed: Promise.race([failed, once(child, 'close')]) }
}

const readPipe = (stdout: NodeJS.ReadableStream | null, take: Take): Promise<void> =>
  new Promise((resolve, reject) => {
    stdout?.on('end', resolve).on('data', (piece: Buffer) => {
      try {
        take(piece)
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
