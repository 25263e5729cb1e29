import type { Outcome } from './text.ts'
import { charactersIn, lengthAfter, unfinished } from './utf8.ts'
import { Piece } from './xml-piece.ts'
import {
  characterLength,
  commonReference,
  inReference,
  isName,
  MAX_REFERENCE_BYTES,
  nameEnd,
  NO_REFERENCE,
  NUL,
  referenceProblem,
  StartTag,
  XmlFault,
} from './xml-tag.ts'

/**
 * What is made of a document. Elements and attributes that are looked for have numbers, their
 * indices in these lists; any other element is -1.
 */
export interface ScanHandler<T> {
  readonly elements: readonly string[]
  readonly attributes: readonly string[]
  /**
   * `parent`: the element around it, -1 for the root; `around` gives its name. A reason refuses the
   * file at this tag.
   */
  open(element: number, tag: StartTag, parent: number, around: () => string): string | undefined
  close(element: number): void
  end(): T
}

export interface XmlOptions {
  /** Names a document may begin with. */
  readonly roots: readonly string[]
  /** Cobertura writers name a DTD; one that stands in the file itself is refused in any case. */
  readonly doctype: 'refused' | 'by-name'
}

const EMPTY = Buffer.alloc(0)

const MAX_DEPTH = 200
const MAX_TAG_BYTES = 1 << 23
const MAX_DECLARATION = 1_000

const [LF, CR, QUOTE, AMP, APOS, DASH, SLASH, SEMICOLON, LT, GT, QUESTION, BANG, BRACKET] = [
  0x0a, 0x0d, 0x22, 0x26, 0x27, 0x2d, 0x2f, 0x3b, 0x3c, 0x3e, 0x3f, 0x21, 0x5d,
]

/** 1 for the bytes that need no second look in text, and in comments, CDATA and instructions. */
const inText = new Uint8Array(256).fill(1, 1, 128)
const inOther = new Uint8Array(256).fill(1, 1, 128)
for (const byte of [LF, CR, LT, AMP, BRACKET]) inText[byte] = 0
for (const byte of [LF, CR, DASH, BRACKET, QUESTION]) inOther[byte] = 0

type Mode = 'text' | 'opener' | 'tag' | 'reference' | 'comment' | 'cdata' | 'target' | 'instruction' | 'declaration' | 'doctype'

const WITHIN: Readonly<Record<Mode, string>> = {
  text: 'text',
  opener: 'a tag',
  tag: 'a tag',
  reference: 'a reference',
  comment: 'a comment',
  cdata: 'a CDATA section',
  target: 'an instruction',
  instruction: 'an instruction',
  declaration: 'the XML declaration',
  doctype: 'a DOCTYPE',
}

/** What `<!` can begin. */
const OPENERS: readonly (readonly [string, Mode])[] = [
  ['<!--', 'comment'],
  ['<![CDATA[', 'cdata'],
  ['<!DOCTYPE', 'doctype'],
]

/**
 * A strict scanner of XML 1.0 over UTF-8 bytes, fed piece by piece. It makes strings only of what
 * it is asked for, and holds no more than the longest tag.
 *
 * Where it differs from the standard: a DOCTYPE is refused, or passed over where it only names a
 * file, so that nothing can expand; all characters but NUL are taken, because test runners copy
 * terminal colours and binary output into their reports, bare or as references; lines end as in
 * XML 1.0 also where a document says 1.1.
 */
export class XmlScanner<T> {
  readonly #handler: ScanHandler<T>
  readonly #options: XmlOptions
  readonly #tag: StartTag

  #mode: Mode = 'text'
  #failure: Extract<Outcome<T>, { ok: false }> | undefined
  /** Bytes of the pieces before this one. */
  #position = 0
  /** The beginning of a character whose rest comes with the next piece. */
  #tail = EMPTY

