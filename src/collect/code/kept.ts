import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { LANGUAGES } from '#collect/source-code/languages.ts'
import { SCANNER_VERSION } from '#collect/scan/line-scan.ts'
import type { BlobCounts, Told } from './count.ts'
import type { IdLines } from './ids.ts'

/**
 * Counts by blob and by what its path told of the language, in a file of 32-bit words: a head, then
 * a record each of id, both languages and counts. A file that is damaged, of another machine's byte
 * order, of another version or of other languages is as if it were not there.
 */
const MAGIC = 0x4c4f4331
const HEAD_WORDS = 5
const MAX_RECORDS = 1_000_000
const NUMBERS_OF_WORDS = { 40: 5, 64: 8 } as const

/** Whatever the counts depend on beside the blob. */
const VERSION = crc32(
  JSON.stringify([SCANNER_VERSION, LANGUAGES], (_, value: unknown) => (typeof value === 'function' ? String(value) : value)),
)

const [SCRIPT, M, NONE, BINARY] = [LANGUAGES.length, LANGUAGES.length + 1, LANGUAGES.length, LANGUAGES.length + 1]
/** Of a record whose blob was not read so far. */
const UNCOUNTED = 0xffff
const INDICES = new Map(LANGUAGES.map((language, index) => [language, index]))

const toldIndex = (told: Told): number => (told === 'script' ? SCRIPT : told === 'm' ? M : (INDICES.get(told) ?? NONE))

export class KeptCounts {
  readonly #file: string
  readonly #idWords: number
  /** The one that is looked for. */
  readonly #id: Uint32Array
  /** Of each record: id, what the path told and the language found (16 bits each), code, comment, blank. */
  #words: Uint32Array
  #records = 0
  /** Numbers of records plus 1, by the beginning of the id. */
  #slots: Int32Array
  /** Records of this run. */
  #isUsed: Uint8Array
  #isChanged = false
  /** The record that was asked for last. */
  #last = -1
  #saving: Promise<void> = Promise.resolve()

  private constructor(file: string, idLength: 40 | 64) {
    this.#file = file
    this.#idWords = NUMBERS_OF_WORDS[idLength]
    this.#id = new Uint32Array(this.#idWords)
    this.#words = new Uint32Array(0)
    this.#slots = new Int32Array(0)
    this.#isUsed = new Uint8Array(0)
  }

  static async open(file: string, idLength: 40 | 64): Promise<KeptCounts> {
    const kept = new KeptCounts(file, idLength)
    const bytes = await readFile(file).catch(() => undefined)
    const words = bytes && bytes.length % 4 === 0 ? new Uint32Array(Uint8Array.from(bytes).buffer) : new Uint32Array(0)
    const body = words.subarray(HEAD_WORDS)
    const [magic, version, idWords, records = 0, sum] = words
    const isGood =
      magic === MAGIC &&
      version === VERSION &&
      idWords === kept.#idWords &&
      body.length === records * kept.#width &&
      sum === crc32(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
    if (isGood) kept.#words = body
    kept.#records = isGood ? records : 0
    kept.#isUsed = new Uint8Array(kept.#records)
    kept.#index()
    return kept
  }

  get #width(): number {
    return this.#idWords + 4
  }

  /** The number of the record of a blob, which may be without counts so far. */
  record(ids: IdLines, index: number, told: Told): number {
    for (let word = 0; word < this.#idWords; word += 1) this.#id[word] = ids.word(index, word)
    const toldAs = toldIndex(told)
    // Whoever asks in the order of the last time is told without a search.
    const next = this.#last + 1
    let record = next < this.#records && this.#isRecordOf(next, toldAs) ? next : this.#search(toldAs)
    if (record < 0) record = this.#append(toldAs)
    this.#isUsed[record] = 1
    this.#last = record
    return record
  }

