import type { CaseStatus, Properties, TestCase } from './cases.ts'

/** From best to worst. */
const STATUSES = ['passed', 'skipped', 'failed', 'errored'] as const satisfies readonly CaseStatus[]
const PASSED = 0
const FAILED = 2

export type CaseOutcome = Pick<TestCase, 'suite' | 'status'> &
  Partial<Pick<TestCase, 'flaky' | 'seconds' | 'assertions' | 'message' | 'properties'>>

const SEGMENT_BYTES = 1 << 20
const FIRST_SEGMENT_BYTES = 1 << 12
const FIRST_CASES = 512
const GROWTH = 4

/** Numbers kept of each case: where its key lies, how long that and its parts are, its hash and suite. */
const [AT, CLASS_LENGTH, NAME_LENGTH, FILE_LENGTH, HASH, SUITE, FIELDS] = [0, 1, 2, 3, 4, 5, 6]

/**
 * All cases met so far. There can be hundreds of thousands, most of them passed: so names are kept
 * as bytes and numbers in arrays, some 100 bytes a case, and objects are made only for those who look.
 */
export class Cases {
  /** Different in each process, so that no file can be made whose names all have one hash. */
  readonly #seed = Math.trunc(Math.random() * 2 ** 31)
  readonly #segments: Buffer[] = []
  /** The last segment, and how much of it is taken by keys and by the one that is being written. */
  #segment = Buffer.allocUnsafeSlow(0)
  #words = new Int32Array(0)
  /** Of the key that is being written. */
  #hash = 0
  #taken = 0
  #written = 0
  readonly #lengths: [number, number, number] = [0, 0, 0]
  #part = 0

  #fields = new Int32Array(FIRST_CASES * FIELDS)
  #seconds = new Float64Array(FIRST_CASES)
  #statuses = new Uint8Array(FIRST_CASES)
  /** Where the cases of each place are found, and the one looked at last: the cases of a suite stand together, and so does their table. */
  readonly #tables: Table[] = []
  #table = new Table()
  #tablePlace = -1
  #size = 0
  readonly #flaky = new Set<number>()
  readonly #assertions = new Map<number, number>()
  readonly #messages = new Map<number, string>()
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

