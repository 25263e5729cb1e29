import { characterAt, lengthOf } from './utf8.ts'
import { isPlainWord } from './words.ts'
import { isNameCharacter, isNameStart, NameTable } from './xml-names.ts'
import type { Piece } from './xml-piece.ts'
import { Shapes, type Shape } from './xml-shape.ts'

/** What is wrong with markup, and the index of the byte at fault. */
export class XmlFault extends Error {
  readonly at: number

  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

const MAX_ATTRIBUTES = 200
/** In UTF-16 units. */
const MAX_ATTRIBUTE_LENGTH = 1 << 19
const MAX_NAME_BYTES = 1_000

const [TAB, LF, CR, SPACE, QUOTE, AMP, APOS, SLASH, SEMICOLON, LT, EQUALS, GT] = [
  0x09, 0x0a, 0x0d, 0x20, 0x22, 0x26, 0x27, 0x2f, 0x3b, 0x3c, 0x3d, 0x3e,
]

/** 1 for the bytes that a name goes on with, and for those that need no second look in a value. */
const inName = new Uint8Array(256)
const inValue = new Uint8Array(256).fill(1, 1, 128)
for (let byte = 0; byte < 128; byte += 1) if (isNameCharacter(byte)) inName[byte] = 1
for (const byte of [TAB, LF, CR, LT, AMP, QUOTE, APOS]) inValue[byte] = 0

/** Fields of an attribute in `#fields`. */
const [NAME, NAME_END, VALUE, VALUE_END, FIELDS] = [0, 1, 2, 3, 4]

/** To be read byte by byte, and by words. */
interface Viewed {
  readonly bytes: Buffer<ArrayBuffer>
  readonly view: DataView<ArrayBuffer>
}

const viewed = (bytes: Buffer<ArrayBuffer>): Viewed => ({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) })

const NO_BYTES = viewed(Buffer.alloc(0))

/** The start tag at hand. Nothing of it is a string until it is asked for; attributes go by their numbers in `known`. */
export class StartTag {
  /** Where the tag stands; only good as long as it is at hand. */
  bytes = NO_BYTES.bytes
  nameStart = 0
  nameEnd = 0
  /** Its number; -1 of an element that nobody looks for. */
  element = -1
  isEmpty = false
  /** Whether lines end within it. */
  hasBreaks = false
  /** Attributes of it. */
  count = 0
  /** What `locate` found. */
  source = NO_BYTES.view
  from = 0
  to = 0
  #scratch = NO_BYTES
  #source = NO_BYTES
  readonly #elements: NameTable
  readonly #known: NameTable
  #piece: Piece | undefined
  readonly #fields = new Int32Array(MAX_ATTRIBUTES * FIELDS)
  /** 1 where the value as written is not the value. */
  readonly #rewritten = new Uint8Array(MAX_ATTRIBUTES)
  readonly #numbers = new Int16Array(MAX_ATTRIBUTES)
  readonly #indices: Int16Array
  readonly #shapes = new Shapes()
  /** The shape of the tag at hand, where it is one met before. */
  #shape: Shape | undefined
  /** Whether all attributes so far are plain ones. */
  #isPlain = true

  constructor(elements: readonly string[], known: readonly string[]) {
    this.#elements = new NameTable(elements)
    this.#known = new NameTable(known)
    this.#indices = new Int16Array(known.length).fill(-1)
  }

  get name(): string {
    return textOf(this.bytes, this.nameStart, this.nameEnd)
  }

