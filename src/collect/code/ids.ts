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

  at(index: number): string {
    return this.#bytes.toString('latin1', index * this.#width, (index + 1) * this.#width - 1)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}

const LF = 0x0a