  #line = 1
  /** Characters of the line before `#baseAt`, an index in the bytes at hand. */
  #base = 0
  #baseAt = 0
  /** Index after a CR, which an LF there belongs to. */
  #afterCr = -1
  readonly #piece = new Piece()
  /** Whether the lines of the bytes at hand are counted many at a time, when somebody asks where this is. */
  #isLazy = false
  /** Index up to which they are counted so far. */
  #settled = 0
  /** Where the markup at hand began. */
  #start = { line: 1, column: 1 }

  /** What was read of an opener, a reference, a target, a declaration: a character a byte. */
  #seen = ''
  /** How many bytes of what ends the markup at hand have been met. */
  #mark = 0
  #quote = 0
  #isAtStart = false
  #hasDoctype = false
  /** Within the brackets of a DOCTYPE, which may hold nothing. */
  #isInBrackets = false

  /** A tag that did not end with its piece. */
  #carry = EMPTY
  #carried = 0

  readonly #open = new Int16Array(MAX_DEPTH)
  readonly #nameEnds = new Int32Array(MAX_DEPTH)
  #names = new Uint8Array(256)
  #depth = 0
  #isRooted = false

  constructor(handler: ScanHandler<T>, options: XmlOptions) {
    this.#handler = handler
    this.#options = options
    this.#tag = new StartTag(handler.elements, handler.attributes)
  }

