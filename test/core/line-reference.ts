import { type Language, LANGUAGES, type StringForm, type Syntax } from '#collect/source-code/languages.ts'

/** `blank`: white space only; `comment`: nothing but comment; `code`: all else, also beside a comment. */
export type LineClass = 'code' | 'comment' | 'blank'

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
  return language === undefined ? undefined : { language, lines: new Scanner(text, grammarOf(language)).scan() }
}

/** By whole name, extension or `#!` line; undefined when none is known. */
export const languageOf = (path: string, text = ''): Language | undefined => {
  const name = (path.split('/').at(-1) ?? '').toLowerCase()
  const dot = name.lastIndexOf('.')
  const extension = dot <= 0 ? '' : name.slice(dot + 1)
  const named =
    BY_NAME.get(name) ?? (name.startsWith('dockerfile.') || name.startsWith('containerfile.') ? BY_NAME.get('dockerfile') : undefined)
  if (named !== undefined) return named
  if (extension === 'm')
    return byTitle(
      /^\s*(?:@(?:interface|implementation|protocol|import|end)\b|#(?:import|include)\b)/m.test(text.slice(0, 20_000))
        ? 'Objective-C'
        : 'MATLAB',
    )
  if (extension !== '') return BY_EXTENSION.get(extension)
  return text.startsWith('#!') ? interpreterOf(text.slice(2, 300).split('\n')[0] ?? '') : undefined
}

/** `/usr/bin/env -S python3.12 -u` is Python. */
const interpreterOf = (command: string): Language | undefined => {
  const words = command
    .trim()
    .split(/\s+/)
    .map((word) => word.split('/').at(-1) ?? '')
  const program =
    (words[0] === 'env' ? words.slice(1).find((word) => !word.startsWith('-') && !word.includes('=')) : words[0])?.toLowerCase() ?? ''
  return BY_INTERPRETER.get(program) ?? BY_INTERPRETER.get(program.replace(/[\d.]+$/, ''))
}

const index = (keys: (language: Language) => readonly string[]): ReadonlyMap<string, Language> =>
  new Map(LANGUAGES.flatMap((language) => keys(language).map((key) => [key, language] as const)))

const BY_NAME = index((language) => language.names ?? [])
const BY_EXTENSION = index((language) => language.extensions)
const BY_INTERPRETER = index((language) => language.interpreters ?? [])
const byTitle = (name: string): Language | undefined => LANGUAGES.find((language) => language.name === name)

/** What can begin at a place of a text, in the order in which it is tried. */
type Rule =
  | { readonly kind: 'line'; readonly open: RegExp; readonly first: boolean }
  | { readonly kind: 'block'; readonly open: RegExp; readonly close: string; readonly nested: RegExp | undefined }
  | { readonly kind: 'column'; readonly open: RegExp; readonly close: RegExp | undefined }
  | { readonly kind: 'string'; readonly open: RegExp; readonly inner: RegExp; readonly form: StringForm; readonly doc: boolean }
  | { readonly kind: 'raw'; readonly open: RegExp; readonly close: (group: string) => string; readonly comment: boolean }
  | { readonly kind: 'piece' | 'regex' | 'template' | 'brace'; readonly open: RegExp }

interface Grammar {
  readonly rules: readonly Rule[]
  /** Finds the next place at which any rule may apply; undefined when there are no rules. */
  readonly next: RegExp | undefined
}

const sticky = (source: string): RegExp => new RegExp(source, 'y')
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

const stringRule = (form: StringForm, doc: boolean): Rule => ({
  kind: 'string',
  open: sticky(form.open),
  inner: new RegExp([form.escape ? '\\\\[\\s\\S]' : '', form.multiline ? '' : '\\n', literal(form.close)].filter(Boolean).join('|'), 'g'),
  form,
  doc,
})

const rulesOf = (syntax: Syntax): readonly Rule[] => [
  ...(syntax.end === undefined ? [] : [{ kind: 'column', open: sticky(syntax.end), close: undefined } as const]),
  ...(syntax.column ?? []).map(
    ([open, close]) => ({ kind: 'column', open: sticky(open), close: new RegExp(`^${close}.*$`, 'gm') }) as const,
  ),
  ...(syntax.raw ?? []).map((form) => ({ kind: 'raw', open: sticky(form.open), close: form.close, comment: form.comment }) as const),
  ...(syntax.block ?? []).map(
    ([open, close]) =>
      ({
        kind: 'block',
        open: sticky(open),
        close,
        nested: syntax.nested === true ? new RegExp(`${open}|${literal(close)}`, 'g') : undefined,
      }) as const,
  ),
  ...(syntax.pieces ?? []).map((open) => ({ kind: 'piece', open: sticky(open) }) as const),
  ...(syntax.line ?? []).map((open) => ({ kind: 'line', open: sticky(open), first: false }) as const),
  ...(syntax.lineFirst ?? []).map((open) => ({ kind: 'line', open: sticky(open), first: true }) as const),
  ...(syntax.docstrings ?? []).map((open) => stringRule({ open, close: open.slice(-3), escape: true, multiline: true }, true)),
  ...(syntax.script === true
    ? ([
        { kind: 'template', open: sticky('`') },
        { kind: 'brace', open: sticky('[{}]') },
        { kind: 'regex', open: sticky('/(?:\\\\[^\\n]|\\[(?:\\\\[^\\n]|[^\\]\\\\\\n]){0,200}\\]|[^/\\\\[\\n]){1,500}/') },
      ] as const)
    : []),
  ...(syntax.strings ?? []).map((form) => stringRule(form, false)),
]

const GRAMMARS = new Map<Language, Grammar>()

const grammarOf = (language: Language): Grammar => {
  const known = GRAMMARS.get(language)
  if (known !== undefined) return known
  const rules = rulesOf(language.syntax)
  // A regular expression may begin at any slash: whether it does is asked only there.
  const sources = rules.map((rule) => (rule.kind === 'regex' ? '/' : `(?:${rule.open.source})`))
  const grammar = { rules, next: sources.length === 0 ? undefined : new RegExp(sources.join('|'), 'g') }
  GRAMMARS.set(language, grammar)
  return grammar
}

const CODE = 1
const COMMENT = 2

class Scanner {
  readonly #text: string
  readonly #grammar: Grammar
  readonly #marks: number[] = [0]
  #at = 0
  /** For each template that is open: how many braces are open in its current `${`. */
  readonly #templates: number[] = []

  constructor(text: string, grammar: Grammar) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text
    this.#grammar = grammar
  }

  scan(): readonly LineClass[] {
    const { next } = this.#grammar
    // The line that says which program runs a script is code, as in cloc, whatever "#" means there.
    if (this.#text.startsWith('#!')) this.#take(this.#indexOf('\n', 0), CODE)
    while (this.#at < this.#text.length) {
      if (next === undefined) {
        this.#take(this.#text.length, CODE)
        break
      }
      next.lastIndex = this.#at
      const found = next.exec(this.#text)
      this.#take(found?.index ?? this.#text.length, CODE)
      if (found !== null && !this.#grammar.rules.some((rule) => this.#apply(rule))) this.#take(this.#at + 1, CODE)
    }
    if (this.#text === '' || this.#text.endsWith('\n')) this.#marks.pop()
    return this.#marks.map((mark) => ((mark & CODE) !== 0 ? 'code' : mark === COMMENT ? 'comment' : 'blank'))
  }

  /** Goes on to `end` and marks every line on the way that holds more than white space. */
  #take(end: number, mark: number): void {
    const text = this.#text
    const marks = this.#marks
    let line = marks.length - 1
    for (let at = this.#at; at < end; at++) {
      const char = text.charCodeAt(at)
      if (char === 10) line = marks.push(0) - 1
      else if (char > 32 && !(char >= 0x80 && isSpace(char))) marks[line] = (marks[line] ?? 0) | mark
    }
    this.#at = Math.max(this.#at, end)
  }

  #apply(rule: Rule): boolean {
    rule.open.lastIndex = this.#at
    const found = rule.open.exec(this.#text)
    if (found === null) return false
    const end = this.#at + found[0].length
    switch (rule.kind) {
      case 'line':
        if (rule.first && !this.#isFirst()) return false
        this.#take(this.#indexOf('\n', this.#at), COMMENT)
        return true
      case 'block':
        this.#take(rule.nested === undefined ? this.#after(rule.close, end) : this.#afterNested(rule.nested, rule.close, end), COMMENT)
        return true
      case 'column':
        if (this.#at > 0 && this.#text[this.#at - 1] !== '\n') return false
        this.#take(rule.close === undefined ? this.#text.length : this.#afterMatch(rule.close, end), COMMENT)
        return true
      case 'raw':
        this.#take(this.#after(rule.close(found[1] ?? ''), end), rule.comment ? COMMENT : CODE)
        return true
      case 'string': {
        const mark = rule.doc && this.#isFirst() ? COMMENT : CODE
        this.#take(this.#afterString(rule.inner, end), mark)
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

  #afterString(inner: RegExp, from: number): number {
    inner.lastIndex = from
    for (;;) {
      const found = inner.exec(this.#text)
      if (found === null) return this.#text.length
      if (found[0] === '\n') return found.index
      if (found[0][0] !== '\\' || found[0].length === 1) return inner.lastIndex
    }
  }

  #isFirst(): boolean {
    for (let at = this.#at - 1; at >= 0; at--) {
      const char = this.#text.charCodeAt(at)
      if (char === 10) return true
      if (char > 32 && !(char >= 0x80 && isSpace(char))) return false
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
