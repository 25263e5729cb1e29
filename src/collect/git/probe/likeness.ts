import type { ObjectReader } from '../objects.ts'
import type { Likeness } from './displaced.ts'
import { ask, type Quarantine } from './quarantine.ts'
import { isFile, type Version } from './raw.ts'

/**
 * Which files git may take for one that was renamed. Git's likeness (diffcore-delta.c) is the share
 * of the larger file's bytes that stand in both, counted in pieces that end with a line or after 64
 * bytes; a rename needs half. Counted here the same way, but told apart by contents rather than by
 * a short hash, so that git may count a little more: what is above `LEAST` is left in doubt.
 */
export class Likenesses {
  readonly #quarantine: Quarantine
  readonly #objects: ObjectReader
  readonly #sizes = new Map<string, number>()
  /** By the two blobs. */
  readonly #answers = new Map<string, boolean>()

  constructor(quarantine: Quarantine, objects: ObjectReader) {
    this.#quarantine = quarantine
    this.#objects = objects
  }

  /** Compares these pairs; what is not compared, because it is lost or large, counts as alike. */
  async compare(pairs: Iterable<readonly [Version, Version]>, signal: AbortSignal): Promise<Likeness> {
    const open = new Map<string, readonly [string, string]>()
    for (const [a, b] of pairs) {
      const key = `${a.oid} ${b.oid}`
      if (a.oid !== b.oid && !this.#answers.has(key)) open.set(key, [a.oid, b.oid])
    }
    await this.#size(new Set([...open.values()].flat()), signal)
    const close = [...open].filter(([key, [a, b]]) => {
      const [sizeA, sizeB] = [this.#sizes.get(a), this.#sizes.get(b)]
      if (sizeA === undefined || sizeB === undefined || Math.max(sizeA, sizeB) > LARGEST) return false
      if (Math.min(sizeA, sizeB) >= LEAST * Math.max(sizeA, sizeB)) return true
      this.#answers.set(key, false)
      return false
    })
    for (let at = 0; at < close.length; at += PORTION) {
      signal.throwIfAborted()
      await this.#read(close.slice(at, at + PORTION))
    }
    return (a, b) => {
      if (a.oid === b.oid) return true
      if (!isFile(a) || !isFile(b)) return false
      return this.#answers.get(`${a.oid} ${b.oid}`) ?? true
    }
  }

  async #size(blobs: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const unknown = [...blobs].filter((blob) => !this.#sizes.has(blob))
    if (unknown.length === 0) return
    const input = unknown.map((blob) => `${blob}\n`).join('')
    const { stdout } = await ask(this.#quarantine, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], { input, signal })
    for (const [, blob = '', size] of stdout.toString('latin1').matchAll(/^([0-9a-f]+) (\d+)$/gm)) this.#sizes.set(blob, Number(size))
  }

  async #read(pairs: readonly (readonly [string, readonly [string, string]])[]): Promise<void> {
    const blobs = [...new Set(pairs.flatMap(([, both]) => both))]
    const contents = await this.#objects.read(blobs)
    const pieces = new Map(blobs.map((blob, index) => [blob, piecesOf(contents[index]?.content)]))
    for (const [key, [a, b]] of pairs) {
      const [one, other] = [pieces.get(a), pieces.get(b)]
      if (one !== undefined && other !== undefined) this.#answers.set(key, likeness(one, other) >= LEAST)
    }
  }
}

/** Git asks for half; less here, for what its hash takes for the same. */
const LEAST = 0.4
const LARGEST = 2 ** 20
const PORTION = 200
const LONGEST_PIECE = 64

interface Pieces {
  readonly size: number
  /** Bytes by piece. */
  readonly bytes: ReadonlyMap<string, number>
}

const piecesOf = (content: Uint8Array | undefined): Pieces | undefined => {
  if (content === undefined) return undefined
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1').replaceAll('\r\n', '\n')
  const bytes = new Map<string, number>()
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const next = Math.min(at + LONGEST_PIECE, end === -1 ? text.length : end + 1)
    const piece = text.slice(at, next)
    bytes.set(piece, (bytes.get(piece) ?? 0) + piece.length)
    at = next
  }
  return { size: content.length, bytes }
}

const likeness = (a: Pieces, b: Pieces): number => {
  let both = 0
  for (const [piece, count] of a.bytes) both += Math.min(count, b.bytes.get(piece) ?? 0)
  return both / Math.max(1, a.size, b.size)
}
