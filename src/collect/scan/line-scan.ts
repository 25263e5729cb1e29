import { languageByPath, languageByText } from '#collect/source-code/language-of.ts'
import type { Language, StringForm } from '#collect/source-code/languages.ts'
import type { Grammar, Rule } from './line-grammar.ts'
import {
  grammarOf,
  isAt,
  LINE_FEED,
  OTHER_PAIR,
  pairKindsOf,
  PLAIN_KINDS,
  PLAIN_PAIR_KINDS,
  WIDE_SIGN,
  WIDE_SPACE,
} from './line-grammar.ts'

/** `blank`: white space only; `comment`: nothing but comment; `code`: all else, also beside a comment. */
export type LineClass = 'code' | 'comment' | 'blank'

export type LineCounts = Readonly<Record<LineClass, number>>

/** Raised with every change after which a text may be counted otherwise; a change of the table of languages is seen without it. */
export const SCANNER_VERSION = 1

export interface Scan {
  readonly language: Language
  /** One for each line, lines ending at LF; a last line without one counts, nothing after a last LF does. */
  readonly lines: readonly LineClass[]
}

/**
 * Classes of the lines of a file; undefined for a language that is not known. The rules are those
 * of cloc: blank first, even inside a comment; documentation strings are comments. A comment sign
 * inside a string is code. Bytes stand for a text that is ASCII. Time is proportional to the text, whatever stands in it.
 */
export const scanLines = (path: string, text: string | Buffer): Scan | undefined => {
  const told = languageByPath(path)
  const language = typeof told === 'string' ? languageByText(told, typeof text === 'string' ? text : text.toString('latin1')) : told
  if (language === undefined) return undefined
  const lines: LineClass[] = []
  scannerOf(language, text, lines).scan()
  return { language, lines }
}

/** How many lines of a text are of each class. Bytes stand for a text that is ASCII. */
export const countLines = (language: Language, text: string | Buffer): LineCounts => {
  const scanner = scannerOf(language, text)
  const lines = scanner.scan()
  const { code, comment } = scanner
  return { code, comment, blank: lines - code - comment }
}

const scannerOf = (language: Language, written: string | Buffer, lines?: LineClass[]): Scanner => {
  if (typeof written !== 'string') return new Scanner(undefined, written, grammarOf(language), lines)
  const text = written.startsWith('\ufeff') ? written.slice(1) : written
  return new Scanner(text, codesOf(text), grammarOf(language), lines)
}

function codesOf(text: string): Buffer {
  const codes = Buffer.allocUnsafe(text.length)
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    codes[at] = code < 0x80 ? code : isSpace(code) ? WIDE_SPACE : WIDE_SIGN
  }
  return codes
}

const CODE = 1
const COMMENT = 2
const [LF, BANG, HASH, BACKSLASH, BRACE] = [0x0a, 0x21, 0x23, 0x5c, 0x7b]

const classOf = (mark: number): LineClass => ((mark & CODE) !== 0 ? 'code' : mark === COMMENT ? 'comment' : 'blank')

const [LINE_STOPS, STRING_STOPS] = [stopsAt('\n'), stopsAt('\n\\"\'`')]
const [LINE_PAIR_STOPS, STRING_PAIR_STOPS] = [pairKindsOf(LINE_STOPS), pairKindsOf(STRING_STOPS)]

/** 1 for each of the characters. */
function stopsAt(characters: string): Uint8Array {
  const stops = new Uint8Array(256)
  for (const character of characters) stops[character.charCodeAt(0)] = 1
  return stops
}

/** The memory that codes lie in as pairs of bytes: asked again and again for that of one pipe. */
let pairsSeen: Uint16Array = new Uint16Array(0)

function pairsOf({ buffer }: Buffer): Uint16Array {
  if (pairsSeen.buffer !== buffer) pairsSeen = new Uint16Array(buffer, 0, buffer.byteLength >> 1)
  return pairsSeen
}

