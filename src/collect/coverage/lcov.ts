import { isUtf8 } from 'node:buffer'
import type { ByteParser, Outcome } from '#collect/scan/text.ts'
import { asUtf8 } from '#collect/scan/text.ts'
import { LcovRecord } from './lcov-record.ts'
import type { LineList, PairList } from './marks.ts'
import { branchOf } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { CoverageBuilder } from './model.ts'

const MAX_LINE_BYTES = 1 << 16

const [LF, CR, SPACE, COMMA, DASH, COLON] = [0x0a, 0x0d, 0x20, 0x2c, 0x2d, 0x3a]
const [A, B, D, E, F, H, L, N, R, S, T] = [0x41, 0x42, 0x44, 0x65, 0x46, 0x48, 0x4c, 0x4e, 0x52, 0x53, 0x54]
const END = Buffer.from('end_of_record\n')

/**
 * A push parser for lcov's trace files (geninfo(1), section FILES). Lines, branches and functions
 * are counted from their own records; the totals (`LF`, `LH`) are only compared. Lines written as
 * all writers do are read from the bytes as they are; any other goes the long way, as text.
 */
export const lcovReader = (): ByteParser<CoverageReport> => asUtf8(new LcovScanner())

class LcovScanner implements ByteParser<CoverageReport> {
  readonly #builder = new CoverageBuilder()
  #record: LcovRecord | undefined
  #spare: LcovRecord | undefined
  #number = 0
  #rest: Buffer = Buffer.alloc(0)
  #failure: Extract<Outcome<CoverageReport>, { ok: false }> | undefined
  #disagreeing = 0
  #firstDisagreement = ''
  #negative = 0

