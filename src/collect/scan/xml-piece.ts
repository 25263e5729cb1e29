import { isUtf8 } from 'node:buffer'

/**
 * The bytes at hand, as far as they can be searched many at a time. `isPlain` where they are UTF-8
 * without NUL and CR, so that nothing is wrong with a byte by itself; only then may the rest be
 * asked. A search answers the index of the next one, `end` where there is none.
 */
export class Piece {
  isPlain = false
  /** A character a byte: the search in a string is the fastest there is. */
  #text = ''
  #end = 0
  #words: Int32Array = new Int32Array(0)
  /** Bytes before the first word. */
  #shift = 0
  #lt = -1
  #amp = -1
  #cdataEnd = -1

  take(bytes: Buffer, end: number): void {
    const piece = bytes.subarray(0, end)
    this.isPlain = end >= MIN_BYTES && !piece.includes(0) && !piece.includes(CR) && isUtf8(piece)
    if (!this.isPlain) return
    this.#text = piece.toString('latin1')
    this.#end = end
    this.#lt = -1
    this.#amp = -1
    this.#cdataEnd = -1
    this.#shift = -bytes.byteOffset & 3
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset + this.#shift, (end - this.#shift) >> 2)
  }

  find(what: string, from: number): number {
    const index = this.#text.indexOf(what, from)
    return index < 0 ? this.#end : index
  }

  lt(from: number): number {
    if (this.#lt < from) this.#lt = this.find('<', from)
    return this.#lt
  }

  amp(from: number): number {
    if (this.#amp < from) this.#amp = this.find('&', from)
    return this.#amp
  }

  cdataEnd(from: number): number {
    if (this.#cdataEnd < from) this.#cdataEnd = this.find(']]>', from)
    return this.#cdataEnd
  }

  /** The next quote, if no `<` stands before it; else -1. */
  quote(from: number): number {
    const stops = this.#text.indexOf('"', from)
    return this.lt(from) < stops ? -1 : stops
  }

  /** How many lines end in a range. */
  lines(start: number, end: number): number {
    const text = this.#text
    // From one to the next where they are long, else four bytes at a time.
    let left = (end - start) >> 5
    let count = 0
    let at = start
    for (; left > 0; left -= 1) {
      const next = text.indexOf('\n', at)
      if (next < 0 || next >= end) return count
      count += 1
      at = next + 1
    }
    return count + this.#shortLines(at, end)
  }

  #shortLines(start: number, end: number): number {
    const words = this.#words
    const first = (start - this.#shift + 3) >> 2
    const last = (end - this.#shift) >> 2
    if (last <= first) return this.#linesOf(start, end)
    let count = 0
    for (let index = first; index < last; index += 1) {
      // The highest bit of each byte that is an LF; their sum ends up in the highest byte.
      const other = (words[index] as number) ^ 0x0a0a0a0a
      const found = ~(((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other | 0x7f7f7f7f)
      if (found !== 0) count += Math.imul(found >>> 7, 0x01010101) >>> 24
    }
    return count + this.#linesOf(start, first * 4 + this.#shift) + this.#linesOf(last * 4 + this.#shift, end)
  }

  #linesOf(start: number, end: number): number {
    const text = this.#text
    let count = 0
    for (let at = start; at < end; at += 1) if (text.charCodeAt(at) === LF) count += 1
    return count
  }
}

const LF = 0x0a
const CR = 0x0d
/** Of fewer bytes a string is not worth its making. */
const MIN_BYTES = 64
