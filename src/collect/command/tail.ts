import { createHash } from 'node:crypto'

/** Hash of everything that is written, and the end of it. */
export class Tail {
  readonly #limit: number
  readonly #hash = createHash('sha256')
  #chunks: Buffer[] = []
  #kept = 0
  bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  write(chunk: Buffer): void {
    this.#hash.update(chunk)
    this.bytes += chunk.length
    this.#chunks.push(chunk)
    this.#kept += chunk.length
    while (this.#kept - (this.#chunks[0]?.length ?? 0) >= this.#limit) this.#kept -= this.#chunks.shift()?.length ?? 0
  }

  /** The last bytes as UTF-8 text, begun at a whole character. To be called once. */
  end(): { readonly output: string; readonly sha256: string } {
    let kept = Buffer.concat(this.#chunks)
    this.#chunks = []
    if (kept.length > this.#limit) {
      kept = kept.subarray(kept.length - this.#limit)
      let first = 0
      while (first < 3 && ((kept[first] ?? 0) & 0xc0) === 0x80) first += 1
      kept = kept.subarray(first)
    }
    return { output: kept.toString('utf8'), sha256: this.#hash.digest('hex') }
  }
}
