/** Whole numbers below 2^52, each marked or not; ascending, none twice. Takes a byte or two a number. */
export interface Marks {
  readonly all: number
  readonly marked: number
  /** For each number twice the distance to the one before, plus 1 where it is marked: in groups of 7 bits, lowest first (LEB128). */
  readonly bytes: Uint8Array
}

export const NO_MARKS: Marks = { all: 0, marked: 0, bytes: new Uint8Array(0) }

export function eachMark({ bytes }: Marks, visit: (number: number, isMarked: boolean) => void): void {
  let number = 0
  let at = 0
  while (at < bytes.length) {
    let byte = bytes[at++] as number
    let entry = byte & 0x7f
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[at++] as number
      entry += (byte & 0x7f) * factor
    }
    number += Math.floor(entry / 2)
    visit(number, entry % 2 === 1)
  }
}

/** Takes numbers in any order, also twice: marked once is marked. */
export class MarkList {
  /** Twice the number, plus 1 where it is marked. */
  #entries = new Float64Array(256)
  #size = 0
  #isAscending = true

  get size(): number {
    return this.#size
  }

  add(number: number, isMarked: boolean): void {
    const size = this.#size
    if (size === this.#entries.length) this.#grow()
    const entry = isMarked ? 2 * number + 1 : 2 * number
    if (size > 0 && 2 * number <= (this.#entries[size - 1] as number)) this.#isAscending = false
    this.#entries[size] = entry
    this.#size = size + 1
  }

  addAll(marks: Marks): void {
    eachMark(marks, (number, isMarked) => this.add(number, isMarked))
  }

  /** What was added since the last time. */
  pack(): Marks {
    if (this.#size === 0) return NO_MARKS
    if (!this.#isAscending) this.#sort()
    const [entries, size] = [this.#entries, this.#size]
    const bytes = scratchOf(8 * size)
    let [length, previous, marked] = [0, 0, 0]
    for (let index = 0; index < size; index += 1) {
      const entry = entries[index] as number
      const mark = entry % 2
      marked += mark
      let rest = entry - previous
      previous = entry - mark
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[length++] = rest % 0x80 | 0x80
      bytes[length++] = rest
    }
    this.#size = 0
    this.#isAscending = true
    if (entries.length > LARGE) this.#entries = new Float64Array(256)
    return { all: size, marked, bytes: Buffer.from(bytes.subarray(0, length)) }
  }

  #sort(): void {
    const entries = this.#entries.subarray(0, this.#size).sort()
    let size = 0
    for (const entry of entries) {
      // Of one number the marked entry comes last.
      const isSame = size > 0 && entry - (entries[size - 1] as number) === 1 && entry % 2 === 1
      if (size > 0 && (isSame || entry === entries[size - 1])) size -= 1
      entries[size++] = entry
    }
    this.#size = size
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#entries.length)
    larger.set(this.#entries)
    this.#entries = larger
  }
}

const LARGE = 1 << 16
let scratch = new Uint8Array(1 << 12)

function scratchOf(length: number): Uint8Array {
  if (length <= scratch.length) return scratch
  const larger = new Uint8Array(2 * length)
  if (length <= 8 * LARGE) scratch = larger
  return larger
}

/** The union: marked in one of them is marked. */
export function mergedMarks(all: readonly Marks[]): Marks {
  const [only] = all
  if (only && all.length === 1) return only
  const list = new MarkList()
  for (const marks of all) list.addAll(marks)
  return list.pack()
}

const FIELD = 2 ** 15
const MOST_LINE = 2 ** 21
const HASHED = 2 ** 51

/** A number for what has a line and two more numbers, such as a branch: exact where they are as small as usual, a hash else. */
export const numberOf = (line: number, first: number, second: number): number =>
  line < MOST_LINE && first >= 0 && first < FIELD && second >= 0 && second < FIELD
    ? (line * FIELD + first) * FIELD + second
    : hashOfText(line, `${first},${second}`)

export const hashOfText = (line: number, text: string): number => {
  const bytes = Buffer.from(text)
  return hashOf(line, bytes, 0, bytes.length)
}

/**
 * A number for what has a line and a name. Within one file a million names are told apart but with
 * a chance of 1 in 4,000; two names of one number count as one.
 */
export function hashOf(line: number, bytes: Uint8Array, from: number, to: number): number {
  let high = Math.imul(line ^ 0x2545f491, 0x9e3779b1)
  let low = Math.imul(line ^ 0x6c62272e, 0x85ebca6b)
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number
    high = Math.imul(high ^ byte, 0x01000193)
    low = Math.imul(low ^ byte ^ (high >>> 15), 0x5bd1e995)
  }
  high ^= high >>> 16
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d)
  return HASHED + (high >>> 0) * 2 ** 19 + (low >>> 13)
}