  /** Begins the names of a case, which have at most so many bytes together: class, name and file follow, then `commit`. */
  begin(bytes: number): void {
    const wanted = bytes + PADDING
    if (this.#taken + wanted > this.#segment.length || this.#segments.length === 0) {
      const length = Math.max(FIRST_SEGMENT_BYTES, Math.min(SEGMENT_BYTES, 2 * this.#segment.length), wanted + 3)
      this.#segment = Buffer.allocUnsafeSlow(length & ~3)
      this.#segments.push(this.#segment)
      this.#words = new Int32Array(this.#segment.buffer)
      this.#taken = 0
    }
    this.#written = this.#taken
    this.#part = 0
    this.#hash = this.#seed
  }

  text(text: string): void {
    const start = this.#written
    const length = text === '' ? 0 : this.#segment.write(text, start)
    this.#segment.fill(0, start + length, aligned(start + length))
    const end = aligned(start + length) >> 2
    const words = this.#words
    let hash = this.#hash
    let at = start >> 2
    // As `bytes` does: the same name has one hash, whichever way it came. Only whole words go in pairs.
    const pairs = at + ((length >> 3) << 1)
    if (at < pairs) {
      let other = hash
      for (; at < pairs; at += 2) {
        hash = mixed(hash, words[at] as number)
        other = mixed(other, words[at + 1] as number)
      }
      hash = mixed(hash, other)
    }
    for (; at < end; at += 1) hash = mixed(hash, words[at] as number)
    this.#end(hash, length)
  }

  /** The same from UTF-8. */
  bytes(source: DataView, start: number, end: number): void {
    const words = this.#words
    let hash = this.#hash
    let to = this.#written >> 2
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
    for (; from + 4 <= end; from += 4) {
      const word = source.getInt32(from, IS_LITTLE)
      words[to] = word
      to += 1
      hash = mixed(hash, word)
    }
    if (from < end) {
      let word = 0
      for (let shift = 0; from < end; shift += 8) {
        word |= source.getUint8(from) << shift
        from += 1
      }
      this.#segment.writeInt32LE(word, to << 2)
      hash = mixed(hash, words[to] as number)
    }
    this.#end(hash, end - start)
  }

  /** Every part begins at a whole word. */
  #end(hash: number, length: number): void {
    this.#hash = mixed(hash, length)
    this.#written = aligned(this.#written + length)
    this.#lengths[this.#part] = length
    this.#part += 1
  }

  commit(place: number, one: CaseOutcome): void {
    const hash = mixed(this.#hash, FINAL)
    const rank = RANKS[one.status]
    if (place !== this.#tablePlace) {
      this.#table = this.#tables[place] ??= new Table()
      this.#tablePlace = place
    }
    const { slots } = this.#table
    const last = slots.length - 1
    let slot = hash & last
    for (let entry = slots[slot] as number; entry !== 0; entry = slots[slot] as number) {
      if (((entry ^ hash) & TAG) === 0 && this.#isSame((entry & ~TAG) - 1, hash)) return this.#join((entry & ~TAG) - 1, rank, one)
      slot = (slot + 1) & last
    }
    const added = this.#size
    if (added === this.#statuses.length) this.#grow()
    slots[slot] = (hash & TAG) | (added + 1)
    this.#table.count += 1
    if (2 * this.#table.count > slots.length) this.#table.slots = this.#widened(slots)
    const field = added * FIELDS
    const fields = this.#fields
    fields[field + AT] = (this.#segments.length - 1) * SEGMENT_BYTES + this.#taken
    fields[field + CLASS_LENGTH] = this.#lengths[0]
    fields[field + NAME_LENGTH] = this.#lengths[1]
    fields[field + FILE_LENGTH] = this.#lengths[2]
    fields[field + HASH] = hash
    fields[field + SUITE] = one.suite
    this.#seconds[added] = one.seconds ?? Number.NaN
    this.#statuses[added] = rank
    this.#taken = this.#written
    this.#size = added + 1
    if (one.flaky) this.#flaky.add(added)
    if (one.assertions !== undefined) this.#assertions.set(added, one.assertions)
    if (one.message !== undefined) this.#messages.set(added, one.message)
    if (one.properties) this.#properties.set(added, one.properties)
  }

  #isSame(index: number, hash: number): boolean {
    const field = index * FIELDS
    const fields = this.#fields
    if (fields[field + HASH] !== hash) return false
    if (fields[field + CLASS_LENGTH] !== this.#lengths[0] || fields[field + NAME_LENGTH] !== this.#lengths[1]) return false
    if (fields[field + FILE_LENGTH] !== this.#lengths[2]) return false
    const segment = this.#segmentOf(index)
    const at = this.#offsetOf(index)
    return segment.compare(this.#segment, this.#taken, this.#written, at, at + this.#written - this.#taken) === 0
  }

  #segmentOf(index: number): Buffer {
    return this.#segments[(this.#fields[index * FIELDS + AT] as number) >>> 20] as Buffer
  }

  #offsetOf(index: number): number {
    return (this.#fields[index * FIELDS + AT] as number) & (SEGMENT_BYTES - 1)
  }

  #grow(): void {
    const capacity = GROWTH * this.#statuses.length
    const [fields, seconds, statuses] = [this.#fields, this.#seconds, this.#statuses]
    this.#fields = new Int32Array(capacity * FIELDS)
    this.#fields.set(fields)
    this.#seconds = new Float64Array(capacity)
    this.#seconds.set(seconds)
    this.#statuses = new Uint8Array(capacity)
    this.#statuses.set(statuses)
  }

  #widened(slots: Int32Array): Int32Array<ArrayBuffer> {
    const wider = new Int32Array(GROWTH * slots.length)
    const last = wider.length - 1
    for (const entry of slots) {
      if (entry === 0) continue
      let slot = (this.#fields[((entry & ~TAG) - 1) * FIELDS + HASH] as number) & last
      while (wider[slot] !== 0) slot = (slot + 1) & last
      wider[slot] = entry
    }
    return wider
  }

  /** Repeats are retries or namesakes, and the report does not say which: the worst outcome stands. */
  #join(index: number, rank: number, one: CaseOutcome): void {
    this.repeated += 1
    const known = this.#statuses[index] ?? PASSED
    if (one.flaky || (known >= FAILED && rank === PASSED) || (known === PASSED && rank >= FAILED)) this.#flaky.add(index)
    if (rank > known) {
      this.#statuses[index] = rank
      if (one.message !== undefined) this.#messages.set(index, one.message)
    }
    const seconds = this.#seconds[index] ?? Number.NaN
    if (one.seconds !== undefined) this.#seconds[index] = Number.isNaN(seconds) ? one.seconds : seconds + one.seconds
    if (one.assertions !== undefined) this.#assertions.set(index, (this.#assertions.get(index) ?? 0) + one.assertions)
  }

  *[Symbol.iterator](): Generator<TestCase> {
    for (let index = 0; index < this.#size; index += 1) {
      const field = index * FIELDS
      const segment = this.#segmentOf(index)
      const at = this.#offsetOf(index)
      const classLength = this.#fields[field + CLASS_LENGTH] as number
      const nameLength = this.#fields[field + NAME_LENGTH] as number
      const fileLength = this.#fields[field + FILE_LENGTH] as number
      const name = at + aligned(classLength)
      const file = name + aligned(nameLength)
      const seconds = this.#seconds[index] as number
      yield {
        suite: this.#fields[field + SUITE] as number,
        classname: classLength === 0 ? '' : segment.toString('utf8', at, at + classLength),
        name: segment.toString('utf8', name, name + nameLength),
        file: fileLength === 0 ? '' : segment.toString('utf8', file, file + fileLength),
        status: STATUSES[this.#statuses[index] as number] ?? 'errored',
        flaky: this.#flaky.has(index),
        seconds: Number.isNaN(seconds) ? undefined : seconds,
        assertions: this.#assertions.get(index),
        message: this.#messages.get(index),
        properties: this.#properties.get(index),
      }
    }
  }
}

const FIRST_SLOTS = 16

class Table {
  /** Index of a case and one, below the highest bits of its hash, at its hash or after it; 0 where there is none. */
  slots = new Int32Array(FIRST_SLOTS)
  count = 0
}

/** As words in memory are. */
const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Three parts, each filled up to a word. */
const PADDING = 12
const FINAL = 0x2545f491
/** Bits of an entry of the table that are those of the hash; below them there is room for the index of any case. */
const TAG = -(1 << 20)

const aligned = (length: number): number => (length + 3) & ~3

/** A step of a hash, after MurmurHash3. */
function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x85ebca6b)
  return next ^ (next >>> 15)
}

const RANKS: Readonly<Record<CaseStatus, number>> = { passed: 0, skipped: 1, failed: 2, errored: 3 }