  counts(record: number): BlobCounts | undefined {
    const at = record * this.#width + this.#idWords
    const found = (this.#words[at] as number) & 0xffff
    if (found === UNCOUNTED) return undefined
    return {
      language: found === NONE ? undefined : found === BINARY ? 'binary' : LANGUAGES[found],
      code: this.#words[at + 1] as number,
      comment: this.#words[at + 2] as number,
      blank: this.#words[at + 3] as number,
    }
  }

  count(record: number, { language, code, comment, blank }: BlobCounts): void {
    const found = language === undefined ? NONE : language === 'binary' ? BINARY : (INDICES.get(language) ?? NONE)
    const at = record * this.#width + this.#idWords
    this.#words[at] = ((this.#words[at] as number) & 0xffff_0000) | found
    this.#words[at + 1] = code
    this.#words[at + 2] = comment
    this.#words[at + 3] = blank
    this.#isChanged = true
  }

  /** Whole or not at all. What cannot be written is counted again the next time. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write()).catch(() => undefined)
    return this.#saving
  }

  async #write(): Promise<void> {
    if (!this.#isChanged) return
    this.#isChanged = false
    const width = this.#width
    const isFew = this.#records <= MAX_RECORDS
    const words = new Uint32Array(HEAD_WORDS + Math.min(this.#records, MAX_RECORDS) * width)
    let end = HEAD_WORDS
    for (let record = 0; record < this.#records && end < words.length; record += 1) {
      const at = record * width
      if (((this.#words[at + this.#idWords] as number) & 0xffff) === UNCOUNTED || !(isFew || this.#isUsed[record] === 1)) continue
      words.set(this.#words.subarray(at, at + width), end)
      end += width
    }
    const bytes = new Uint8Array(words.buffer, 0, 4 * end)
    words.set([MAGIC, VERSION, this.#idWords, (end - HEAD_WORDS) / width, crc32(bytes.subarray(4 * HEAD_WORDS))])
    const temporary = `${this.#file}.${process.pid}.new`
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      await writeFile(temporary, bytes, { flag: 'wx' })
      await rename(temporary, this.#file)
    } finally {
      await rm(temporary, { force: true })
    }
  }

  #append(toldAs: number): number {
    const record = this.#records
    const at = record * this.#width
    if (at + this.#width > this.#words.length)
      this.#words = larger(this.#words, 2 * (at + this.#width), (length) => new Uint32Array(length))
    if (record >= this.#isUsed.length) this.#isUsed = larger(this.#isUsed, 2 * (record + 1), (length) => new Uint8Array(length))
    this.#words.set(this.#id, at)
    this.#words[at + this.#idWords] = (toldAs << 16) | UNCOUNTED
    this.#records += 1
    if (2 * this.#records > this.#slots.length) this.#index()
    else this.#place(record)
    return record
  }

  /** The record of the id that is looked for; -1 where there is none. */
  #search(told: number): number {
    const mask = this.#slots.length - 1
    for (let slot = (this.#id[0] as number) & mask; ; slot = (slot + 1) & mask) {
      const record = (this.#slots[slot] as number) - 1
      if (record < 0 || this.#isRecordOf(record, told)) return record
    }
  }

  #isRecordOf(record: number, told: number): boolean {
    const at = record * this.#width
    if ((this.#words[at + this.#idWords] as number) >>> 16 !== told) return false
    for (let word = 0; word < this.#idWords; word += 1) if (this.#words[at + word] !== this.#id[word]) return false
    return true
  }

  #index(): void {
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(4 * (this.#records + 16))))
    for (let record = 0; record < this.#records; record += 1) this.#place(record)
  }

  #place(record: number): void {
    const mask = this.#slots.length - 1
    let slot = (this.#words[record * this.#width] as number) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = record + 1
  }
}

function larger<Words extends Uint32Array | Uint8Array>(words: Words, length: number, make: (length: number) => Words): Words {
  const made = make(length)
  made.set(words)
  return made
}