  write(piece: Uint8Array): void {
    // All bytes of one class, or reading them is slower.
    let bytes = Buffer.isBuffer(piece)
      ? (piece as Buffer<ArrayBuffer>)
      : Buffer.from(piece.buffer as ArrayBuffer, piece.byteOffset, piece.length)
    if (this.#tail.length > 0) {
      const wanted = lengthAfter(this.#tail[0] as number) - this.#tail.length
      const cut = Buffer.concat([this.#tail, bytes.subarray(0, wanted)])
      if (bytes.length < wanted) {
        this.#tail = cut
        return
      }
      this.#tail = EMPTY
      this.#run(cut, cut.length)
      bytes = bytes.subarray(wanted)
    }
    const rest = unfinished(bytes, bytes.length)
    this.#run(bytes, bytes.length - rest)
    if (rest > 0) this.#tail = Buffer.from(bytes.subarray(bytes.length - rest))
  }

  /** Refuses the file at the place reached so far, unless it was refused before. */
  refuse(reason: string): void {
    this.#failure ??= { ok: false, line: this.#line, column: this.#base + 1, reason }
  }

  end(): Outcome<T> {
    if (this.#failure) return this.#failure
    if (this.#position === 0) return { ok: false, line: 1, column: 1, reason: 'the file is empty' }
    if (this.#tail.length > 0) this.refuse('the file ends within a utf-8 character: it is truncated')
    if (this.#mode === 'tag') {
      // The lines of a tag are counted in what was kept of it, not in the last piece.
      this.#isLazy = false
      this.#baseAt = 0
      this.#guarded(this.#carry, () => {
        this.#startOrEnd(this.#carry, 0, this.#carried)
        this.#advance(this.#carry, 0, this.#carried)
      })
    }
    if (this.#failure) return this.#failure
    const where = this.#depth > 0 ? `before </${this.#openName()}>` : this.#mode === 'text' ? undefined : `within ${WITHIN[this.#mode]}`
    const column = Math.max(1, this.#base)
    if (where !== undefined) return { ok: false, line: this.#line, column, reason: `the file ends ${where}: it is truncated` }
    if (!this.#isRooted) return { ok: false, line: this.#line, column, reason: 'not well-formed XML: there is no element' }
    return { ok: true, value: this.#handler.end() }
  }

  #guarded(bytes: Buffer<ArrayBuffer>, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error
      this.#settle(bytes, error.at)
      this.#advance(bytes, this.#baseAt, error.at)
      this.refuse(error.message)
    }
  }

  #run(bytes: Buffer<ArrayBuffer>, end: number): void {
    if (this.#failure || end === 0) return
    this.#piece.take(bytes, end)
    this.#isLazy = this.#piece.isPlain
    this.#settled = 0
    this.#guarded(bytes, () => this.#read(bytes, end))
    if (this.#failure) return
    this.#settle(bytes, end)
    this.#position += end
    this.#base += charactersIn(bytes, this.#baseAt, end)
    this.#baseAt = 0
    this.#afterCr = this.#afterCr === end ? 0 : -1
  }

  #read(bytes: Buffer<ArrayBuffer>, end: number): void {
    let i = 0
    while (i < end) {
      switch (this.#mode) {
        case 'text':
          i = this.#depth === 0 ? this.#outside(bytes, i, end) : this.#text(bytes, i, end)
          break
        case 'tag':
          i = this.#restOfTag(bytes, end)
          break
        case 'opener':
          i = this.#opener(bytes, i)
          break
        case 'reference':
          i = this.#reference(bytes, i)
          break
        case 'target':
          i = this.#target(bytes, i)
          break
        case 'declaration':
          i = this.#declaration(bytes, i)
          break
        case 'doctype':
          i = this.#doctype(bytes, i)
          break
        case 'comment':
        case 'cdata':
        case 'instruction':
          i = this.#passedOver(bytes, i, end, this.#mode)
      }
    }
  }

  // Text

  #text(bytes: Buffer<ArrayBuffer>, from: number, end: number): number {
    let i = from
    if (this.#mark > 0 && bytes[i] !== BRACKET) {
      if (this.#mark >= 2 && bytes[i] === GT) throw new XmlFault(i, MISPLACED_END)
      this.#mark = 0
    }
    const { isPlain } = this.#piece
    for (;;) {
      if (isPlain) i = this.#plainText(bytes, i, end)
      else while (i < end && inText[bytes[i] as number] === 1) i += 1
      if (i >= end) return end
      const byte = bytes[i] as number
      if (byte === LT) {
        i = this.#markup(bytes, i, end)
        if (i >= end || this.#mode !== 'text' || this.#depth === 0) return i
      } else if (byte === BRACKET) {
        i = this.#brackets(bytes, i, end)
      } else if (byte === AMP) {
        const length = commonReference(bytes, i, end)
        if (length === 0) {
          this.#begin(bytes, i, 'reference')
          return i + 1
        }
        i += length
      } else {
        i = this.#other(bytes, i, end)
      }
    }
  }

  /** Goes on to the next `<`, `&` or `]]>`, whichever is first. */
  #plainText(bytes: Buffer<ArrayBuffer>, from: number, end: number): number {
    const piece = this.#piece
    let stops = Math.min(piece.lt(from), piece.amp(from), piece.cdataEnd(from))
    // Brackets at the very end may be the beginning of a "]]>".
    if (stops === end) while (stops > from && stops > end - 2 && bytes[stops - 1] === BRACKET) stops -= 1
    return stops
  }

  /** Counts the lines that end before an index. */
  #settle(bytes: Buffer<ArrayBuffer>, to: number): void {
    const from = this.#settled
    if (!this.#isLazy || to <= from) return
    this.#settled = to
    const lines = this.#piece.lines(from, to)
    if (lines === 0) return
    this.#line += from === this.#afterCr && bytes[from] === LF ? lines - 1 : lines
    this.#base = 0
    this.#baseAt = bytes.lastIndexOf(LF, to - 1) + 1
    this.#afterCr = -1
  }

  #brackets(bytes: Buffer<ArrayBuffer>, from: number, end: number): number {
    let i = from
    while (i < end && bytes[i] === BRACKET) i += 1
    this.#mark = Math.min(2, this.#mark + i - from)
    if (i >= end) return i
    if (this.#mark === 2 && bytes[i] === GT) throw new XmlFault(i, MISPLACED_END)
    this.#mark = 0
    return i
  }

  /** A line end, a NUL, or a character beyond ASCII. */
  #other(bytes: Buffer<ArrayBuffer>, i: number, end: number): number {
    const byte = bytes[i] as number
    if (byte === LF || byte === CR) this.#lineEnd(byte, i)
    else if (byte === 0) throw new XmlFault(i, NUL)
    else if (byte >= 0x80) return i + characterLength(bytes, i, end)
    return i + 1
  }

  #lineEnd(byte: number, i: number): void {
    if (this.#isLazy) return
    if (byte === CR || this.#afterCr !== i) this.#line += 1
    this.#base = 0
    this.#baseAt = i + 1
    this.#afterCr = byte === CR ? i + 1 : -1
  }

  #outside(bytes: Buffer<ArrayBuffer>, from: number, end: number): number {
    for (let i = from; i < end; i += 1) {
      const byte = bytes[i] as number
      if (byte === LT) return this.#markup(bytes, i, end)
      if (byte === LF || byte === CR) this.#lineEnd(byte, i)
      else if (byte === 0) throw new XmlFault(i, NUL)
      else if (byte !== 0x20 && byte !== 0x09) {
        if (byte >= 0x80) characterLength(bytes, i, end)
        throw new XmlFault(i, 'not well-formed XML: text data outside of root node')
      }
    }
    return end
  }

  #reference(bytes: Buffer<ArrayBuffer>, i: number): number {
    const byte = bytes[i] as number
    if (inReference[byte] === 1 && this.#seen.length < MAX_REFERENCE_BYTES) {
      this.#seen += String.fromCharCode(byte)
      return i + 1
    }
    const trouble = byte === SEMICOLON ? referenceProblem(this.#seen) : NO_REFERENCE
    if (trouble !== undefined) this.#refuseAtStart(trouble)
    this.#mode = 'text'
    return i + 1
  }

  // Markup

  /** Remembers where markup begins, and goes on after its first character. */
  #begin(bytes: Buffer<ArrayBuffer>, i: number, mode: Mode): void {
    this.#settle(bytes, i)
    this.#base += charactersIn(bytes, this.#baseAt, i)
    this.#baseAt = i
    this.#start = { line: this.#line, column: this.#base + 1 }
    this.#mode = mode
    this.#seen = ''
    this.#mark = 0
    this.#quote = 0
  }

  #refuseAtStart(reason: string): never {
    this.#failure ??= { ok: false, ...this.#start, reason }
    throw new XmlFault(0, reason)
  }

  #markup(bytes: Buffer<ArrayBuffer>, i: number, end: number): number {
    this.#mark = 0
    const next = i + 1 < end ? (bytes[i + 1] as number) : BANG
    if (next === BANG || next === QUESTION) {
      this.#isAtStart = this.#position + i === 0
      this.#begin(bytes, i, 'opener')
      return this.#wholeOpener(bytes, i, end)
    }
    const stops = this.#startOrEnd(bytes, i, end, this.#piece)
    if (stops >= 0) return stops
    this.#begin(bytes, i, 'tag')
    this.#base = this.#start.column - 1
    this.#carried = 0
    this.#keep(bytes, i, end)
    this.#baseAt = end
    this.#settled = end
    return end
  }

  #startOrEnd(bytes: Buffer<ArrayBuffer>, i: number, end: number, piece?: Piece): number {
    return bytes[i + 1] === SLASH ? this.#endTag(bytes, i, end) : this.#startTag(bytes, i, end, piece)
  }

  /** Adds to the tag that did not end so far; the index after its end, -1 where that is not here. */
  #keep(bytes: Buffer<ArrayBuffer>, from: number, end: number): number {
    let i = from
    for (; i < end; i += 1) {
      const byte = bytes[i] as number
      if (this.#quote !== 0) {
        if (byte === this.#quote) this.#quote = 0
      } else if (byte === QUOTE || byte === APOS) this.#quote = byte
      else if (byte === GT) break
    }
    const stops = Math.min(i + 1, end)
    const wanted = this.#carried + stops - from
    if (wanted > this.#carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(4_096, 2 * wanted))
      this.#carry.copy(larger, 0, 0, this.#carried)
      this.#carry = larger
    }
    bytes.copy(this.#carry, this.#carried, from, stops)
    this.#carried = wanted
    return i < end ? stops : -1
  }

  #restOfTag(bytes: Buffer<ArrayBuffer>, end: number): number {
    const stops = this.#keep(bytes, 0, end)
    // The lines of a tag are counted where it is whole.
    this.#settled = stops < 0 ? end : stops
    if (stops < 0 && this.#carried < MAX_TAG_BYTES) {
      this.#baseAt = end
      return end
    }
    const wasLazy = this.#isLazy
    this.#isLazy = false
    const [carry, carried] = [this.#carry, this.#carried]
    this.#baseAt = 0
    this.#mode = 'text'
    this.#guarded(carry, () => {
      if (this.#startOrEnd(carry, 0, carried) !== carried) throw new XmlFault(0, `a tag is longer than ${MAX_TAG_BYTES} bytes`)
      this.#advance(carry, this.#baseAt, carried)
    })
    if (this.#failure) throw new XmlFault(0, this.#failure.reason)
    this.#isLazy = wasLazy
    this.#baseAt = stops
    this.#afterCr = -1
    // The tag may have been one of millions of bytes.
    if (this.#carry.length > 1 << 16) this.#carry = EMPTY
    return stops
  }

  /** Moves the place from one index on to another. */
  #advance(bytes: Buffer<ArrayBuffer>, from: number, to: number): void {
    if (!this.#isLazy)
      for (let i = from; i < to; i += 1) {
        const byte = bytes[i] as number
        if (byte === LF || byte === CR) this.#lineEnd(byte, i)
      }
    this.#base += charactersIn(bytes, this.#baseAt, to)
    this.#baseAt = to
  }

  #startTag(bytes: Buffer<ArrayBuffer>, at: number, end: number, piece: Piece | undefined): number {
    const tag = this.#tag
    const stops = tag.read(bytes, at, end, piece)
    if (stops < 0) return -1
    const { element, nameStart, nameEnd: nameStops } = tag
    const depth = this.#depth
    if (depth === 0) this.#checkRoot(at)
    if (depth >= MAX_DEPTH) throw new XmlFault(at, `elements are nested more than ${MAX_DEPTH} deep`)
    const reason = this.#handler.open(element, tag, depth === 0 ? -1 : (this.#open[depth - 1] as number), this.#openName)
    if (reason !== undefined) throw new XmlFault(at, reason)
    if (tag.hasBreaks && !this.#isLazy) this.#advance(bytes, at, stops)
    if (tag.isEmpty) {
      this.#handler.close(element)
      return stops
    }
    let name = depth === 0 ? 0 : (this.#nameEnds[depth - 1] as number)
    if (name + nameStops - nameStart > this.#names.length) this.#names = widened(this.#names, nameStops - nameStart)
    for (let i = nameStart; i < nameStops; i += 1) {
      this.#names[name] = bytes[i] as number
      name += 1
    }
    this.#nameEnds[depth] = name
    this.#open[depth] = element
    this.#depth = depth + 1
    return stops
  }

  #checkRoot(at: number): void {
    if (this.#isRooted) throw new XmlFault(at, 'not well-formed XML: documents may contain only one root')
    const { name } = this.#tag
    const { roots } = this.#options
    if (!roots.includes(name))
      throw new XmlFault(at, `the root element is <${name.slice(0, 60)}>, and <${roots.join('> or <')}> is expected`)
    this.#isRooted = true
  }

  #endTag(bytes: Buffer<ArrayBuffer>, at: number, end: number): number {
    const start = at + 2
    const depth = this.#depth - 1
    if (depth < 0) throw new XmlFault(at, 'not well-formed XML: unexpected close tag')
    const nameStart = depth === 0 ? 0 : (this.#nameEnds[depth - 1] as number)
    const length = (this.#nameEnds[depth] as number) - nameStart
    let i = 0
    while (i < length && start + i < end && bytes[start + i] === this.#names[nameStart + i]) i += 1
    if (start + i >= end) return -1
    let stops = start + i
    if (i < length || bytes[stops] !== GT) {
      // Another name, or space after it.
      stops = nameEnd(bytes, start, end)
      if (stops < 0) return -1
      if (i < length || stops !== start + length) throw new XmlFault(at, 'not well-formed XML: unexpected close tag')
      const from = stops
      while (stops < end && isSpace(bytes[stops] as number)) stops += 1
      if (stops >= end) return -1
      if (bytes[stops] !== GT)
        throw new XmlFault(stops, bytes[stops] === 0 ? NUL : 'not well-formed XML: a close tag that does not end after its name')
      this.#advance(bytes, from, stops)
    }
    this.#depth = depth
    this.#handler.close(this.#open[depth] as number)
    return stops + 1
  }

  /** Of the innermost element that is open. */
  readonly #openName = (): string => {
    const depth = this.#depth - 1
    if (depth < 0) return ''
    return Buffer.from(this.#names.subarray(depth === 0 ? 0 : this.#nameEnds[depth - 1], this.#nameEnds[depth])).toString()
  }

  /** The index after an opener that is not cut; after its `<` where it is, or is none. */
  #wholeOpener(bytes: Buffer<ArrayBuffer>, i: number, end: number): number {
    for (const [opener, mode] of OPENERS) {
      let length = 1
      while (length < opener.length && i + length < end && bytes[i + length] === opener.charCodeAt(length)) length += 1
      if (length < opener.length) continue
      this.#enter(mode)
      return i + length
    }
    return i + 1
  }

  /** After `<`, a character at a time until it is known what this is. */
  #opener(bytes: Buffer<ArrayBuffer>, i: number): number {
    const character = String.fromCharCode(bytes[i] as number)
    const seen = this.#seen === '' ? `<${character}` : `${this.#seen}${character}`
    if (seen === '<?') {
      this.#mode = 'target'
      this.#seen = ''
    } else if (!seen.startsWith('<!')) {
      // The piece before ended with the "<" of a tag.
      this.#mode = 'tag'
      this.#carried = 0
      this.#base = this.#start.column - 1
      this.#keep(LESS_THAN, 0, 1)
      return i
    } else {
      this.#seen = seen
      const possible = OPENERS.filter(([opener]) => opener.startsWith(seen))
      if (possible.length === 0) this.#refuseAtStart('not well-formed XML: "<!" begins no comment, CDATA section or DOCTYPE here')
      const [, mode] = possible.find(([opener]) => opener === seen) ?? []
      if (mode !== undefined) this.#enter(mode)
    }
    return i + 1
  }

  #enter(mode: Mode): void {
    this.#mode = mode
    this.#seen = ''
    if (mode === 'cdata' && this.#depth === 0) this.#refuseAtStart('not well-formed XML: text data outside of root node')
    if (mode !== 'doctype') return
    if (this.#isRooted || this.#hasDoctype) this.#refuseAtStart('not well-formed XML: a DOCTYPE stands where none may')
    if (this.#options.doctype === 'refused') this.#refuseAtStart(NO_DOCTYPE)
    this.#hasDoctype = true
  }

  /** The text of a comment, a CDATA section or an instruction, which nobody asks for. */
  #passedOver(bytes: Buffer<ArrayBuffer>, from: number, end: number, mode: Mode): number {
    const ending = mode === 'comment' ? '-' : mode === 'cdata' ? ']' : '?'
    const last = ending.charCodeAt(0)
    const wanted = mode === 'instruction' ? 1 : 2
    let i = from
    for (;;) {
      if (this.#mark === 0) {
        if (this.#piece.isPlain) {
          i = this.#piece.find(ending, i)
        } else {
          while (i < end && inOther[bytes[i] as number] === 1) i += 1
        }
      }
      if (i >= end) return end
      const byte = bytes[i] as number
      if (byte === GT && this.#mark >= wanted) {
        this.#mode = 'text'
        this.#mark = 0
        return i + 1
      }
      if (mode === 'comment' && this.#mark === 2) throw new XmlFault(i, 'not well-formed XML: a "--" within a comment')
      this.#mark = byte === last ? Math.min(wanted, this.#mark + 1) : 0
      i = this.#other(bytes, i, end)
    }
  }

  #target(bytes: Buffer<ArrayBuffer>, i: number): number {
    const byte = bytes[i] as number
    if (!isSpace(byte) && byte !== QUESTION) {
      if (this.#seen.length >= MAX_DECLARATION) this.#refuseAtStart('not well-formed XML: an instruction without a name')
      this.#seen += String.fromCharCode(byte)
      return i + 1
    }
    if (!isName(Buffer.from(this.#seen, 'latin1'))) this.#refuseAtStart('not well-formed XML: an instruction without a name')
    const isDeclaration = this.#seen.toLowerCase() === 'xml'
    if (isDeclaration && !(this.#isAtStart && this.#seen === 'xml'))
      this.#refuseAtStart('not well-formed XML: an XML declaration stands where none may')
    this.#mode = isDeclaration ? 'declaration' : 'instruction'
    this.#seen = ''
    return i
  }

  #declaration(bytes: Buffer<ArrayBuffer>, i: number): number {
    const byte = bytes[i] as number
    if (byte === GT && this.#seen.endsWith('?')) {
      if (!DECLARATION.test(this.#seen)) this.#refuseAtStart('not well-formed XML: the XML declaration cannot be read')
      this.#mode = 'text'
      return i + 1
    }
    if (this.#seen.length >= MAX_DECLARATION) this.#refuseAtStart('not well-formed XML: the XML declaration cannot be read')
    this.#seen += String.fromCharCode(byte)
    if (byte === LF || byte === CR) this.#lineEnd(byte, i)
    return i + 1
  }

  #doctype(bytes: Buffer<ArrayBuffer>, i: number): number {
    const byte = bytes[i] as number
    if (this.#seen.length >= MAX_DECLARATION) this.#refuseAtStart(NO_DOCTYPE)
    if (this.#isInBrackets) {
      if (byte === CLOSING) this.#isInBrackets = false
      else if (!isSpace(byte)) this.#refuseAtStart(NO_DOCTYPE)
    } else if (this.#quote !== 0) {
      if (byte === this.#quote) this.#quote = 0
    } else if (byte === OPENING) this.#isInBrackets = true
    else if (byte === QUOTE || byte === APOS) this.#quote = byte
    else if (byte === GT) {
      if (!DOCTYPE.test(this.#seen)) this.#refuseAtStart(NO_DOCTYPE)
      this.#mode = 'text'
      return i + 1
    }
    this.#seen += String.fromCharCode(byte)
    if (byte === LF || byte === CR) this.#lineEnd(byte, i)
    return i + 1
  }
}

const LESS_THAN = Buffer.from('<')
const MISPLACED_END = 'not well-formed XML: a "]]>" within text'
const NO_DOCTYPE = 'a DOCTYPE is refused'

function widened(bytes: Uint8Array, by: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(2 * (bytes.length + by))
  wider.set(bytes)
  return wider
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** XML 1.0, productions 23 to 26, 32 and 80, after `<?xml` and with the `?` at the end. */
const DECLARATION =
  /^[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.\d+\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[A-Za-z][\w.-]*\2)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\3)?[ \t\r\n]*\?$/

const OPENING = 0x5b
const CLOSING = 0x5d

/** Production 28 with nothing but space in brackets, after `<!DOCTYPE`; names in ASCII. */
const DOCTYPE =
  /^[ \t\r\n]+[A-Za-z_:][\w:.-]*(?:[ \t\r\n]+(?:SYSTEM|PUBLIC[ \t\r\n]+(?:"[^"]*"|'[^']*'))[ \t\r\n]+(?:"[^"]*"|'[^']*'))?[ \t\r\n]*(?:\[[ \t\r\n]*\][ \t\r\n]*)?$/
