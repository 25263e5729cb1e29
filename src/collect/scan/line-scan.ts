import { languageByPath, languageByText } from '#collect/source-code/language-of.ts'
import type { Language } from '#collect/source-code/languages.ts'
import type { Rule } from './line-grammar.ts'
import { WIDE_SIGN, WIDE_SPACE } from './line-grammar.ts'
import { CODE, COMMENT, lineMachine } from './line-machine.ts'

/** `blank`: white space only; `comment`: nothing but comment; `code`: all else, also beside a comment. */
export type LineClass = 'code' | 'comment' | 'blank'

export type LineCounts = Readonly<Record<LineClass, number>>

/** Raised with every change after which a text may be counted otherwise; a change of the table of languages is seen without it. */
export const SCANNER_VERSION = 2

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
  const scanner = new Scanner(language, text, true)
  scanner.scan()
  return { language, lines: Array.from(scanner.machine.classes(), classOf) }
}

/** How many lines of a text are of each class. Bytes stand for a text that is ASCII. */
export const countLines = (language: Language, text: string | Buffer): LineCounts => new Scanner(language, text, false).scan()

const [LF, BRACE] = [0x0a, 0x7b]

const classOf = (mark: number): LineClass => ((mark & CODE) !== 0 ? 'code' : mark === COMMENT ? 'comment' : 'blank')

/** A byte for each character of the text. */
function writeCodes(text: string, codes: Uint8Array): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    codes[at] = code < 0x80 ? code : isSpace(code) ? WIDE_SPACE : WIDE_SIGN
  }
}

class Scanner {
  readonly machine = lineMachine()
  readonly #length: number
  readonly #isScript: boolean
  /** These two are made when a rule asks for them. */
  #text: string | undefined
  #made: Buffer | undefined
  #at = 0
  /** For each template that is open: how many braces are open in its current `${`. */
  readonly #templates: number[] = []

  constructor(language: Language, written: string | Buffer, hasClasses: boolean) {
    const text = typeof written === 'string' && written.startsWith('\ufeff') ? written.slice(1) : written
    this.#length = text.length
    this.#isScript = typeof text === 'string' ? text.startsWith('#!') : text.toString('latin1', 0, 2) === '#!'
    this.machine.begin(language, typeof text === 'string' ? { length: text.length } : text, hasClasses)
    if (typeof text !== 'string') this.machine.write(text)
    else {
      this.#text = text
      writeCodes(text, this.#codes)
    }
  }

  get #codes(): Buffer {
    return (this.#made ??= this.machine.codes)
  }

  scan(): LineCounts {
    const { machine } = this
    // The line that says which program runs a script is code, as in cloc, whatever "#" means there.
    if (this.#isScript) this.#take(this.#after('\n', 0), CODE)
    let rule = machine.ask(this.#at, false)
    while (rule !== undefined) {
      this.#at = machine.place
      const isTaken = this.#apply(rule)
      const inTemplate = this.#templates.length > 0
      rule = isTaken ? machine.ask(this.#at, inTemplate) : machine.askOn(inTemplate)
    }
    return machine.finish()
  }

  /** Goes on to `end` and marks every line on the way that holds more than white space. */
  #take(end: number, sign: number): void {
    if (end > this.#at) this.machine.take(this.#at, end, sign)
    this.#at = Math.max(this.#at, end)
  }

  #apply(rule: Rule): boolean {
    const { machine } = this
    const end = rule.open(this.#codes, this.#at, this)
    if (end < 0) return false
    switch (rule.kind) {
      case 'line':
        if (rule.first && !machine.isUnmarked) return false
        this.#at = machine.takeLineComment(this.#at)
        return true
      case 'block':
        if (rule.nested === undefined) this.#at = machine.takeBlockComment(this.#at, end)
        else this.#take(this.#afterNested(rule.nested, rule.close, end), COMMENT)
        return true
      case 'column':
        if (this.#at > 0 && this.#codes[this.#at - 1] !== LF) return false
        this.#take(rule.close === undefined ? this.#length : this.#afterMatch(rule.close, end), COMMENT)
        return true
      case 'raw': {
        rule.pattern.lastIndex = this.#at
        const [, group = ''] = rule.pattern.exec(this.text) ?? []
        this.#take(this.#after(rule.close(group), end), rule.comment ? COMMENT : CODE)
        return true
      }
      case 'string':
        this.#at = machine.takeString(this.#at, end, CODE)
        return true
      case 'docstring': {
        const isFirst = this.#isFirst(this.#lettersBefore(rule.letters, rule.most))
        // The letters before it are the first of their line, and were taken for code.
        if (isFirst) machine.unmark()
        this.#at = machine.takeString(this.#at, end, isFirst ? COMMENT : CODE)
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

  #after(close: string, from: number): number {
    const found = this.#codes.indexOf(close, from, 'latin1')
    return found < 0 ? this.#length : found + close.length
  }

  #afterMatch(close: RegExp, from: number): number {
    close.lastIndex = from
    return close.exec(this.text) === null ? this.#length : close.lastIndex
  }

  #afterNested(either: RegExp, close: string, from: number): number {
    either.lastIndex = from
    for (let depth = 1; depth > 0;) {
      const found = either.exec(this.text)
      if (found === null) return this.#length
      depth += found[0] === close ? -1 : 1
    }
    return either.lastIndex
  }

  /** The index of the first of at most so many letters that stand before. */
  #lettersBefore(letters: string, most: number): number {
    let from = this.#at
    while (from > 0 && this.#at - from < most && letters.includes(String.fromCharCode(this.#codes[from - 1] as number))) from -= 1
    return from
  }

  #isFirst(from: number): boolean {
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
      if (found === null) return this.#take(this.#length, CODE)
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