  write(piece: Uint8Array): void {
    // All bytes of one class, or reading them is slower.
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    if (this.#failure) return
    const first = this.#rest.length === 0 ? -1 : bytes.indexOf(LF)
    const last = bytes.lastIndexOf(LF)
    if (this.#rest.length > 0) {
      this.#rest = Buffer.concat([this.#rest, bytes.subarray(0, first < 0 ? bytes.length : first + 1)])
      if (first >= 0) {
        this.#read(this.#rest, 0, this.#rest.length)
        this.#rest = bytes.subarray(0, 0)
      }
    }
    if (last > first) this.#read(bytes, first + 1, last + 1)
    if (last >= 0 || this.#rest.length === 0) this.#rest = Buffer.from(bytes.subarray(last + 1))
    if (this.#failure) return
    if (this.#rest.length > MAX_LINE_BYTES) {
      this.#number += 1
      this.#refuse(`a line is longer than ${MAX_LINE_BYTES} characters`)
    }
    const { excess } = this.#builder
    if (excess !== undefined) this.#refuse(excess)
  }

  refuse(reason: string): void {
    this.#number += 1
    this.#refuse(reason)
  }

  end(): Outcome<CoverageReport> {
    if (!this.#failure && this.#rest.length > 0) this.#read(Buffer.concat([this.#rest, END.subarray(-1)]), 0, this.#rest.length + 1)
    if (!this.#failure && this.#number === 0) return { ok: false, line: 1, column: 1, reason: 'the file is empty' }
    if (this.#record) this.#refuse(`the file ends within the record of ${this.#record.path}: it is truncated`)
    return this.#failure ?? { ok: true, value: { files: this.#builder.files(), paths: 'files', remarks: this.#remarks() } }
  }

  #remarks(): readonly string[] {
    const [disagreeing, negative] = [this.#disagreeing, this.#negative]
    const [have, count] = negative === 1 ? ['1 branch has', 'counts'] : [`${negative} branches have`, 'count']
    return [
      ...(disagreeing === 0
        ? []
        : [
            `the totals of ${disagreeing} ${disagreeing === 1 ? 'file' : 'files'} differ from the lines listed (these count): ${this.#firstDisagreement}`,
          ]),
      ...(negative === 0 ? [] : [`${have} a count below zero and ${count} as not taken`]),
    ]
  }

  #refuse(reason: string): void {
    this.#failure ??= { ok: false, line: this.#number, column: 1, reason }
  }

  /** Whole lines: the last byte is an LF. */
  #read(bytes: Buffer, from: number, end: number): void {
    let i = from
    while (i < end) {
      linesRead = 1
      const next = this.#line(bytes, i, end)
      if (next > 0) {
        this.#number += linesRead
        i = next
      } else {
        const stops = bytes.indexOf(LF, i)
        this.#number += 1
        this.#text(bytes.subarray(i, stops))
        if (this.#failure) return
        i = stops + 1
      }
    }
  }

  /** The index after the `linesRead` lines that are read here; -1 for one that goes the long way. */
  #line(bytes: Buffer, i: number, end: number): number {
    const record = this.#record
    if (!record) return this.#outside(bytes, i)
    switch (bytes[i] as number) {
      case D:
        return reachedLines(bytes, i, end, this.#builder.lines)
      case B:
        if (bytes[i + 1] !== R) return -1
        if (bytes[i + 2] === D) return takenBranches(bytes, i, end, this.#builder.branches)
        return (bytes[i + 2] === F || bytes[i + 2] === H) && bytes[i + 3] === COLON ? passed(bytes, i + 4) : -1
      case F: {
        if (bytes[i + 1] !== N) return -1
        const third = bytes[i + 2]
        if (third === COLON) return namedFunction(bytes, i + 3, record)
        if (third === D && bytes[i + 3] === A && bytes[i + 4] === COLON) return calledFunction(bytes, i + 5, record)
        return (third === F || third === H) && bytes[i + 3] === COLON ? passed(bytes, i + 4) : -1
      }
      case E: {
        for (let at = 1; at < END.length; at += 1) if (bytes[i + at] !== END[at]) return -1
        this.#closeRecord(record)
        return i + END.length
      }
      case L: {
        const second = bytes[i + 1]
        return (second === F || second === H) && bytes[i + 2] === COLON ? total(bytes, i + 3, record, second === H) : -1
      }
      case T:
        return bytes[i + 1] === N && bytes[i + 2] === COLON ? passed(bytes, i + 3) : -1
      default:
        return -1
    }
  }

  /** A line between records. */
  #outside(bytes: Buffer, i: number): number {
    if (bytes[i] === T && bytes[i + 1] === N && bytes[i + 2] === COLON) return passed(bytes, i + 3)
    if (bytes[i] !== S || bytes[i + 1] !== F || bytes[i + 2] !== COLON) return -1
    const stops = endOfName(bytes, i + 3)
    if (stops < 0) return -1
    this.#openRecord(bytes.toString('latin1', i + 3, stops))
    return stops + 1
  }

  #openRecord(path: string): void {
    this.#record = this.#spare ?? new LcovRecord(this.#builder)
    this.#spare = undefined
    this.#record.path = path
  }

  #text(bytes: Buffer): void {
    if (!isUtf8(bytes)) return this.#refuse('the bytes here are not utf-8 text')
    const line = bytes.toString().trim()
    if (line === '' || line.startsWith('#')) return
    if (line === 'end_of_record') return this.#record ? this.#closeRecord(this.#record) : this.#refuse('end_of_record without SF')
    const colon = line.indexOf(':')
    const key = colon < 0 ? line : line.slice(0, colon)
    const value = line.slice(colon + 1)
    if (!KEYS.has(key)) return this.#refuse(`${JSON.stringify(key.slice(0, 40))} is no lcov record`)
    if (key === 'TN') return
    if (key === 'SF') {
      if (this.#record) return this.#refuse(`SF within the record of ${this.#record.path}: its end_of_record is missing`)
      if (value === '') return this.#refuse('SF without a path')
      return this.#openRecord(value)
    }
    if (!this.#record) return this.#refuse(`${key} outside of a record`)
    const reason = this.#record.read(key, value)
    if (reason !== undefined) this.#refuse(reason)
  }

  #closeRecord(record: LcovRecord): void {
    const { negative, disagreement } = record.close()
    this.#negative += negative
    if (disagreement !== undefined) {
      this.#disagreeing += 1
      this.#firstDisagreement ||= disagreement
    }
    this.#record = undefined
    this.#spare = record
  }
}

/** Records that say what is not counted here too: modified conditions, versions, totals. */
const KEYS: ReadonlySet<string> = new Set('TN SF VER FN FNDA FNL FNA FNF FNH BRDA BRF BRH DA LF LH MCDC MCF MCH'.split(' '))

// The records that files are made of. Each gives the index after its line, or -1 where anything is unusual.

const MOST_LINE_DIGITS = 9
/** So many are exact in any case. */
const MOST_COUNT_DIGITS = 15

/** The index after a line whose rest is nothing but its end. */
const after = (bytes: Buffer, at: number): number => (bytes[at] === LF ? at + 1 : bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : -1)

/** `DA:<line>,<count>`, one after the other: the index after the last of them, of which there are `linesRead`; -1 where there is none. */
function reachedLines(bytes: Buffer, from: number, end: number, lines: LineList): number {
  let i = from
  let read = 0
  while (i < end && bytes[i] === D && bytes[i + 1] === A && bytes[i + 2] === COLON) {
    const start = i + 3
    let at = start
    let line = 0
    let digit = (bytes[at] as number) - 48
    if (digit === 0) break
    while (digit >= 0 && digit <= 9) {
      line = line * 10 + digit
      digit = (bytes[++at] as number) - 48
    }
    if (at === start || at - start > MOST_LINE_DIGITS || bytes[at] !== COMMA) break
    const count = ++at
    let any = 0
    digit = (bytes[at] as number) - 48
    while (digit >= 0 && digit <= 9) {
      any |= digit
      digit = (bytes[++at] as number) - 48
    }
    if (at === count || at - count > MOST_COUNT_DIGITS) break
    const next = after(bytes, at)
    if (next < 0) break
    lines.add(line, any !== 0)
    read += 1
    i = next
  }
  linesRead = read
  return read === 0 ? -1 : i
}

let linesRead = 0

/** `BRDA:<line>,<block>,<branch>,<count>`, one after the other, with `-` for a count where the line was not reached; as `reachedLines`. */
function takenBranches(bytes: Buffer, from: number, end: number, branches: PairList): number {
  let i = from
  let read = 0
  while (i < end && bytes[i] === B && bytes[i + 2] === D && bytes[i + 3] === A && bytes[i + 4] === COLON) {
    const start = i + 5
    let at = start
    let line = 0
    let digit = (bytes[at] as number) - 48
    if (digit === 0) break
    while (digit >= 0 && digit <= 9) {
      line = line * 10 + digit
      digit = (bytes[++at] as number) - 48
    }
    if (at === start || at - start > MOST_LINE_DIGITS || bytes[at] !== COMMA) break
    const blockAt = ++at
    let block = 0
    digit = (bytes[at] as number) - 48
    while (digit >= 0 && digit <= 9) {
      block = block * 10 + digit
      digit = (bytes[++at] as number) - 48
    }
    const numberAt = ++at
    let number = 0
    digit = (bytes[at] as number) - 48
    while (digit >= 0 && digit <= 9) {
      number = number * 10 + digit
      digit = (bytes[++at] as number) - 48
    }
    const count = ++at
    if (!isPlain(bytes, blockAt, numberAt - 1) || !isPlain(bytes, numberAt, count - 1)) break
    let any = 0
    if (bytes[at] === DASH) at += 1
    else {
      digit = (bytes[at] as number) - 48
      while (digit >= 0 && digit <= 9) {
        any |= digit
        digit = (bytes[++at] as number) - 48
      }
      if (at === count || at - count > MOST_COUNT_DIGITS) break
    }
    const next = after(bytes, at)
    if (next < 0) break
    branches.add(line, branchOf(block, number), any !== 0)
    read += 1
    i = next
  }
  linesRead = read
  return read === 0 ? -1 : i
}

/** Whether the digits between make a number, and a comma follows: one of two spellings is a name, and told apart from the other. */
const isPlain = (bytes: Buffer, from: number, to: number): boolean =>
  bytes[to] === COMMA && to > from && to - from <= 6 && (to - from === 1 || bytes[from] !== 48)

/** `<count>` */
function total(bytes: Buffer, from: number, record: LcovRecord, isHit: boolean): number {
  let at = from
  let value = 0
  let digit = (bytes[at] as number) - 48
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit
    digit = (bytes[++at] as number) - 48
  }
  if (at === from || at - from > MOST_LINE_DIGITS) return -1
  const next = after(bytes, at)
  if (next > 0) record.total(value, isHit)
  return next
}

/** The end of a name of plain characters without a space at its end; -1 where it has others. */
function endOfName(bytes: Buffer, from: number): number {
  let at = from
  let byte = bytes[at] as number
  while (byte >= SPACE && byte < 0x7f) byte = bytes[++at] as number
  return at > from && byte === LF && bytes[at - 1] !== SPACE && bytes[from] !== SPACE ? at : -1
}

/** `<line>,<name>` or `<line>,<last line>,<name>` */
function namedFunction(bytes: Buffer, from: number, record: LcovRecord): number {
  let at = from
  let line = 0
  let digit = (bytes[at] as number) - 48
  if (digit === 0) return -1
  while (digit >= 0 && digit <= 9) {
    line = line * 10 + digit
    digit = (bytes[++at] as number) - 48
  }
  if (at === from || at - from > MOST_LINE_DIGITS || bytes[at] !== COMMA) return -1
  const name = at + 1
  const first = bytes[name] as number
  // A digit may begin a last line or a name.
  if (first >= 48 && first <= 57) return -1
  const stops = endOfName(bytes, name)
  if (stops < 0) return -1
  record.namedIn(line, bytes, name, stops)
  return stops + 1
}

/** `<count>,<name>` */
function calledFunction(bytes: Buffer, from: number, record: LcovRecord): number {
  let at = from
  let any = 0
  let digit = (bytes[at] as number) - 48
  while (digit >= 0 && digit <= 9) {
    any |= digit
    digit = (bytes[++at] as number) - 48
  }
  if (at === from || at - from > MOST_COUNT_DIGITS || bytes[at] !== COMMA) return -1
  const stops = endOfName(bytes, at + 1)
  if (stops < 0) return -1
  record.calledIn(any !== 0, bytes, at + 1, stops)
  return stops + 1
}

/** A line that is not counted. */
function passed(bytes: Buffer, from: number): number {
  let at = from
  let byte = bytes[at] as number
  while (byte !== LF && byte < 0x80) byte = bytes[++at] as number
  return byte === LF ? at + 1 : -1
}
