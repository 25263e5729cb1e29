import { languageOf } from '#collect/source-code/language-of.ts'
import type { Language, StringForm } from '#collect/source-code/languages.ts'
import type { Grammar, Rule } from './line-grammar.ts'
import { grammarOf, LINE_FEED, OPENER, PLAIN_KINDS, WIDE_SIGN, WIDE_SPACE } from './line-grammar.ts'

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
 * inside a string is code. Time is proportional to the text, whatever stands in it.
 */
export const scanLines = (path: string, text: string): Scan | undefined => {
  const language = languageOf(path, text)
  if (language === undefined) return undefined
  const lines = scannerOf(language, text).scan()
  return { language, lines: Array.from({ length: lines }, (_, line) => classOf(marks[line] as number)) }
}

/** How many lines of a text are of each class. `ascii`: the bytes of the text, where all of it is ASCII. */
export const countLines = (language: Language, text: string, ascii?: Buffer): LineCounts => {
  const lines = scannerOf(language, text, ascii).scan()
  let [code, comment] = [0, 0]
  for (let line = 0; line < lines; line += 1) {
    const mark = marks[line] as number
    if ((mark & CODE) !== 0) code += 1
    else if (mark === COMMENT) comment += 1
  }
  return { code, comment, blank: lines - code - comment }
}

const scannerOf = (language: Language, written: string, ascii?: Buffer): Scanner => {
  const text = written.startsWith('\ufeff') ? written.slice(1) : written
  return new Scanner(text, ascii ?? codesOf(text), grammarOf(language))
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
const [LF, BACKSLASH] = [10, 0x5c]

const classOf = (mark: number): LineClass => ((mark & CODE) !== 0 ? 'code' : mark === COMMENT ? 'comment' : 'blank')

/** What stands in each line of the text scanned last: used again for the next. */
let marks = new Uint8Array(1 << 12)

class Scanner {
  readonly #text: string
  /** A byte for each character of the text. */
  readonly #codes: Buffer
  readonly #grammar: Grammar
  #at = 0
  #line = 0
  /** Of the line at hand. */
  #mark = 0
  /** Whether lines end within the string read last. */
  #isBroken = false
  /** For each template that is open: how many braces are open in its current `${`. */
  readonly #templates: number[] = []

  constructor(text: string, codes: Buffer, grammar: Grammar) {
    this.#text = text
    this.#codes = codes
    this.#grammar = grammar
  }

  /** The number of lines, of each of which `marks` says then what stands in it. */
  scan(): number {
    const text = this.#text
    const { rules } = this.#grammar
    // The line that says which program runs a script is code, as in cloc, whatever "#" means there.
    if (text.startsWith('#!')) this.#take(this.#indexOf('\n', 0), CODE)
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
    if (text === '' || text.endsWith('\n')) return this.#line
    this.#endLine()
    return this.#line
  }

  /** Goes on to the next character that may begin something: that character, or -1 at the end. */
  #code(): number {
    const codes = this.#codes
    const { length } = codes
    const kinds = this.#templates.length > 0 ? this.#grammar.kindsInTemplate : this.#grammar.kinds
    let at = this.#at
    let mark = this.#mark
    for (; at < length; at += 1) {
      const code = codes[at] as number
      const kind = kinds[code] as number
      // A space and a sign are 0 and 1, as the bit for code: whoever branches here on each word is twice as slow.
      if (kind < LINE_FEED) mark |= kind
      else if (kind === OPENER) {
        this.#at = at
        this.#mark = mark
        return code
      } else {
        this.#mark = mark
        this.#endLine()
        mark = 0
      }
    }
    this.#at = length
    this.#mark = mark
    return -1
  }

  #endLine(): void {
    if (this.#line === marks.length) {
      const larger = new Uint8Array(2 * marks.length)
      larger.set(marks)
      marks = larger
    }
    marks[this.#line] = this.#mark
    this.#line += 1
    this.#mark = 0
  }

  /** Goes on to `end` and marks every line on the way that holds more than white space. */
  #take(end: number, sign: number): void {
    const codes = this.#codes
    let mark = this.#mark
    for (let at = this.#at; at < end; at += 1) {
      const kind = PLAIN_KINDS[codes[at] as number] as number
      if (kind < LINE_FEED) mark |= kind * sign
      else {
        this.#mark = mark
        this.#endLine()
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
    const end = rule.open(this.#text, this.#at)
    if (end < 0) return false
    switch (rule.kind) {
      case 'line':
        if (rule.first && !this.#isFirst()) return false
        this.#takeRest(this.#indexOf('\n', this.#at), COMMENT)
        return true
      case 'block':
        this.#take(rule.nested === undefined ? this.#after(rule.close, end) : this.#afterNested(rule.nested, rule.close, end), COMMENT)
        return true
      case 'column':
        if (this.#at > 0 && this.#codes[this.#at - 1] !== LF) return false
        this.#take(rule.close === undefined ? this.#text.length : this.#afterMatch(rule.close, end), COMMENT)
        return true
      case 'raw': {
        rule.pattern.lastIndex = this.#at
        const [, group = ''] = rule.pattern.exec(this.#text) ?? []
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

  #indexOf(wanted: string, from: number): number {
    const found = this.#text.indexOf(wanted, from)
    return found === -1 ? this.#text.length : found
  }

  #after(close: string, from: number): number {
    return Math.min(this.#indexOf(close, from) + close.length, this.#text.length)
  }

  #afterMatch(close: RegExp, from: number): number {
    close.lastIndex = from
    return close.exec(this.#text) === null ? this.#text.length : close.lastIndex
  }

  #afterNested(either: RegExp, close: string, from: number): number {
    either.lastIndex = from
    for (let depth = 1; depth > 0;) {
      const found = either.exec(this.#text)
      if (found === null) return this.#text.length
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
    while (from > 0 && this.#at - from < most && letters.includes(this.#text[from - 1] as string)) from -= 1
    return from
  }

  #afterString({ close, escape, multiline }: StringForm, from: number): number {
    this.#isBroken = false
    const codes = this.#codes
    const { length } = codes
    const closer = close.charCodeAt(0)
    for (let at = from; at < length; at += 1) {
      const code = codes[at] as number
      if (code === closer) {
        if (close.length === 1 || this.#text.startsWith(close, at)) return at + close.length
      } else if (code === BACKSLASH) {
        if (!escape) continue
        at += 1
        if (codes[at] === LF) this.#isBroken = true
      } else if (code === LF) {
        if (!multiline) return at
        this.#isBroken = true
      }
    }
    return length
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
    const before = this.#text.slice(Math.max(0, this.#at - 200), this.#at).trimEnd()
    const last = before.at(-1)
    if (last === undefined) return true
    if ('([{,;=:?!&|+-*%^~}'.includes(last)) return true
    return /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|await|yield)$/.test(before.slice(-12))
  }

  #takeTemplate(): void {
    TEMPLATE.lastIndex = this.#at
    for (;;) {
      const found = TEMPLATE.exec(this.#text)
      if (found === null) return this.#take(this.#text.length, CODE)
      if (found[0] === '`') return this.#take(TEMPLATE.lastIndex, CODE)
      if (found[0] !== '${') continue
      this.#templates.push(0)
      return this.#take(TEMPLATE.lastIndex, CODE)
    }
  }

  #takeBrace(end: number): void {
    const isOpen = this.#text[this.#at] === '{'
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
