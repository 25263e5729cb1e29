/**
 * Canonical JSON: one text for one value, so that a digest of it is a digest of the value. Keys
 * are sorted by UTF-16 code unit, there is no white space, numbers and strings are written as
 * `JSON.stringify` writes them (lone surrogates as escapes, so the text is always well-formed).
 * A property whose value is undefined is left out, as it would be after a round trip through JSON.
 */

/** sha256 of the UTF-8 bytes of a text, lower-case hex: an argument, because core imports no Node. */
export type Hash = (text: string) => string

/** A value that has no canonical JSON. `path` says where, as in `$.evidence[3].value`. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError'
  readonly path: string

  constructor(path: string, what: string) {
    super(`${path} is ${what}, which JSON cannot hold`)
    this.path = path
  }
}

/** @throws CanonicalError for NaN, infinities, functions, undefined in arrays, class instances, deeper than 1,000 levels. */
export function canonical(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const copy = smallCopy(value)
    if (copy !== undefined) return JSON.stringify(copy)
  }
  return write(value, '$', 0, true)
}

/** Hash of the canonical JSON of a value. */
export const digest = (value: unknown, hash: Hash): string => hash(canonical(value))

const MOST_LEVELS = 1000
/** Elements handed to `JSON.stringify` at once: more make the garbage collector dear, fewer the calls. */
const CHUNK = 1000

function write(value: unknown, path: string, level: number, mayHurry: boolean): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalError(path, String(value))
      return JSON.stringify(value)
    case 'object':
      if (value === null) return 'null'
      if (level >= MOST_LEVELS) throw new CanonicalError(path, `nested deeper than ${MOST_LEVELS} levels`)
      return Array.isArray(value) ? writeArray(value, path, level, mayHurry) : writeObject(value, path, level, mayHurry)
    case 'undefined':
      throw new CanonicalError(path, 'undefined')
    case 'bigint':
    case 'function':
    case 'symbol':
      throw new CanonicalError(path, `a ${typeof value}`)
  }
}

function writeObject(value: object, path: string, level: number, mayHurry: boolean): string {
  if (!isPlain(value)) throw new CanonicalError(path, `a ${value.constructor?.name ?? 'class instance'}`)
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const part: unknown = value[key]
    if (part === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${write(part, `${path}.${key}`, level + 1, mayHurry)}`
  }
  return `{${text}}`
}

function writeArray(value: readonly unknown[], path: string, level: number, mayHurry: boolean): string {
  let text = ''
  for (let start = 0; start < value.length; start += CHUNK) {
    const chunk = value.slice(start, start + CHUNK)
    const part = (mayHurry ? hurried(chunk, level) : undefined) ?? writeElements(chunk, path, start, level)
    text += text === '' ? part : `,${part}`
  }
  return `[${text}]`
}

function writeElements(chunk: readonly unknown[], path: string, start: number, level: number): string {
  let text = ''
  for (let i = 0; i < chunk.length; i++) text += `${i === 0 ? '' : ','}${write(chunk[i], `${path}[${start + i}]`, level + 1, false)}`
  return text
}

/**
 * The same text for elements of an array by the engine's own writer, over copies with sorted keys:
 * seven times as fast on evidence. Undefined when a value needs the careful way, which is also the
 * one that says what is wrong with it and where.
 */
function hurried(chunk: readonly unknown[], level: number): string | undefined {
  const copies: unknown[] = []
  for (const element of chunk) {
    const copy = sortedCopy(element, level + 1)
    if (copy === undefined) return undefined
    copies.push(copy)
  }
  return JSON.stringify(copies).slice(1, -1)
}

/** Objects and arrays in a value that is still copied whole. */
const MOST_SMALL = 200
let copiesLeft = Infinity

/** `sortedCopy` of most events; a large value is not worth holding twice. */
function smallCopy(value: object): unknown {
  copiesLeft = MOST_SMALL
  try {
    return sortedCopy(value, 0)
  } finally {
    copiesLeft = Infinity
  }
}

/** A copy whose keys were inserted in order; undefined when `JSON.stringify` would not write it canonically. */
function sortedCopy(value: unknown, level: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'object' || level >= MOST_LEVELS || --copiesLeft < 0) return undefined
  if (Array.isArray(value)) return copyOfArray(value, level)
  if (!isPlain(value)) return undefined
  const keys = sortedKeys(Object.keys(value))
  if (keys === undefined) return undefined
  const copy: Record<string, unknown> = {}
  for (const key of keys) {
    const part = value[key]
    if (part === undefined) continue
    const copied = sortedCopy(part, level + 1)
    if (copied === undefined) return undefined
    copy[key] = copied
  }
  return copy
}

function copyOfArray(value: readonly unknown[], level: number): readonly unknown[] | undefined {
  const copy: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    const copied = sortedCopy(value[i], level + 1)
    if (copied === undefined) return undefined
    copy.push(copied)
  }
  return copy
}

/** Engines list these before all other keys, and assigning `__proto__` makes no key. */
const UNSORTABLE = /^(?:\d+|__proto__)$/
/** The last list of keys of each length with its order: facts come in few shapes. */
const seen: { readonly keys: readonly string[]; readonly sorted: readonly string[] }[] = []
const MOST_KEYS_SEEN = 64

function sortedKeys(keys: readonly string[]): readonly string[] | undefined {
  const last = seen[keys.length]
  if (last !== undefined && sameKeys(last.keys, keys)) return last.sorted
  if (keys.some((key) => UNSORTABLE.test(key))) return undefined
  const sorted = [...keys].sort()
  if (keys.length <= MOST_KEYS_SEEN) seen[keys.length] = { keys, sorted }
  return sorted
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
