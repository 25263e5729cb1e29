import type { CaseStatus, Properties, TestCase } from './cases.ts'

/** From best to worst. */
const STATUSES = ['passed', 'skipped', 'failed', 'errored'] as const satisfies readonly CaseStatus[]
const PASSED = 0
const FAILED = 2

const rankOf = (status: CaseStatus): number => (status === 'passed' ? PASSED : STATUSES.indexOf(status))

/** Added to the rank of a case. */
const FLAKY = 4

export type CaseOutcome = Pick<TestCase, 'suite' | 'status' | 'flaky' | 'assertions' | 'message' | 'properties'> & {
  /** NaN where it says none: a number in any case is kept without an object of its own. */
  readonly seconds: number
}

/** A case in words: these, then its names, each filled up to a word; a class named by the case before stands there alone. */
const [SECONDS, HASH, SUITE, STATUS, MESSAGE, CLASS_AT, LENGTHS, HEAD] = [0, 2, 3, 4, 5, 6, 7, 10]
const [CLASS, NAME, FILE] = [0, 1, 2]

/** A place is the number of a segment, and of the word in it. */
const WORD_BITS = 18
const SEGMENT_WORDS = 1 << WORD_BITS
const FIRST_WORDS = 1 << 10
const FIRST_CASES = 512

class Segment {
  readonly words: Int32Array<ArrayBuffer>
  readonly doubles: Float64Array<ArrayBuffer>
  readonly bytes: Buffer<ArrayBuffer>

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(4 * length)
    this.words = new Int32Array(this.bytes.buffer)
    this.doubles = new Float64Array(this.bytes.buffer)
  }

  text(word: number, length: number): string {
    return length === 0 ? '' : this.bytes.toString('utf8', 4 * word, 4 * word + length)
  }
}

/**
 * All cases met so far. There can be hundreds of thousands, most of them passed: so each is kept in
 * words of large arrays, one after the other, and objects are made only for those who look.
 */
export class Cases {
  /** Different in each process, so that no file can be made whose names all have one hash. */
  readonly #seed = Math.trunc(Math.random() * 2 ** 31)
  readonly #segments: Segment[] = []
  /** The last segment, where the case at hand begins in it, and where its next name goes. */
  #segment = new Segment(0)
  #head = 0
  #next = 0
  /** Of the case at hand: the name that comes next, and the hash of those before. */
  #part = CLASS
  #hash = 0
  #text: Buffer<ArrayBuffer> = Buffer.alloc(0)
  #textView = new DataView(this.#text.buffer)

  /** The class of the case added last, which is mostly that of the next one: where, how long, and the hash with it. */
  #classSegment = this.#segment
  #classAt = 0
  #classLength = -1
  #classHash = 0
  /** Of the case at hand, where it does not share that one. */
  #ownClassHash = 0

  /** Places of the cases. */
  #places = new Int32Array(FIRST_CASES)
  #size = 0
  /** Where the cases of each suite are found, and the one looked at last: they stand together, and so does their table. */
  readonly #slots = new Slots()
  readonly #tables: Table[] = []
  #table = this.#slots.table(FIRST_SLOTS)
  #tableOf = -1
  readonly #assertions = new Map<number, number>()
  /** The first is that of all who have none. */
  readonly #messages: (string | undefined)[] = [undefined]
  readonly #properties = new Map<number, Properties>()
  repeated = 0

  get size(): number {
    return this.#size
  }

  /** `place`: the same for suites of the same names, which may stand in a report more than once. */
  add(place: number, { classname, name, file }: Pick<TestCase, 'classname' | 'name' | 'file'>, one: CaseOutcome): void {
    this.begin(3 * (classname.length + name.length + file.length))
    this.text(classname)
    this.text(name)
    this.text(file)
    this.commit(place, one)
  }