class Scanner {
  /** Made when a rule asks for it. */
  #text: string | undefined
  /** A byte for each character of the text. */
  readonly #codes: Buffer
  readonly #pairs: Uint16Array
  readonly #grammar: Grammar
  /** Gets the class of each line. */
  readonly #lines: LineClass[] | undefined
  #at = 0
  #line = 0
  /** Lines of code and of comment so far. */
  code = 0
  comment = 0
  /** Of the line at hand. */
  #mark = 0
  /** Whether lines end within the string read last. */
  #isBroken = false
  /** For each template that is open: how many braces are open in its current `${`. */
  readonly #templates: number[] = []

  constructor(text: string | undefined, codes: Buffer, grammar: Grammar, lines?: LineClass[]) {
    this.#text = text
    this.#codes = codes
    this.#pairs = pairsOf(codes)
    this.#grammar = grammar
    this.#lines = lines
  }

  /** The number of lines. */
  scan(): number {
    const codes = this.#codes
    const { rules } = this.#grammar
    // The line that says which program runs a script is code, as in cloc, whatever "#" means there.
    if (codes[0] === HASH && codes[1] === BANG) this.#take(this.#lineEnd(0), CODE)
    for (;;) {
      const opener = this.#code()
      if (opener < 0) break
      let isTaken = false
      for (const rule of rules[opener] as readonly Rule[]) {
        if (this.#apply(rule)) {
          isTaken = true
          break
        }
      }
      if (!isTaken) this.#take(this.#at + 1, CODE)
    }
    if (codes.length === 0 || codes[codes.length - 1] === LF) return this.#line
    this.#endLine(this.#mark)
    return this.#line
  }

