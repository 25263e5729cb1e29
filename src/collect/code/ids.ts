/** Ids of objects, one a line: as bytes, since strings of so many would be copied again and again by whoever clears the memory. */
export class IdLines {
  #bytes = Buffer.allocUnsafeSlow(1 << 12)
  #width = 0
  #length = 0

  /** All are of one length. */
  add(oid: string): void {
    this.#width = oid.length + 1
    if (this.#length + this.#width > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length)
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    for (let at = 0; at < oid.length; at += 1) this.#bytes[this.#length + at] = oid.charCodeAt(at)
    this.#length += this.#width
    this.#bytes[this.#length - 1] = LF
  }

  /** Eight digits of an id as a number. */
  word(index: number, word: number): number {
    const from = index * this.#width + word * DIGITS
    let value = 0
    for (let at = from; at < from + DIGITS; at += 1) {
      const code = this.#bytes[at] as number
      value = (value << 4) | ((code & 0xf) + (code > NINE ? 9 : 0))
    }
    return value >>> 0
  }

  at(index: number): string {
    return this.#bytes.toString('latin1', index * this.#width, (index + 1) * this.#width - 1)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}

const DIGITS = 8
const [LF, NINE] = [0x0a, 0x39]
