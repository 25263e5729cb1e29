import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { RepositoryError } from '#core/evidence/collector.ts'
import { isObjectId } from './objects.ts'
import { startError } from './process.ts'

export interface BlobOptions {
  readonly environment: Record<string, string>
  readonly folder: string
  readonly signal?: AbortSignal
}

/** What git takes for binary by its size alone (`core.bigFileThreshold` of the mirror). */
const LARGEST = 32 * 1024 * 1024

/** As `Repository.scan` says. */
export type BlobVisitor = (index: number, content: Buffer | undefined, size: number) => void

const NOT_THERE = -1

/** Reads many objects with one process, each as it comes and none kept. Rejects when git cannot start or ends before the last one. */
export async function readBlobs(oids: readonly string[], visit: BlobVisitor, options: BlobOptions): Promise<void> {
  for (const oid of oids) if (!isObjectId(oid)) throw new RepositoryError('Objects are named by their full ids.')
  if (oids.length === 0) return
  const { environment, folder, signal } = options
  const reader = new BlobReader(visit)
  // Files of one name lie in chains of differences, and reading them in the order of paths goes over all chains at once.
  const args = ['-c', 'core.deltaBaseCacheLimit=512m', 'cat-file', '--batch', '--buffer']
  const child = spawn('git', args, { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'ignore'], ...(signal && { signal }) })
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (error) => reject(signal?.aborted === true ? error : startError(error, folder)))
    child.stdout.on('data', (piece: Buffer) => {
      try {
        reader.take(piece)
      } catch (error) {
        child.kill('SIGKILL')
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${oids.join('\n')}\n`)
  await Promise.race([failed, once(child, 'close')])
  if (reader.read !== oids.length) throw new RepositoryError('git stopped while reading objects: the repository may be damaged.')
}

const LF = 0x0a

/** Takes the output of `git cat-file --batch` piece by piece. */
class BlobReader {
  /** Objects handed over. */
  read = 0
  readonly #visit: BlobVisitor
  /** What did not come whole yet: the head of an object, or its content. */
  #held = Buffer.allocUnsafeSlow(1 << 16)
  #length = 0
  /** Of the object whose content comes; undefined between objects. */
  #size: number | undefined
  /** Bytes still to come of an object that is passed over. */
  #skip = 0

  constructor(visit: BlobVisitor) {
    this.#visit = visit
  }

  take(piece: Buffer): void {
    let at = 0
    while (at < piece.length) {
      if (this.#skip > 0) {
        const here = Math.min(this.#skip, piece.length - at)
        this.#skip -= here
        at += here
        if (this.#skip === 0) this.#hand(undefined)
      } else at = this.#size === undefined ? this.#head(piece, at) : this.#content(piece, at, this.#size)
    }
  }

  #head(piece: Buffer, from: number): number {
    const end = piece.indexOf(LF, from)
    if (end < 0 || this.#length > 0) this.#hold(piece, from, end < 0 ? piece.length : end)
    if (end < 0) return piece.length
    const head = this.#length > 0 ? this.#held.toString('latin1', 0, this.#length) : piece.toString('latin1', from, end)
    this.#length = 0
    const size = head.slice(head.lastIndexOf(' ') + 1)
    this.#size = size === 'missing' ? NOT_THERE : Number(size)
    if (this.#size === NOT_THERE) this.#hand(undefined)
    else if (this.#size > LARGEST) this.#skip = this.#size + 1
    return end + 1
  }

  /** The content, and the line end after it. */
  #content(piece: Buffer, from: number, size: number): number {
    const missing = size + 1 - this.#length
    if (piece.length - from < missing) {
      this.#hold(piece, from, piece.length)
      return piece.length
    }
    if (this.#length === 0) this.#hand(piece.subarray(from, from + size))
    else {
      this.#hold(piece, from, from + missing)
      this.#length = 0
      this.#hand(this.#held.subarray(0, size))
    }
    return from + missing
  }

  #hand(content: Buffer | undefined): void {
    const size = this.#size ?? NOT_THERE
    this.#size = undefined
    this.#visit(this.read, content, size)
    this.read += 1
  }

  #hold(piece: Buffer, from: number, to: number): void {
    const wanted = this.#length + to - from
    if (wanted > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(2 * wanted)
      this.#held.copy(larger, 0, 0, this.#length)
      this.#held = larger
    }
    piece.copy(this.#held, this.#length, from, to)
    this.#length = wanted
  }
}