  /** Begins a case whose names have at most so many bytes together: class, name and file follow, then `commit`. */
  begin(bytes: number): void {
    const wanted = HEAD + ((bytes + PADDING) >> 2)
    // A segment may be longer for the sake of one case; no other case begins beyond what a place can tell.
    if (this.#head + wanted > Math.min(this.#segment.words.length, SEGMENT_WORDS)) {
      const length = Math.max(FIRST_WORDS, Math.min(SEGMENT_WORDS, 2 * this.#segment.words.length), wanted)
      this.#segment = new Segment(even(length))
      this.#segments.push(this.#segment)
      this.#head = 0
    }
    this.#next = this.#head + HEAD
    this.#part = CLASS
    this.#hash = this.#seed
  }

  text(text: string): void {
    if (3 * text.length > this.#text.length) {
      this.#text = Buffer.allocUnsafeSlow(6 * text.length)
      this.#textView = new DataView(this.#text.buffer)
    }
    this.bytes(this.#textView, 0, text === '' ? 0 : this.#text.write(text))
  }

  /** The same from UTF-8. */
  bytes(source: DataView, start: number, end: number): void {
    const { words } = this.#segment
    const length = end - start
    words[this.#head + LENGTHS + this.#part] = length
    if (this.#part === CLASS) {
      if (length === this.#classLength && this.#isLastClass(source, start, end)) {
        words[this.#head + CLASS_AT] = this.#classAt
        this.#hash = this.#classHash
        this.#part = NAME
        return
      }
      words[this.#head + CLASS_AT] = this.#place + HEAD
    }
    let hash = this.#hash
    let to = this.#next
    let from = start
    if (from + 8 <= end) {
      // Two at a time, none of which waits for the other.
      let other = hash
      for (; from + 8 <= end; from += 8) {
        const first = source.getInt32(from, IS_LITTLE)
        const second = source.getInt32(from + 4, IS_LITTLE)
        words[to] = first
        words[to + 1] = second
        to += 2
        hash = mixed(hash, first)
        other = mixed(other, second)
      }
      hash = mixed(hash, other)
    }
    for (; from < end; from += 4) {
      const word = wordAt(source, from, end)
      words[to] = word
      to += 1
      hash = mixed(hash, word)
    }
    this.#hash = mixed(hash, length)
    if (this.#part === CLASS) this.#ownClassHash = this.#hash
    this.#next = to
    this.#part += 1
  }

  #isLastClass(source: DataView, start: number, end: number): boolean {
    const { words } = this.#classSegment
    let at = this.#classAt & (SEGMENT_WORDS - 1)
    for (let from = start; from < end; from += 4) {
      if (words[at] !== wordAt(source, from, end)) return false
      at += 1
    }
    return true
  }

  /** Of the case at hand. */
  get #place(): number {
    return ((this.#segments.length - 1) << WORD_BITS) | this.#head
  }

  commit(place: number, one: CaseOutcome): void {
    const hash = mixed(this.#hash, FINAL)
    const rank = rankOf(one.status)
    if (place !== this.#tableOf) {
      this.#table = this.#tables[place] ??= this.#slots.table(FIRST_SLOTS)
      this.#tableOf = place
    }
    const table = this.#table
    const { slots, begin, last } = table
    let slot = hash & last
    for (let entry = slots[begin + slot] as number; entry !== 0; entry = slots[begin + slot] as number) {
      if (((entry ^ hash) & TAG) === 0 && this.#isSame((entry & ~TAG) - 1, hash)) return this.#join((entry & ~TAG) - 1, rank, one)
      slot = (slot + 1) & last
    }
    const added = this.#size
    if (added === this.#places.length) this.#places = larger(this.#places)
    slots[begin + slot] = (hash & TAG) | (added + 1)
    table.count += 1
    const head = this.#head
    this.#places[added] = this.#place
    this.#size = added + 1
    const { words, doubles } = this.#segment
    doubles[(head + SECONDS) >> 1] = one.seconds
    words[head + HASH] = hash
    words[head + SUITE] = one.suite
    words[head + STATUS] = one.flaky ? rank | FLAKY : rank
    words[head + MESSAGE] = one.message === undefined ? 0 : this.#messages.push(one.message) - 1
    if (words[head + CLASS_AT] !== this.#classAt) this.#rememberClass()
    this.#head = even(this.#next)
    if (2 * table.count > last) this.#widen(table)
    if (one.assertions !== undefined) this.#assertions.set(added, one.assertions)
    if (one.properties) this.#properties.set(added, one.properties)
  }

  /** The class of the case at hand is the one to look for next. */
  #rememberClass(): void {
    this.#classSegment = this.#segment
    this.#classAt = this.#segment.words[this.#head + CLASS_AT] as number
    this.#classLength = this.#segment.words[this.#head + LENGTHS + CLASS] as number
    this.#classHash = this.#ownClassHash
  }

  /** Whether the case at hand has the names of one added before. */
  #isSame(index: number, hash: number): boolean {
    const { words } = this.#segmentAt(this.#places[index] as number)
    const at = wordOf(this.#places[index] as number)
    const own = this.#segment.words
    const head = this.#head
    if (words[at + HASH] !== hash) return false
    for (const part of [CLASS, NAME, FILE]) if (words[at + LENGTHS + part] !== own[head + LENGTHS + part]) return false
    const [classAt, ownClassAt] = [words[at + CLASS_AT] as number, own[head + CLASS_AT] as number]
    const classLength = aligned(own[head + LENGTHS + CLASS] as number)
    const isSameClass =
      classAt === ownClassAt ||
      areSame(this.#segmentAt(classAt).words, wordOf(classAt), this.#segmentAt(ownClassAt).words, wordOf(ownClassAt), classLength)
    const [names, ownNames] = [this.#namesOf(words, at), this.#namesOf(own, head)]
    return isSameClass && areSame(words, names, own, ownNames, this.#next - ownNames)
  }

  /** Where the name of a case begins: after its class, if that is its own. */
  #namesOf(words: Int32Array, at: number): number {
    const classAt = words[at + CLASS_AT] as number
    const isOwn = wordOf(classAt) === at + HEAD && this.#segmentAt(classAt).words === words
    return at + HEAD + (isOwn ? aligned(words[at + LENGTHS + CLASS] as number) : 0)
  }

  #segmentAt(place: number): Segment {
    return this.#segments[place >>> WORD_BITS] as Segment
  }

  #widen(table: Table): void {
    const { slots, begin, last } = table
    const wider = this.#slots.table(GROWTH * (last + 1))
    wider.count = table.count
    for (let at = begin; at <= begin + last; at += 1) {
      const entry = slots[at] as number
      if (entry === 0) continue
      const place = this.#places[(entry & ~TAG) - 1] as number
      let slot = (this.#segmentAt(place).words[wordOf(place) + HASH] as number) & wider.last
      while (wider.slots[wider.begin + slot] !== 0) slot = (slot + 1) & wider.last
      wider.slots[wider.begin + slot] = entry
    }
    this.#table = this.#tables[this.#tableOf] = wider
  }

  /** Repeats are retries or namesakes, and the report does not say which: the worst outcome stands. */
  #join(index: number, rank: number, one: CaseOutcome): void {
    this.repeated += 1
    const { words, doubles } = this.#segmentAt(this.#places[index] as number)
    const head = wordOf(this.#places[index] as number)
    const status = words[head + STATUS] as number
    const known = status & ~FLAKY
    const isFlaky = one.flaky || (status & FLAKY) !== 0 || (known >= FAILED && rank === PASSED) || (known === PASSED && rank >= FAILED)
    words[head + STATUS] = Math.max(known, rank) | (isFlaky ? FLAKY : 0)
    if (rank > known && one.message !== undefined) words[head + MESSAGE] = this.#messages.push(one.message) - 1
    const seconds = doubles[(head + SECONDS) >> 1] as number
    if (!Number.isNaN(one.seconds)) doubles[(head + SECONDS) >> 1] = Number.isNaN(seconds) ? one.seconds : seconds + one.seconds
    if (one.assertions !== undefined) this.#assertions.set(index, (this.#assertions.get(index) ?? 0) + one.assertions)
  }

  *[Symbol.iterator](): Generator<TestCase> {
    for (let index = 0; index < this.#size; index += 1) {
      const segment = this.#segmentAt(this.#places[index] as number)
      const at = wordOf(this.#places[index] as number)
      const { words, doubles } = segment
      const classAt = words[at + CLASS_AT] as number
      const name = this.#namesOf(words, at)
      const nameLength = words[at + LENGTHS + NAME] as number
      const status = words[at + STATUS] as number
      const seconds = doubles[(at + SECONDS) >> 1] as number
      yield {
        suite: words[at + SUITE] as number,
        classname: this.#segmentAt(classAt).text(wordOf(classAt), words[at + LENGTHS + CLASS] as number),
        name: segment.text(name, nameLength),
        file: segment.text(name + aligned(nameLength), words[at + LENGTHS + FILE] as number),
        status: STATUSES[status & ~FLAKY] ?? 'errored',
        flaky: (status & FLAKY) !== 0,
        seconds: Number.isNaN(seconds) ? undefined : seconds,
        assertions: this.#assertions.get(index),
        message: this.#messages[words[at + MESSAGE] as number],
        properties: this.#properties.get(index),
      }
    }
  }
}

const FIRST_SLOTS = 16
const GROWTH = 4

/** A part of `slots`: index of a case and one, below the highest bits of its hash, at its hash or after it; 0 where there is none. */
class Table {
  readonly slots: Int32Array
  readonly begin: number
  /** Of its slots, whose number is a power of two. */
  readonly last: number
  count = 0

  constructor(slots: Int32Array, begin: number, length: number) {
    this.slots = slots
    this.begin = begin
    this.last = length - 1
  }
}

/** Gives room to tables: there is one for each suite, and an array for each costs as much as all else together. */
class Slots {
  #slots = new Int32Array(0)
  #taken = 0

  table(length: number): Table {
    if (this.#taken + length > this.#slots.length) {
      this.#slots = new Int32Array(Math.max(SLOTS, length))
      this.#taken = 0
    }
    this.#taken += length
    return new Table(this.#slots, this.#taken - length, length)
  }
}

const SLOTS = 1 << 14

/** As words in memory are. */
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Three parts, each filled up to a word. */
const PADDING = 12
const FINAL = 0x2545f491
/** Bits of an entry of the table that are those of the hash; below them there is room for the index of any case. */
const TAG = -(1 << 20)

/** Words that so many bytes take. */
const aligned = (length: number): number => (length + 3) >> 2

const even = (length: number): number => (length + 1) & ~1

const wordOf = (place: number): number => place & (SEGMENT_WORDS - 1)

/** The four bytes from there on, as far as there are so many. */
function wordAt(source: DataView, from: number, end: number): number {
  if (from + 4 <= end) return source.getInt32(from, IS_LITTLE)
  let word = 0
  for (let at = from; at < end; at += 1) word |= source.getUint8(at) << (IS_LITTLE ? (at - from) << 3 : 24 - ((at - from) << 3))
  return word
}

function areSame(words: Int32Array, at: number, others: Int32Array, other: number, length: number): boolean {
  for (let word = 0; word < length; word += 1) if (words[at + word] !== others[other + word]) return false
  return true
}

function larger(places: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(GROWTH * places.length)
  wider.set(places)
  return wider
}

/** A step of a hash, after MurmurHash3. */
function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x85ebca6b)
  return next ^ (next >>> 15)
}
