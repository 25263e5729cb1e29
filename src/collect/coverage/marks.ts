/**
 * Lines, branches or functions of one file, each marked (reached, taken, called) or not: ascending,
 * none twice, packed to a byte or two each. Which of them a list holds is known by whoever has it.
 */
export interface Marks {
  readonly all: number
  readonly marked: number
  /** Between `start` and `end`: whole numbers in groups of 7 bits, the lowest first, with the eighth where more follow (LEB128). */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

const NO_MARKS: Marks = { all: 0, marked: 0, bytes: new Uint8Array(0), start: 0, end: 0 }

/** Many small arrays would take several times their bytes. */
const store = { bytes: new Uint8Array(0), length: 0 }
const STORE_BYTES = 1 << 16

/** Of two numbers below 2^31. */
const MOST_BYTES = 10

/** Packs numbers below 2^31. */
class Packer {
  bytes = new Uint8Array(1 << 10)
  length = 0

  /** Room for one entry. */
  reserve(): void {
    if (this.length + MOST_BYTES <= this.bytes.length) return
    const larger = new Uint8Array(2 * this.bytes.length)
    larger.set(this.bytes)
    this.bytes = larger
  }

  put(number: number): void {
    let rest = number
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  /** What was packed since the last time. */
  take(all: number, marked: number): Marks {
    const { bytes: packed, length } = this
    if (store.length + length > store.bytes.length) {
      store.bytes = new Uint8Array(Math.max(STORE_BYTES, length))
      store.length = 0
    }
    const { bytes, length: start } = store
    for (let at = 0; at < length; at += 1) bytes[start + at] = packed[at] as number
    store.length += length
    this.length = 0
    if (packed.length > KEPT) this.bytes = new Uint8Array(1 << 10)
    return { all, marked, bytes, start, end: start + length }
  }
}

const KEPT = 1 << 18

const reader = {
  at: 0,
  next(bytes: Uint8Array): number {
    let byte = bytes[this.at++] as number
    let number = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[this.at++] as number
      number |= (byte & 0x7f) << shift
    }
    return number
  },
}

export function eachLine({ bytes, start, end }: Marks, visit: (line: number, isReached: boolean) => void): void {
  let [line, at] = [0, start]
  while (at < end) {
    reader.at = at
    const entry = reader.next(bytes)
    at = reader.at
    line += entry >>> 1
    visit(line, (entry & 1) === 1)
  }
}

/** Takes lines in any order, also twice: reached once is reached. Those that ascend are packed as they come. */
export class LineList {
  readonly #packer = new Packer()
  #last = 0
  #all = 0
  #marked = 0
  /** What came out of order: twice the line, plus 1 where it was reached. */
  #late: number[] = []

  get size(): number {
    return this.#all + this.#late.length
  }