  /** Goes on to the next character that may begin something: that character, or -1 at the end. */
  #code(): number {
    const codes = this.#codes
    const { length } = codes
    const { strings } = this.#grammar
    const inTemplate = this.#templates.length > 0
    const kinds = inTemplate ? this.#grammar.kindsInTemplate : this.#grammar.kinds
    const pairKinds = inTemplate ? this.#grammar.pairKindsInTemplate : this.#grammar.pairKinds
    const pairs = this.#pairs
    const begin = codes.byteOffset
    const lastPair = (begin + length) >> 1
    let at = this.#at
    let mark = this.#mark
    for (;;) {
      // Two at once as long as neither is more than a line end.
      if (((begin + at) & 1) === 0) {
        let pair = (begin + at) >> 1
        let kind = 0
        for (; pair < lastPair; pair += 1) {
          kind = pairKinds[pairs[pair] as number] as number
          if (kind >= LINE_FEED) break
          mark |= kind
        }
        at = 2 * pair - begin
        if (pair < lastPair && kind !== OTHER_PAIR) {
          this.#endLine(mark | (kind & 1))
          mark = kind >> 2
          at += 2
          continue
        }
      }
      if (at >= length) break
      const code = codes[at] as number
      const kind = kinds[code] as number
      at += 1
      // A space and a sign are 0 and 1, as the bit for code: whoever branches here on each word is twice as slow.
      if (kind < LINE_FEED) mark |= kind
      else if (kind === LINE_FEED) {
        this.#endLine(mark)
        mark = 0
      } else {
        this.#at = at - 1
        this.#mark = mark
        const form = strings[code]
        if (form === undefined) return code
        // Half of all that begins is such a string: it is not worth leaving this loop for.
        this.#takeString(form, at, CODE)
        at = this.#at
        mark = this.#mark
      }
    }
    this.#at = length
    this.#mark = mark
    return -1
  }

  #endLine(mark: number): void {
    this.#line += 1
    this.code += mark & CODE
    this.comment += mark === COMMENT ? 1 : 0
    if (this.#lines !== undefined) this.#lines.push(classOf(mark))
    this.#mark = 0
  }

  /** Goes on to `end` and marks every line on the way that holds more than white space. */
  #take(end: number, sign: number): void {
    const codes = this.#codes
    const pairs = this.#pairs
    const begin = codes.byteOffset
    const lastPair = (begin + end) >> 1
    let mark = this.#mark
    let at = this.#at
    for (;;) {
      if (((begin + at) & 1) === 0) {
        let pair = (begin + at) >> 1
        let kind = 0
        for (; pair < lastPair; pair += 1) {
          kind = PLAIN_PAIR_KINDS[pairs[pair] as number] as number
          if (kind >= LINE_FEED) break
          mark |= kind * sign
        }
        at = 2 * pair - begin
        if (pair < lastPair && kind !== OTHER_PAIR) {
          this.#endLine(mark | ((kind & 1) * sign))
          mark = (kind >> 2) * sign
          at += 2
          continue
        }
      }
      if (at >= end) break
      const kind = PLAIN_KINDS[codes[at] as number] as number
      at += 1
      if (kind < LINE_FEED) mark |= kind * sign
      else {
        this.#endLine(mark)
        mark = 0
      }
    }
    this.#mark = mark
    this.#at = Math.max(this.#at, end)
  }

  /** The same for what begins with a sign and holds no line end. */
  #takeRest(end: number, sign: number): void {
    this.#mark |= sign
    this.#at = end
  }

  #apply(rule: Rule): boolean {
    const codes = this.#codes
    const end = rule.open === undefined ? this.#at + 1 : rule.open(codes, this.#at, this)
    if (end < 0) return false
    switch (rule.kind) {
      case 'line':
        if (rule.first && !this.#isFirst()) return false
        this.#takeRest(this.#lineEnd(this.#at), COMMENT)
        return true
      case 'block':
        this.#take(rule.nested === undefined ? this.#after(rule.close, end) : this.#afterNested(rule.nested, rule.close, end), COMMENT)
        return true
      case 'column':
        if (this.#at > 0 && this.#codes[this.#at - 1] !== LF) return false
        this.#take(rule.close === undefined ? codes.length : this.#afterMatch(rule.close, end), COMMENT)
        return true
      case 'raw': {
        rule.pattern.lastIndex = this.#at
        const [, group = ''] = rule.pattern.exec(this.text) ?? []
        this.#take(this.#after(rule.close(group), end), rule.comment ? COMMENT : CODE)
        return true
      }
      case 'string':
        this.#takeString(rule.form, end, CODE)
        return true
      case 'docstring': {
        const isFirst = this.#isFirst(this.#lettersBefore(rule.letters, rule.most))
        // The letters before it are the first of their line, and were taken for code.
        if (isFirst) this.#mark = 0
        this.#takeString(rule.form, end, isFirst ? COMMENT : CODE)
        return true
      }
      case 'piece':
        this.#take(end, CODE)
        return true
      case 'regex':
        if (!this.#canBeRegex()) return false
        this.#take(end, CODE)
        return true
      case 'template':
        this.#take(end, CODE)
        this.#takeTemplate()
        return true
      case 'brace':
        this.#takeBrace(end)
        return true
    }
  }

  /** All of it, a character for each code. */
  get text(): string {
    return (this.#text ??= this.#codes.toString('latin1'))
  }

  /** The index of the next code of those that `stops` gives 1, or of the end. */
  #next(stops: Uint8Array, pairStops: Uint8Array, from: number): number {
    const codes = this.#codes
    const pairs = this.#pairs
    const { length, byteOffset } = codes
    const lastPair = (byteOffset + length) >> 1
    let at = from
    if (at >= length) return length
    if (((byteOffset + at) & 1) === 1) {
      if (stops[codes[at] as number] === 1) return at
      at += 1
    }
    let pair = (byteOffset + at) >> 1
    while (pair < lastPair && pairStops[pairs[pair] as number] === 0) pair += 1
    at = 2 * pair - byteOffset
    if (at < length && stops[codes[at] as number] === 0) at += 1
    return at
  }

  /** The index of the line end that comes next, or of the end. */
  #lineEnd(from: number): number {
    return this.#next(LINE_STOPS, LINE_PAIR_STOPS, from)
  }

  #after(close: string, from: number): number {
    const codes = this.#codes
    const { length } = codes
    const first = close.charCodeAt(0)
    for (let at = from; at < length; at += 1) if (codes[at] === first && isAt(codes, at, close)) return at + close.length
    return length
  }

  #afterMatch(close: RegExp, from: number): number {
    close.lastIndex = from
    return close.exec(this.text) === null ? this.#codes.length : close.lastIndex
  }

  #afterNested(either: RegExp, close: string, from: number): number {
    either.lastIndex = from
    for (let depth = 1; depth > 0;) {
      const found = either.exec(this.text)
      if (found === null) return this.#codes.length
      depth += found[0] === close ? -1 : 1
    }
    return either.lastIndex
  }

  #takeString(form: StringForm, from: number, sign: number): void {
    const end = this.#afterString(form, from)
    if (this.#isBroken) this.#take(end, sign)
    else this.#takeRest(end, sign)
  }

  /** The index of the first of at most so many letters that stand before. */
  #lettersBefore(letters: string, most: number): number {
    let from = this.#at
    while (from > 0 && this.#at - from < most && letters.includes(String.fromCharCode(this.#codes[from - 1] as number))) from -= 1
    return from
  }

  #afterString({ close, escape, multiline }: StringForm, from: number): number {
    this.#isBroken = false
    const codes = this.#codes
    const { length } = codes
    const closer = close.charCodeAt(0)
    let at = from
    for (;;) {
      at = this.#next(STRING_STOPS, STRING_PAIR_STOPS, at)
      if (at >= length) return length
      const code = codes[at] as number
      if (code === closer) {
        if (close.length === 1 || isAt(codes, at, close)) return at + close.length
      } else if (code === BACKSLASH) {
        if (escape) {
          at += 1
          if (codes[at] === LF) this.#isBroken = true
        }
      } else if (code === LF) {
        if (!multiline) return at
        this.#isBroken = true
      }
      at += 1
    }
  }

  #isFirst(from = this.#at): boolean {
    for (let at = from - 1; at >= 0; at -= 1) {
      const code = this.#codes[at] as number
      if (code === LF) return true
      if (code > 32) return false
    }
    return true
  }

  /** A slash divides after a value, and opens a regular expression after an operator or a keyword. */
  #canBeRegex(): boolean {
    const before = this.text.slice(Math.max(0, this.#at - 200), this.#at).trimEnd()
    const last = before.at(-1)
    if (last === undefined) return true
    if ('([{,;=:?!&|+-*%^~}'.includes(last)) return true
    return /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|await|yield)$/.test(before.slice(-12))
  }

  #takeTemplate(): void {
    TEMPLATE.lastIndex = this.#at
    for (;;) {
      const found = TEMPLATE.exec(this.text)
      if (found === null) return this.#take(this.#codes.length, CODE)
      if (found[0] === '`') return this.#take(TEMPLATE.lastIndex, CODE)
      if (found[0] !== '${') continue
      this.#templates.push(0)
      return this.#take(TEMPLATE.lastIndex, CODE)
    }
  }

  #takeBrace(end: number): void {
    const isOpen = this.#codes[this.#at] === BRACE
    this.#take(end, CODE)
    const depth = this.#templates.pop()
    if (depth === undefined) return
    if (isOpen) this.#templates.push(depth + 1)
    else if (depth > 0) this.#templates.push(depth - 1)
    else this.#takeTemplate()
  }
}

const TEMPLATE = /\\[\s\S]|`|\$\{/g

const isSpace = (char: number): boolean =>
  char === 0xa0 ||
  char === 0x1680 ||
  (char >= 0x2000 && char <= 0x200a) ||
  char === 0x2028 ||
  char === 0x2029 ||
  char === 0x202f ||
  char === 0x205f ||
  char === 0x3000 ||
  char === 0xfeff