  has(attribute: number): boolean {
    return (this.#indices[attribute] as number) >= 0
  }

  /** The value with references resolved, and a space for each line end and tab. */
  text(attribute: number): string | undefined {
    const index = this.#indices[attribute] as number
    return index < 0 ? undefined : this.#text(index)
  }

  /** Puts the UTF-8 of a value, nothing where there is none, into `source`, `from` its first byte `to` its last. */
  locate(attribute: number): void {
    const index = this.#indices[attribute] as number
    this.source = this.#source.view
    this.from = index < 0 ? 0 : (this.#fields[index * FIELDS + VALUE] as number)
    this.to = index < 0 ? 0 : (this.#fields[index * FIELDS + VALUE_END] as number)
    if (index < 0 || this.#rewritten[index] === 0) return
    this.to = this.#rewrite(this.from, this.to)
    this.from = 0
    this.source = this.#scratch.view
  }

  /** Bytes that a value takes as it is written, which are as many as those of its text or more; 0 where it is not there. */
  length(attribute: number): number {
    const field = (this.#indices[attribute] as number) * FIELDS
    return field < 0 ? 0 : (this.#fields[field + VALUE_END] as number) - (this.#fields[field + VALUE] as number)
  }

  /** All of them, in the order they stand in. */
  attributes(): readonly (readonly [name: string, value: string])[] {
    return Array.from({ length: this.count }, (_, index) => [this.#nameOf(index), this.#text(index)])
  }

  /**
   * Reads the tag whose `<` stands at `at`. The index after its `>`; -1 where the bytes end before.
   * `piece` is of the same bytes.
   * @throws XmlFault
   */
  read(bytes: Buffer<ArrayBuffer>, at: number, end: number, piece?: Piece): number {
    this.#piece = piece?.isPlain === true ? piece : undefined
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.#source = viewed(bytes)
    }
    this.hasBreaks = false
    this.nameStart = at + 1
    if (this.#piece) {
      const stops = this.#again(bytes, at, end, this.#piece)
      if (stops >= 0) return stops
    }
    this.#shape = undefined
    this.#isPlain = this.#piece !== undefined
    for (let index = 0; index < this.count; index += 1) {
      const number = this.#numbers[index] as number
      if (number >= 0) this.#indices[number] = -1
    }
    this.count = 0
    this.isEmpty = false
    let i = nameEnd(bytes, at + 1, end)
    if (i < 0) return -1
    this.nameEnd = i
    this.element = this.#elements.find(bytes, at + 1, i)
    for (;;) {
      const before = i
      i = this.#skipSpace(bytes, i, end)
      if (i >= end) return -1
      const byte = bytes[i] as number
      if (byte === GT) {
        if (this.#isPlain && !this.hasBreaks) this.#learn(bytes, at)
        return i + 1
      }
      if (byte === SLASH) {
        if (i + 1 >= end) return -1
        if (bytes[i + 1] !== GT) throw new XmlFault(i, 'not well-formed XML: a "/" within a tag')
        this.isEmpty = true
        if (this.#isPlain && !this.hasBreaks) this.#learn(bytes, at)
        return i + 2
      }
      if (i === before) throw new XmlFault(i, 'not well-formed XML: no space before an attribute')
      i = this.#attribute(bytes, i, end)
      if (i < 0) return -1
    }
  }

  #learn(bytes: Buffer<ArrayBuffer>, at: number): void {
    const { element, count } = this
    this.#shapes.learn(bytes, at, { element, nameLength: this.nameEnd - at - 1, count, numbers: this.#numbers, fields: this.#fields })
  }

  /** A tag that differs from one met before in its values alone, all of them plain: the index after it, -1 where it is another. */
  #again(bytes: Buffer<ArrayBuffer>, at: number, end: number, piece: Piece): number {
    const shape = this.#shapes.at(bytes, at)
    const { count } = shape
    if (count <= 0) return -1
    const fields = this.#fields
    let i = at
    for (let index = 0; index < count; index += 1) {
      i = shape.after(index, this.#source.view, i, end)
      if (i < 0) return -1
      const stops = this.#plainValue(bytes, i, piece, index)
      if (stops < 0) return -1
      fields[index * FIELDS + VALUE] = i
      fields[index * FIELDS + VALUE_END] = stops
      i = stops
    }
    if (i + 3 >= end) return -1
    i += bytes[i + 1] === SPACE ? 2 : 1
    const isEmpty = bytes[i] === SLASH
    i += isEmpty ? 2 : 1
    if (bytes[i - 1] !== GT) return -1
    this.element = shape.element
    this.isEmpty = isEmpty
    this.nameEnd = this.nameStart + shape.nameLength
    if (shape !== this.#shape) this.#take(shape)
    return i
  }

  /** The names of the attributes are those of another tag, and only what the numbers say is asked of them. */
  #take(shape: Shape): void {
    for (let index = 0; index < this.count; index += 1) {
      const number = this.#numbers[index] as number
      if (number >= 0) this.#indices[number] = -1
    }
    for (let index = 0; index < shape.count; index += 1) {
      const number = shape.numbers[index] as number
      this.#numbers[index] = number
      if (number >= 0) this.#indices[number] = index
    }
    this.count = shape.count
    this.#shape = shape
  }

  /** Whether it is written as it is, or with nothing but references that need no second look; the index of its closing quote, else -1. */
  #plainValue(bytes: Buffer<ArrayBuffer>, start: number, piece: Piece, index: number): number {
    const { view } = this.#source
    const stops = piece.quote(start)
    if (stops < 0 || stops - start > MAX_ATTRIBUTE_LENGTH) return -1
    this.#rewritten[index] = 0
    let i = start
    while (i < stops) {
      while (i + 4 <= stops && isPlainWord(view.getInt32(i, true))) i += 4
      if (i >= stops) break
      const byte = bytes[i] as number
      if (byte < SPACE) return -1
      if (byte !== AMP) i += 1
      else {
        const length = commonReference(bytes, i, stops)
        if (length === 0) return -1
        this.#rewritten[index] = 1
        i += length
      }
    }
    return stops
  }

  #skipSpace(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
    let i = at
    for (; i < end; i += 1) {
      const byte = bytes[i] as number
      if (byte === LF || byte === CR) this.hasBreaks = true
      else if (byte !== SPACE && byte !== TAB) return i
    }
    return i
  }

  /** An attribute in the commonest way to write one: the index after it, -1 where it is another. */
  #plainAttribute(bytes: Buffer<ArrayBuffer>, at: number, end: number, piece: Piece): number {
    const index = this.count
    const equals = nameEnd(bytes, at, end)
    if (equals < 0 || equals + 2 >= end || bytes[equals] !== EQUALS || bytes[equals + 1] !== QUOTE || index >= MAX_ATTRIBUTES) return -1
    const start = equals + 2
    const stops = this.#plainValue(bytes, start, piece, index)
    if (stops < 0) return -1
    this.#add(bytes, at, equals, start, stops)
    return stops + 1
  }

  #add(bytes: Buffer<ArrayBuffer>, nameStart: number, nameStops: number, valueStart: number, valueStops: number): void {
    const field = this.count * FIELDS
    this.#fields[field + NAME] = nameStart
    this.#fields[field + NAME_END] = nameStops
    this.#fields[field + VALUE] = valueStart
    this.#fields[field + VALUE_END] = valueStops
    this.#number(bytes, nameStart, nameStops, this.count)
    this.count += 1
  }

  #attribute(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
    if (this.#piece) {
      const stops = this.#plainAttribute(bytes, at, end, this.#piece)
      if (stops >= 0) return stops
    }
    this.#isPlain = false
    const index = this.count
    const nameStops = nameEnd(bytes, at, end)
    if (nameStops < 0) return -1
    let i = this.#skipSpace(bytes, nameStops, end)
    if (i >= end) return -1
    if (bytes[i] !== EQUALS) throw new XmlFault(i, 'not well-formed XML: an attribute without a value')
    i = this.#skipSpace(bytes, i + 1, end)
    if (i >= end) return -1
    const quote = bytes[i] as number
    if (quote !== QUOTE && quote !== APOS) throw new XmlFault(i, 'not well-formed XML: an attribute whose value is not in quotes')
    if (index >= MAX_ATTRIBUTES) throw new XmlFault(at, `an element has more than ${MAX_ATTRIBUTES} attributes`)
    const start = i + 1
    const stops = this.#valueEnd(bytes, start, end, quote, index)
    if (stops - start > MAX_ATTRIBUTE_LENGTH || (stops < 0 && end - start > MAX_ATTRIBUTE_LENGTH)) {
      const known = stops < 0 ? end : stops
      const units = this.#unitsOf(bytes, start, known, index)
      if (units > MAX_ATTRIBUTE_LENGTH)
        throw new XmlFault(
          at,
          `the attribute ${textOf(bytes, at, Math.min(nameStops, at + 60))} is longer than ${MAX_ATTRIBUTE_LENGTH} characters`,
        )
    }
    if (stops < 0) return -1
    this.#add(bytes, at, nameStops, start, stops)
    return stops + 1
  }

  #unitsOf(bytes: Buffer<ArrayBuffer>, start: number, end: number, index: number): number {
    if (this.#rewritten[index] === 0) return textOf(bytes, start, end).length
    // What is not whole yet is no reference.
    const last = bytes.lastIndexOf(AMP, end - 1)
    const isWhole = last < start || bytes.indexOf(SEMICOLON, last) < end
    const into = viewed(Buffer.allocUnsafeSlow(end - start))
    return textOf(into.bytes, 0, rewrite(viewed(bytes), start, isWhole ? end : last, into)).length
  }

  #number(bytes: Buffer<ArrayBuffer>, start: number, end: number, index: number): void {
    const number = this.#known.find(bytes, start, end)
    this.#numbers[index] = number
    let isDouble = false
    if (number >= 0) {
      isDouble = (this.#indices[number] as number) >= 0
      this.#indices[number] = index
    } else {
      for (let other = 0; other < index && !isDouble; other += 1) {
        const field = other * FIELDS
        isDouble =
          this.#numbers[other] === -1 &&
          areSame(bytes, this.#fields[field + NAME] as number, this.#fields[field + NAME_END] as number, start, end)
      }
    }
    if (isDouble)
      throw new XmlFault(start, `not well-formed XML: the attribute ${textOf(bytes, start, Math.min(end, start + 60))} stands twice`)
  }

  /** The index of the closing quote; -1 where the bytes end before. */
  #valueEnd(bytes: Buffer<ArrayBuffer>, start: number, end: number, quote: number, index: number): number {
    this.#rewritten[index] = 0
    const plain = inValue
    let i = start
    for (;;) {
      while (i < end && plain[bytes[i] as number] === 1) i += 1
      if (i >= end) return -1
      const byte = bytes[i] as number
      if (byte === quote) return i
      if (byte >= 0x80) {
        i += characterLength(bytes, i, end)
      } else if (byte === AMP) {
        this.#rewritten[index] = 1
        const stops = i + commonReference(bytes, i, end)
        i = stops > i ? stops : referenceEnd(bytes, i, end)
        if (i < 0) return -1
      } else if (byte === LT) {
        throw new XmlFault(i, 'not well-formed XML: a "<" within an attribute')
      } else if (byte === 0) {
        throw new XmlFault(i, NUL)
      } else {
        if (byte === TAB || byte === LF || byte === CR) this.#rewritten[index] = 1
        if (byte === LF || byte === CR) this.hasBreaks = true
        i += 1
      }
    }
  }

  #nameOf(index: number): string {
    const field = index * FIELDS
    // Of a shape met before, a name ends before `="`.
    const stops = this.#shape ? (this.#fields[field + VALUE] as number) - 2 : (this.#fields[field + NAME_END] as number)
    const start = this.#shape ? stops - (this.#shape.nameLengths[index] as number) : (this.#fields[field + NAME] as number)
    return textOf(this.bytes, start, stops)
  }

  #text(index: number): string {
    const start = this.#fields[index * FIELDS + VALUE] as number
    const end = this.#fields[index * FIELDS + VALUE_END] as number
    if (this.#rewritten[index] === 0) return textOf(this.bytes, start, end)
    const length = this.#rewrite(start, end)
    return textOf(this.#scratch.bytes, 0, length)
  }

  #rewrite(start: number, end: number): number {
    if (end - start > this.#scratch.bytes.length) this.#scratch = viewed(Buffer.allocUnsafeSlow(2 * (end - start)))
    return rewrite(this.#source, start, end, this.#scratch)
  }
}

export const NUL = 'a NUL character stands here'

export const textOf = (bytes: Buffer<ArrayBuffer>, start: number, end: number): string => bytes.toString('utf8', start, end)

/** The end of a name that begins at `at`; -1 where the bytes end before it does. */
export function nameEnd(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
  if (at >= end) return -1
  const first = bytes[at] as number
  let i = at
  if (first < 0x80) {
    if (!isNameStart(first)) throw new XmlFault(at, first === 0 ? NUL : 'not well-formed XML: a name is expected here')
    i += 1
  } else {
    const code = characterAt(bytes, at, end)
    if (code < 0) throw new XmlFault(at, NOT_UTF8)
    if (!isNameStart(code)) throw new XmlFault(at, 'not well-formed XML: a name is expected here')
    i += lengthOf(code)
  }
  const plain = inName
  for (;;) {
    while (i < end && plain[bytes[i] as number] === 1) i += 1
    if (i - at > MAX_NAME_BYTES) throw new XmlFault(at, `a name of an element or attribute is longer than ${MAX_NAME_BYTES} bytes`)
    if (i >= end) return -1
    if ((bytes[i] as number) < 0x80) return i
    const code = characterAt(bytes, i, end)
    if (code < 0) throw new XmlFault(i, NOT_UTF8)
    if (!isNameCharacter(code)) return i
    i += lengthOf(code)
  }
}

export function isName(bytes: Buffer<ArrayBuffer>): boolean {
  try {
    const ended = Buffer.concat([bytes, Buffer.from(' ')])
    return nameEnd(ended, 0, ended.length) === bytes.length
  } catch (error) {
    if (error instanceof XmlFault) return false
    throw error
  }
}

const NOT_UTF8 = 'the bytes here are not utf-8 text'

/** Bytes of the character that begins at `at`, which is no ASCII. */
export function characterLength(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
  const code = characterAt(bytes, at, end)
  if (code < 0) throw new XmlFault(at, NOT_UTF8)
  return lengthOf(code)
}

/** Bytes of the reference that begins at `at`, if it is one of XML's own names; else 0. */
export function commonReference(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
  if (at + 4 > end) return 0
  const first = bytes[at + 1]
  const second = bytes[at + 2]
  const third = bytes[at + 3]
  if ((first === 0x6c || first === 0x67) && second === 0x74 && third === SEMICOLON) return 4
  if (first === 0x61 && second === 0x6d && third === 0x70 && at + 5 <= end && bytes[at + 4] === SEMICOLON) return 5
  if (at + 6 > end || bytes[at + 5] !== SEMICOLON) return 0
  const fourth = bytes[at + 4]
  if (first === 0x71) return second === 0x75 && third === 0x6f && fourth === 0x74 ? 6 : 0
  return first === 0x61 && second === 0x70 && third === 0x6f && fourth === 0x73 ? 6 : 0
}

export const MAX_REFERENCE_BYTES = 64

/** 1 for the bytes that stand between the `&` and the `;` of a reference. */
export const inReference = new Uint8Array(256)
for (const character of '#:_.-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz') inReference[character.charCodeAt(0)] = 1

/** The index after the `;` of the reference that begins at `at`; -1 where the bytes end before. */
function referenceEnd(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
  let i = at + 1
  while (i < end && i - at < MAX_REFERENCE_BYTES && inReference[bytes[i] as number] === 1) i += 1
  if (i >= end) return -1
  const trouble = bytes[i] === SEMICOLON ? referenceProblem(textOf(bytes, at + 1, i)) : NO_REFERENCE
  if (trouble !== undefined) throw new XmlFault(at, trouble)
  return i + 1
}

export const NO_REFERENCE = 'not well-formed XML: an "&" that begins no reference'

/** Why `&name;` stands for nothing; undefined when it does for a character. */
export function referenceProblem(name: string): string | undefined {
  if (resolved(name) !== undefined) return undefined
  if (name.startsWith('#')) return `not well-formed XML: &${name.slice(0, 20)}; is no character`
  return /^[A-Za-z_:]/.test(name) ? 'not well-formed XML: undefined entity' : NO_REFERENCE
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** What a reference stands for. Control characters are taken as they are where they stand bare; NUL never. */
function resolved(name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined
  const [, hex, decimal] = /^#(?:x([\da-fA-F]+)|(\d+))$/.exec(name) ?? []
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (!(code >= 1 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return String.fromCodePoint(code)
}

/**
 * XML 1.0, 3.3.3: line ends become one space each, and so do tabs; what references stand for stays.
 * The text is never longer than what is written.
 */
function rewrite({ bytes, view: source }: Viewed, start: number, end: number, { bytes: into, view: target }: Viewed): number {
  const plain = inValue
  let to = 0
  let i = start
  for (;;) {
    for (; i + 4 <= end; i += 4) {
      const word = source.getInt32(i, true)
      if (!isPlainWord(word)) break
      target.setInt32(to, word, true)
      to += 4
    }
    for (; i < end; i += 1) {
      const byte = bytes[i] as number
      if (plain[byte] !== 1) break
      into[to] = byte
      to += 1
    }
    if (i >= end) return to
    const byte = bytes[i] as number
    const common = byte === AMP ? commonReference(bytes, i, end) : 0
    if (common > 0) {
      into[to] = common === 4 ? (bytes[i + 1] === 0x6c ? LT : GT) : common === 5 ? AMP : bytes[i + 1] === 0x71 ? QUOTE : APOS
      to += 1
      i += common
    } else if (byte === AMP) {
      const stops = bytes.indexOf(SEMICOLON, i)
      to += into.write(resolved(textOf(bytes, i + 1, stops)) ?? '', to)
      i = stops + 1
    } else {
      into[to] = byte === TAB || byte === LF || byte === CR ? SPACE : byte
      to += 1
      i += byte === CR && bytes[i + 1] === LF ? 2 : 1
    }
  }
}

function areSame(bytes: Buffer<ArrayBuffer>, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false
  for (let at = 0; at < end - start; at += 1) if (bytes[start + at] !== bytes[otherStart + at]) return false
  return true
}
