/** Names that are looked for in bytes, each with a number: found without making a string. */
export class NameTable {
  readonly names: readonly string[]
  readonly #bytes: readonly Uint8Array[]
  /** Number of the name at its place, -1 elsewhere. */
  readonly #slots: Int16Array
  readonly #factor: number

  constructor(names: readonly string[]) {
    this.names = names
    this.#bytes = names.map((name) => new TextEncoder().encode(name))
    let factor = 1
    let slots: Int16Array | undefined
    // A factor under which no two of them meet is found within a few dozen steps.
    while (!slots) {
      factor += 2
      if (factor > MAX_FACTOR) throw new Error(`two of these names cannot be told apart: ${names.join(', ')}`)
      slots = this.#placed(factor)
    }
    this.#factor = factor
    this.#slots = slots
  }

  /** The number of the name in these bytes; -1 where it is none of them. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    const index = this.#slots[slot(this.#factor, length, bytes[start] ?? 0, bytes[start + (length >> 1)] ?? 0, bytes[end - 1] ?? 0)] ?? -1
    if (index < 0) return -1
    const name = this.#bytes[index] as Uint8Array
    if (name.length !== length) return -1
    for (let at = 0; at < length; at += 1) if (name[at] !== bytes[start + at]) return -1
    return index
  }

  #placed(factor: number): Int16Array | undefined {
    const slots = new Int16Array(SLOTS).fill(-1)
    for (const [index, name] of this.#bytes.entries()) {
      const at = slot(factor, name.length, name[0] ?? 0, name[name.length >> 1] ?? 0, name.at(-1) ?? 0)
      if (slots[at] !== -1) return undefined
      slots[at] = index
    }
    return slots
  }
}

const SLOTS = 1024
const MAX_FACTOR = 100_000

const slot = (factor: number, length: number, first: number, middle: number, last: number): number =>
  (Math.imul(length + (first << 5) + (middle << 11) + (last << 17), factor) >>> 8) & (SLOTS - 1)

/** XML 1.0, fifth edition, production 4. */
export const isNameStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  code === 0x3a ||
  code === 0x5f ||
  (code >= 0xc0 && code <= 0x2ff && code !== 0xd7 && code !== 0xf7) ||
  (code >= 0x370 && code <= 0x1fff && code !== 0x37e) ||
  code === 0x200c ||
  code === 0x200d ||
  (code >= 0x2070 && code <= 0x218f) ||
  (code >= 0x2c00 && code <= 0x2fef) ||
  (code >= 0x3001 && code <= 0xd7ff) ||
  (code >= 0xf900 && code <= 0xfdcf) ||
  (code >= 0xfdf0 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0xeffff)

/** Production 4a. */
export const isNameCharacter = (code: number): boolean =>
  isNameStart(code) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0xb7 ||
  (code >= 0x300 && code <= 0x36f) ||
  code === 0x203f ||
  code === 0x2040
