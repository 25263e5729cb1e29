/** As `Repository.scan` says. */
export type BlobVisitor = (index: number, content: Buffer | undefined, size: number) => void

/** What git takes for binary by its size alone (`core.bigFileThreshold` of the mirror). */
const LARGEST = 32 * 1024 * 1024

const NOT_THERE = -1

const [LF, ZERO] = [0x0a, 0x30]

/** The number that ends there; of "missing", NOT_THERE. */
function sizeIn(bytes: Buffer, end: number): number {
  let size = 0
  let at = end - 1
  for (let unit = 1; at >= 0; at -= 1, unit *= 10) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) break
    size += digit * unit
  }
  return at === end - 1 ? NOT_THERE : size
}

/** Takes the output of `git cat-file --batch` piece by piece. */
export class BlobReader {
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

  /** What did not come whole will be handed over anew. */
  forget(): void {
    this.#length = 0
    this.#size = undefined
    this.#skip = 0
  }

  #head(piece: Buffer, from: number): number {
    const end = piece.indexOf(LF, from)
    if (end < 0 || this.#length > 0) this.#hold(piece, from, end < 0 ? piece.length : end)
    if (end < 0) return piece.length
    this.#size = this.#length > 0 ? sizeIn(this.#held, this.#length) : sizeIn(piece, end)
    this.#length = 0
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
