import type { CaseStatus, Properties, TestCase } from './test-cases.ts'

/** From best to worst. */
const STATUSES = ['passed', 'skipped', 'failed', 'errored'] as const satisfies readonly CaseStatus[]
const PASSED = 0
const FAILED = 2

export type CaseOutcome = Pick<TestCase, 'suite' | 'status'> &
  Partial<Pick<TestCase, 'flaky' | 'seconds' | 'assertions' | 'message' | 'properties'>>

const SEGMENT_BYTES = 1 << 20
const FIRST_SEGMENT_BYTES = 1 << 12
const FIRST_CASES = 64

/** Numbers kept of each case: where its key lies, how long that and its parts are, its hash, place and suite. */
const [AT, CLASS_LENGTH, NAME_LENGTH, FILE_LENGTH, HASH, PLACE, SUITE, FIELDS] = [0, 1, 2, 3, 4, 5, 6, 7]

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
  #taken = 0
  #written = 0
  readonly #lengths: [number, number, number] = [0, 0, 0]
  #part = 0

  #fields = new Int32Array(FIRST_CASES * FIELDS)
  #seconds = new Float64Array(FIRST_CASES)
  #statuses = new Uint8Array(FIRST_CASES)
  /** Index of a case and one, at its hash or after it; 0 where there is none. */
  #table = new Int32Array(2 * FIRST_CASES)
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
    if (this.#taken + bytes + 4 > this.#segment.length || this.#segments.length === 0) {
      const wanted = Math.min(SEGMENT_BYTES, Math.max(FIRST_SEGMENT_BYTES, 2 * this.#segment.length))
      this.#segment = Buffer.allocUnsafeSlow(Math.max((bytes + 7) & ~3, wanted))
      this.#words = new Int32Array(this.#segment.buffer, 0, this.#segment.length >>> 2)
      this.#segments.push(this.#segment)
      this.#taken = 0
    }
    this.#written = this.#taken
    this.#part = 0
  }

  text(text: string): void {
    const length = text === '' ? 0 : this.#segment.write(text, this.#written)
    this.#written += length
    this.#lengths[this.#part] = length
    this.#part += 1
  }

  /** The same from UTF-8. */
  bytes(source: Uint8Array, start: number, end: number): void {
    const segment = this.#segment
    let to = this.#written
    for (let from = start; from < end; from += 1) {
      segment[to] = source[from] as number
      to += 1
    }
    this.#written = to
    this.#lengths[this.#part] = end - start
    this.#part += 1
  }

  commit(place: number, one: CaseOutcome): void {
    const hash = this.#hash(place)
    const rank = RANKS[one.status]
    let slot = hash & (this.#table.length - 1)
    for (;;) {
      const index = (this.#table[slot] as number) - 1
      if (index < 0) break
      if (this.#isSame(index, hash, place)) return this.#join(index, rank, one)
      slot = (slot + 1) & (this.#table.length - 1)
    }
    const added = this.#size
    if (added === this.#statuses.length) this.#grow()
    this.#put(added, hash)
    const field = added * FIELDS
    const fields = this.#fields
    fields[field + AT] = (this.#segments.length - 1) * SEGMENT_BYTES + this.#taken
    fields[field + CLASS_LENGTH] = this.#lengths[0]
    fields[field + NAME_LENGTH] = this.#lengths[1]
    fields[field + FILE_LENGTH] = this.#lengths[2]
    fields[field + HASH] = hash
    fields[field + PLACE] = place
    fields[field + SUITE] = one.suite
    this.#seconds[added] = one.seconds ?? Number.NaN
    this.#statuses[added] = rank
    this.#taken = (this.#written + 3) & ~3
    this.#size = added + 1
    if (one.flaky) this.#flaky.add(added)
    if (one.assertions !== undefined) this.#assertions.set(added, one.assertions)
    if (one.message !== undefined) this.#messages.set(added, one.message)
    if (one.properties) this.#properties.set(added, one.properties)
  }

  /** Murmur-like, four bytes at a time; keys begin at multiples of four. */
  #hash(place: number): number {
    const words = this.#words
    const bytes = this.#written - this.#taken
    // What stands after the key is not of it.
    for (let at = this.#written; at % 4 !== 0; at += 1) this.#segment[at] = 0
    let hash = this.#seed ^ Math.imul(place + 1, 0x9e3779b1)
    const end = (this.#written + 3) >>> 2
    for (let at = this.#taken >>> 2; at < end; at += 1) {
      const word = Math.imul(words[at] as number, 0xcc9e2d51)
      hash = Math.imul(hash ^ ((word << 15) | (word >>> 17)), 0x85ebca6b)
      hash ^= hash >>> 13
    }
    hash = Math.imul(hash ^ bytes ^ (this.#lengths[0] << 16), 0xc2b2ae35)
    return hash ^ (hash >>> 16)
  }

  #isSame(index: number, hash: number, place: number): boolean {
    const field = index * FIELDS
    const fields = this.#fields
    if (fields[field + HASH] !== hash || fields[field + PLACE] !== place) return false
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

  #put(index: number, hash: number): void {
    let slot = hash & (this.#table.length - 1)
    while (this.#table[slot] !== 0) slot = (slot + 1) & (this.#table.length - 1)
    this.#table[slot] = index + 1
  }

  #grow(): void {
    const capacity = 2 * this.#statuses.length
    const [fields, seconds, statuses] = [this.#fields, this.#seconds, this.#statuses]
    this.#fields = new Int32Array(capacity * FIELDS)
    this.#fields.set(fields)
    this.#seconds = new Float64Array(capacity)
    this.#seconds.set(seconds)
    this.#statuses = new Uint8Array(capacity)
    this.#statuses.set(statuses)
    this.#table = new Int32Array(2 * capacity)
    for (let index = 0; index < this.#size; index += 1) this.#put(index, fields[index * FIELDS + HASH] as number)
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
      const name = at + (this.#fields[field + CLASS_LENGTH] as number)
      const file = name + (this.#fields[field + NAME_LENGTH] as number)
      const end = file + (this.#fields[field + FILE_LENGTH] as number)
      const seconds = this.#seconds[index] as number
      yield {
        suite: this.#fields[field + SUITE] as number,
        classname: at === name ? '' : segment.toString('utf8', at, name),
        name: segment.toString('utf8', name, file),
        file: file === end ? '' : segment.toString('utf8', file, end),
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

const RANKS: Readonly<Record<CaseStatus, number>> = { passed: 0, skipped: 1, failed: 2, errored: 3 }
