import { isUtf8 } from 'node:buffer'
import type { Json } from './json.ts'
import { JsonError, parseJson } from './json.ts'
import type { ByteParser, Outcome } from './text.ts'
import { asUtf8 } from './text.ts'
import { charactersIn } from './utf8.ts'

/** Takes a large object member by member. All may throw JsonError, with an offset in the member's value. */
export interface MemberHandler<T> {
  /** Keys of members that are objects and handed over member by member too. */
  readonly divided: readonly string[]
  /** `within`: the divided member that this one is in. */
  member(key: string, value: Json, within: string | undefined): void
  end(): T
}

/** A push parser for a JSON file that is one object, of which one member at a time is held. */
export const jsonMembers = <T>(handler: MemberHandler<T>): ByteParser<T> => asUtf8(new MemberScanner(handler))

const MAX_MEMBER_BYTES = 1 << 24

const [TAB, LF, CR, SPACE, QUOTE, COMMA, COLON, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x5c]
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d]

const isSpace = (byte: number): boolean => byte === SPACE || byte === LF || byte === CR || byte === TAB

type Expected = 'object' | 'first key' | 'key' | 'colon' | 'value' | 'next' | 'nothing'

const WORDS: Readonly<Record<Expected, string>> = {
  object: '"{"',
  'first key': 'a key in double quotes or "}"',
  key: 'a key in double quotes',
  colon: '":"',
  value: 'a value',
  next: '"," or "}"',
  nothing: 'nothing',
}

class MemberScanner<T> implements ByteParser<T> {
  readonly #handler: MemberHandler<T>
  #expected: Expected = 'object'
  #failure: Extract<Outcome<T>, { ok: false }> | undefined
  /** Keys met, of the object and of the divided member at hand. */
  readonly #keys: Set<string>[] = []
  #within: string | undefined
  #key = ''

  /** The key or value at hand, and where it began. */
  #token: Buffer = Buffer.alloc(0)
  #length = 0
  #isInToken = false
  #isKey = false
  #depth = 0
  #isInString = false
  #isEscaped = false
  #start = { line: 1, column: 1 }

  #line = 1
  /** Characters of the line before the byte at hand. */
  #column = 0
  #isEmpty = true

  constructor(handler: MemberHandler<T>) {
    this.#handler = handler
  }

  write(piece: Uint8Array): void {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    if (bytes.length > 0) this.#isEmpty = false
    let i = 0
    while (i < bytes.length && !this.#failure) {
      const from = i
      i = this.#isInToken ? this.#tokenPart(bytes, i) : this.#between(bytes, i)
      if (!this.#failure) this.#advance(bytes, from, i)
    }
  }

  refuse(reason: string): void {
    this.#failure ??= { ok: false, line: this.#line, column: this.#column + 1, reason }
  }

  end(): Outcome<T> {
    if (this.#isEmpty) this.refuse('the file is empty')
    if (this.#expected !== 'nothing')
      this.refuse(
        this.#isInToken
          ? `the file ends within a ${this.#isKey ? 'key' : 'value'}: it is truncated`
          : `the file ends where ${WORDS[this.#expected]} is expected: it is truncated`,
      )
    if (this.#failure) return this.#failure
    try {
      return { ok: true, value: this.#handler.end() }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      return { ok: false, line: 1, column: 1, reason: error.message }
    }
  }

  #advance(bytes: Buffer, from: number, to: number): void {
    let start = from
    for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, start)) {
      this.#line += 1
      this.#column = 0
      start = at + 1
    }
    this.#column += charactersIn(bytes, start, to)
  }

  /** One byte outside of keys and values. */
  #between(bytes: Buffer, i: number): number {
    const byte = bytes[i] as number
    if (isSpace(byte)) return i + 1
    const expected = this.#expected
    if (byte === OPEN && (expected === 'object' || (expected === 'value' && this.#isDivided()))) {
      if (expected === 'value') this.#within = this.#key
      this.#keys.push(new Set())
      this.#expected = 'first key'
    } else if (byte === QUOTE && (expected === 'key' || expected === 'first key')) return this.#begin(bytes, i, true)
    else if (byte === COLON && expected === 'colon') this.#expected = 'value'
    else if (byte === COMMA && expected === 'next') this.#expected = 'key'
    else if (byte === CLOSE && (expected === 'next' || expected === 'first key')) {
      this.#keys.pop()
      this.#within = undefined
      this.#expected = this.#keys.length === 0 ? 'nothing' : 'next'
    } else if (expected === 'value' && byte !== COMMA && byte !== CLOSE) return this.#begin(bytes, i, false)
    else if (expected === 'nothing') this.refuse('something follows after the end of the document')
    else this.refuse(`${JSON.stringify(String.fromCharCode(byte))} where ${WORDS[expected]} is expected`)
    return i + 1
  }

  #isDivided(): boolean {
    return this.#within === undefined && this.#handler.divided.includes(this.#key)
  }

  #begin(bytes: Buffer, i: number, isKey: boolean): number {
    this.#start = { line: this.#line, column: this.#column + 1 }
    this.#isInToken = true
    this.#isKey = isKey
    this.#length = 0
    this.#depth = 0
    this.#isInString = false
    this.#isEscaped = false
    return this.#tokenPart(bytes, i)
  }

  #tokenPart(bytes: Buffer, from: number): number {
    let i = from
    let hasEnded = false
    for (; i < bytes.length && !hasEnded; i += 1) {
      const byte = bytes[i] as number
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) {
          this.#isInString = false
          hasEnded = this.#depth === 0
        }
      } else if (byte === QUOTE) this.#isInString = true
      else if (byte === OPEN || byte === OPEN_LIST) this.#depth += 1
      else if (this.#depth > 0) {
        if (byte !== CLOSE && byte !== CLOSE_LIST) continue
        this.#depth -= 1
        hasEnded = this.#depth === 0
      } else if (byte === COMMA || byte === CLOSE || isSpace(byte)) break
    }
    this.#keep(bytes, from, i)
    const isCut = i === bytes.length && !hasEnded
    if (!isCut && !this.#failure) this.#endToken()
    return i
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const length = this.#length + to - from
    if (length > MAX_MEMBER_BYTES) return this.refuse(`a member of more than ${MAX_MEMBER_BYTES} bytes`)
    if (length > this.#token.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length)
      this.#token.copy(larger, 0, 0, this.#length)
      this.#token = larger
    }
    bytes.copy(this.#token, this.#length, from, to)
    this.#length = length
  }

  #endToken(): void {
    this.#isInToken = false
    const token = this.#token.subarray(0, this.#length)
    if (!isUtf8(token)) {
      this.#failure = { ok: false, ...this.#start, reason: 'the bytes of this member are not utf-8 text' }
      return
    }
    const text = token.toString()
    try {
      const value = parseJson(text)
      if (!this.#isKey) {
        this.#handler.member(this.#key, value, this.#within)
        this.#expected = 'next'
      } else if (value.kind === 'string') {
        const known = this.#keys.at(-1)
        if (known?.has(value.value)) throw new JsonError(`the key ${JSON.stringify(value.value.slice(0, 40))} stands twice`, 0)
        known?.add(value.value)
        this.#key = value.value
        this.#expected = 'colon'
      }
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      this.#failure = { ok: false, ...this.#placeOf(text, error.at), reason: error.message }
    }
  }

  #placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
    const lines = text.slice(0, at).split('\n')
    const characters = Array.from(lines.at(-1) ?? '').length
    return lines.length === 1
      ? { line: this.#start.line, column: this.#start.column + characters }
      : { line: this.#start.line + lines.length - 1, column: characters + 1 }
  }
}