  /** `line` is below 2^30. */
  add(line: number, isReached: boolean): void {
    const entry = 2 * (line - this.#last) + (isReached ? 1 : 0)
    if (line <= this.#last && this.#all > 0) {
      this.#late.push(2 * line + (isReached ? 1 : 0))
      return
    }
    this.#last = line
    this.#all += 1
    if (isReached) this.#marked += 1
    const packer = this.#packer
    packer.reserve()
    if (entry < 0x80) packer.bytes[packer.length++] = entry
    else packer.put(entry)
  }

  addAll(marks: Marks): void {
    eachLine(marks, (line, isReached) => this.add(line, isReached))
  }

  /** What was added since the last time. */
  pack(): Marks {
    if (this.#late.length > 0) this.#sort()
    if (this.#all === 0) return NO_MARKS
    const marks = this.#packer.take(this.#all, this.#marked)
    this.#last = this.#all = this.#marked = 0
    return marks
  }

  #sort(): void {
    const late = this.#late
    this.#late = []
    const entries = new Uint32Array(this.#all + late.length)
    entries.set(late)
    let size = late.length
    eachLine(this.pack(), (line, isReached) => {
      entries[size++] = 2 * line + (isReached ? 1 : 0)
    })
    entries.sort()
    for (let index = 0; index < size; index += 1) {
      const entry = entries[index] as number
      // Of one line the reached entry comes last.
      if (index + 1 < size && (entries[index + 1] as number) >>> 1 === entry >>> 1) continue
      this.add(entry >>> 1, (entry & 1) === 1)
    }
  }
}

/** A branch or function is two whole numbers below 2^30, most often its line and a hash of its name. */
export type PairVisitor = (first: number, second: number, isMarked: boolean) => void

export function eachPair({ bytes, start, end }: Marks, visit: PairVisitor): void {
  let [first, second, at] = [0, 0, start]
  while (at < end) {
    reader.at = at
    const distance = reader.next(bytes)
    const entry = reader.next(bytes)
    at = reader.at
    first += distance
    second = (distance === 0 ? second : 0) + (entry >>> 1)
    visit(first, second, (entry & 1) === 1)
  }
}

/** As `LineList`, for branches and functions. */
export class PairList {
  readonly #packer = new Packer()
  #first = 0
  #second = 0
  #all = 0
  #marked = 0
  /** What came out of order: both numbers, and 1 where it is marked. */
  #late: number[] = []

  get size(): number {
    return this.#all + this.#late.length / 3
  }

  add(first: number, second: number, isMarked: boolean): void {
    const distance = first - this.#first
    const base = distance === 0 ? this.#second : 0
    if (this.#all > 0 && (distance < 0 || (distance === 0 && second <= base))) {
      this.#late.push(first, second, isMarked ? 1 : 0)
      return
    }
    this.#first = first
    this.#second = second
    this.#all += 1
    if (isMarked) this.#marked += 1
    const packer = this.#packer
    packer.reserve()
    const entry = 2 * (second - base) + (isMarked ? 1 : 0)
    if (distance < 0x80) packer.bytes[packer.length++] = distance
    else packer.put(distance)
    if (entry < 0x80) packer.bytes[packer.length++] = entry
    else packer.put(entry)
  }

  addAll(marks: Marks): void {
    eachPair(marks, (first, second, isMarked) => this.add(first, second, isMarked))
  }

  pack(): Marks {
    if (this.#late.length > 0) this.#sort()
    if (this.#all === 0) return NO_MARKS
    const marks = this.#packer.take(this.#all, this.#marked)
    this.#first = this.#second = this.#all = this.#marked = 0
    return marks
  }

  #sort(): void {
    const late = this.#late
    this.#late = []
    const entries = new Uint32Array(3 * this.#all + late.length)
    entries.set(late)
    let size = late.length
    eachPair(this.pack(), (first, second, isMarked) => {
      entries[size++] = first
      entries[size++] = second
      entries[size++] = isMarked ? 1 : 0
    })
    const order = Uint32Array.from({ length: size / 3 }, (_, index) => 3 * index)
    const compare = (a: number, b: number): number =>
      (entries[a] as number) - (entries[b] as number) || (entries[a + 1] as number) - (entries[b + 1] as number)
    order.sort((a, b) => compare(a, b) || (entries[a + 2] as number) - (entries[b + 2] as number))
    for (const [index, at] of order.entries()) {
      const next = order[index + 1]
      if (next !== undefined && compare(at, next) === 0) continue
      this.add(entries[at] as number, entries[at + 1] as number, entries[at + 2] === 1)
    }
  }
}

const merged = (list: LineList | PairList, all: readonly Marks[]): Marks => {
  const [only] = all
  if (only && all.length === 1) return only
  for (const marks of all) list.addAll(marks)
  return list.pack()
}

export const mergedLines = (all: readonly Marks[]): Marks => merged(new LineList(), all)
export const mergedPairs = (all: readonly Marks[]): Marks => merged(new PairList(), all)

const FIELD = 2 ** 14
const NAMED = 2 ** 29

/** The second number of a branch, of its block and its number in it: themselves where they are small, a hash else. */
export const branchOf = (block: number, number: number): number =>
  block >= 0 && block < FIELD && number >= 0 && number < FIELD ? block * FIELD + number : branchNamed(`${block},${number}`)

export const branchNamed = (name: string): number => NAMED + (hashOfText(name) & (NAMED - 1))

export const hashOfText = (text: string, seed = 0): number => {
  const bytes = Buffer.from(text)
  return hashOf(bytes, 0, bytes.length, seed)
}

/**
 * A number below 2^30 for a name. Two names of one number count as one; where it stands beside the
 * line or another hash, that takes billions of names.
 */
export function hashOf(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 2
}

/** Both numbers of what has nothing but a name. */
export const hashesOf = (text: string): readonly [number, number] => [hashOfText(text, 0x2545f491), hashOfText(text)]
