/**
 * A strict JSON reader for evidence (RFC 8259) that keeps the place of every value and refuses what
 * `JSON.parse` lets through: a key that stands twice, a number that no double can hold, deep nesting.
 */
export type Json = JsonNumber | JsonString | JsonArray | JsonObject | JsonBoolean | { readonly kind: 'null'; readonly at: number }

export interface JsonBoolean {
  readonly kind: 'boolean'
  readonly value: boolean
  readonly at: number
}

export interface JsonNumber {
  readonly kind: 'number'
  readonly value: number
  readonly at: number
}
export interface JsonString {
  readonly kind: 'string'
  readonly value: string
  readonly at: number
}
export interface JsonArray {
  readonly kind: 'array'
  readonly items: readonly Json[]
  readonly at: number
}
export interface JsonObject {
  readonly kind: 'object'
  readonly entries: ReadonlyMap<string, Json>
  readonly at: number
}

/** A reason with the offset in the text that it is about. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly at: number
  /** The text ends before the value does. */
  readonly truncated: boolean

  constructor(message: string, at: number, { truncated = false }: { readonly truncated?: boolean } = {}) {
    super(message)
    this.at = at
    this.truncated = truncated
  }
}

const MAX_DEPTH = 64
const MAX_VALUES = 1_000_000

/** @throws JsonError for anything but one JSON document. */
export function parseJson(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.expectEnd()
  return value
}

class Reader {
  readonly #text: string
  #at = 0
  #values = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): Json {
    this.#space()
    const at = this.#at
    const character = this.#text[at]
    this.#values += 1
    if (this.#values > MAX_VALUES) throw new JsonError(`more than ${MAX_VALUES} values`, at)
    if (depth > MAX_DEPTH) throw new JsonError(`values are nested more than ${MAX_DEPTH} deep`, at)
    if (character === undefined && at === 0) throw new JsonError('the file is empty', at)
    if (character === undefined) throw new JsonError('the file ends within a value: it is truncated', at, { truncated: true })
    if (character === '{') return this.#object(at, depth)
    if (character === '[') return this.#array(at, depth)
    if (character === '"') return { kind: 'string', value: this.#string(), at }
    const word = this.#match(WORD)
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', at }
    if (word === 'null') return { kind: 'null', at }
    if (word !== undefined) throw new JsonError(`${shown(word)} is no JSON value`, at)
    return this.#number(at)
  }

  expectEnd(): void {
    this.#space()
    if (this.#at < this.#text.length) throw new JsonError('something follows after the end of the document', this.#at)
  }

  #number(at: number): JsonNumber {
    const text = this.#match(NUMBER)
    if (text === undefined) throw new JsonError(`${shown(this.#text.slice(at, at + 20))} is no JSON value`, at)
    if (/^[\w.+-]/.test(this.#text.slice(this.#at, this.#at + 1))) {
      throw new JsonError(`${shown(this.#text.slice(at, this.#at + 10))} is no JSON number`, at)
    }
    const value = Number(text)
    if (!Number.isFinite(value)) throw new JsonError(`${shown(text)} is larger than any number that can be held`, at)
    return { kind: 'number', value, at }
  }

  #object(at: number, depth: number): JsonObject {
    const entries = new Map<string, Json>()
    this.#at += 1
    if (this.#next('}')) return { kind: 'object', entries, at }
    do {
      this.#space()
      const keyAt = this.#at
      if (this.#text[keyAt] !== '"') throw this.#unexpected('a key in double quotes')
      const key = this.#string()
      if (entries.has(key)) throw new JsonError(`the key ${shown(key)} stands twice`, keyAt)
      if (!this.#next(':')) throw this.#unexpected('":"')
      entries.set(key, this.value(depth + 1))
    } while (this.#next(','))
    if (!this.#next('}')) throw this.#unexpected('"," or "}"')
    return { kind: 'object', entries, at }
  }

  #array(at: number, depth: number): JsonArray {
    const items: Json[] = []
    this.#at += 1
    if (this.#next(']')) return { kind: 'array', items, at }
    do items.push(this.value(depth + 1))
    while (this.#next(','))
    if (!this.#next(']')) throw this.#unexpected('"," or "]"')
    return { kind: 'array', items, at }
  }

  #string(): string {
    const at = this.#at
    let end = at + 1
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#text.length) throw new JsonError('a string is not closed: the file is truncated', at, { truncated: true })
    this.#at = end + 1
    try {
      return JSON.parse(this.#text.slice(at, end + 1)) as string
    } catch {
      throw new JsonError('a string holds a wrong escape or a character that must be escaped', at)
    }
  }

  #unexpected(wanted: string): JsonError {
    const found = this.#text[this.#at]
    if (found !== undefined) return new JsonError(`${shown(found)} where ${wanted} is expected`, this.#at)
    return new JsonError(`the file ends where ${wanted} is expected: it is truncated`, this.#at, { truncated: true })
  }

  #next(character: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #space(): void {
    this.#match(SPACE)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found === undefined) return undefined
    this.#at += found.length
    return found
  }
}

const SPACE = /[ \t\n\r]*/y
const WORD = /[A-Za-z_$][\w$]{0,40}/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const shown = (text: string): string => JSON.stringify(text.slice(0, 40))
