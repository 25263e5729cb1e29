import type { Language, StringForm, Syntax } from '#collect/source-code/languages.ts'

/** What can begin at a place of a text. */
export type Rule = Opener &
  (
    | { readonly kind: 'line'; readonly first: boolean }
    | { readonly kind: 'block'; readonly close: string; readonly nested: RegExp | undefined }
    | { readonly kind: 'column'; readonly close: RegExp | undefined }
    | { readonly kind: 'string'; readonly form: StringForm }
    /** `letters`: so many of them may stand before the quotes and belong to them. */
    | { readonly kind: 'docstring'; readonly form: StringForm; readonly letters: string; readonly most: number }
    | { readonly kind: 'raw'; readonly pattern: RegExp; readonly close: (group: string) => string; readonly comment: boolean }
    | { readonly kind: 'piece' | 'regex' | 'template' | 'brace' }
  )

interface Opener {
  readonly open: Matcher
  /** The one text that opens it; undefined where there are several. */
  readonly plain: string | undefined
  /** 1 for each code that may come second in what opens it. */
  readonly seconds: Uint8Array
}

/** The index after what begins at `at`; -1 where it does not. The text is made when it is asked for. */
export type Matcher = (codes: Uint8Array, at: number, of: { readonly text: string }) => number

/** Whether a text of ASCII characters stands at a place. */
function isAt(codes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (codes[at + index] !== text.charCodeAt(index)) return false
  return true
}

/** Rules by the first character of what they match, in the order in which they are tried. */
export type Grammar = readonly (readonly Rule[])[]

/** Codes of a text are its characters below 128; these two stand for all others too. */
export const [WIDE_SPACE, WIDE_SIGN] = [0x1f, 0x7f]

/** Braces matter only where a template is open. */
const BRACES = '[{}]'
/** A regular expression of JavaScript may begin at any slash: whether it does is asked only there. */
const SLASH = '/(?:\\\\[^\\n]|\\[(?:\\\\[^\\n]|[^\\]\\\\\\n]){0,200}\\]|[^/\\\\[\\n]){1,500}/'

interface Unplaced {
  readonly source: string
  readonly rule: Rule
}

function rulesOf(syntax: Syntax): readonly Unplaced[] {
  const rule = (source: string, rest: DistributiveOmit<Rule, keyof Opener>): Unplaced => ({
    source,
    rule: { ...openerOf(source), ...rest },
  })
  return [
    ...(syntax.end === undefined ? [] : [rule(syntax.end, { kind: 'column', close: undefined })]),
    ...(syntax.column ?? []).map(([open, close]) => rule(open, { kind: 'column', close: new RegExp(`^${close}.*$`, 'gm') })),
    ...(syntax.raw ?? []).map(({ open, close, comment }) => rule(open, { kind: 'raw', pattern: new RegExp(open, 'y'), close, comment })),
    ...(syntax.block ?? []).map(([open, close]) =>
      rule(open, { kind: 'block', close, nested: syntax.nested === true ? new RegExp(`${open}|${literal(close)}`, 'g') : undefined }),
    ),
    ...(syntax.pieces ?? []).map((open) => rule(open, { kind: 'piece' })),
    ...(syntax.line ?? []).map((open) => rule(open, { kind: 'line', first: false })),
    ...(syntax.lineFirst ?? []).map((open) => rule(open, { kind: 'line', first: true })),
    ...(syntax.docstrings ?? []).map((source) => {
      const [, letters = '', most = '1', open = source] = /^\[?(\w+)(?:\]\{0,(\d)\}|\?)(["']{3})$/.exec(source) ?? []
      return rule(open, { kind: 'docstring', form: { open, close: open, escape: true, multiline: true }, letters, most: Number(most) })
    }),
    ...(syntax.script === true ? [rule('`', { kind: 'template' }), rule(BRACES, { kind: 'brace' }), rule(SLASH, { kind: 'regex' })] : []),
    ...(syntax.strings ?? []).map((form) => rule(form.open, { kind: 'string', form })),
  ]
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A regular expression is only made where plain comparison does not do: it takes ten times as long. */
function openerOf(source: string): Opener {
  const plain = plainText(source)
  const seconds = secondsOf(source)
  if (plain !== undefined) return { plain, seconds, open: (codes, at) => (isAt(codes, at, plain) ? at + plain.length : -1) }
  const pattern = new RegExp(source, 'y')
  const open: Matcher = (_codes, at, of) => {
    pattern.lastIndex = at
    return pattern.test(of.text) ? pattern.lastIndex : -1
  }
  return { plain, seconds, open }
}

/** 1 for each code that may come second in what a source matches; for all where that is not plain to see. */
function secondsOf(source: string): Uint8Array {
  const [, rest] = /^(?:\w|\\[^\w\s])((?![?*+{|]).+)$/.exec(source) ?? []
  const isPlain = rest !== undefined && !new RegExp(`^(?:${rest})$`).test('')
  if (!isPlain) return new Uint8Array(128).fill(1)
  const seconds = new Uint8Array(128)
  seconds[WIDE_SPACE] = seconds[WIDE_SIGN] = 1
  for (const character of firstCharacters(rest)) seconds[character.charCodeAt(0)] = 1
  return seconds
}

/** The text that a source matches and no other; undefined where there are several. */
const plainText = (source: string): string | undefined =>
  /^(?:[^\\^$.*+?()[\]{}|]|\\[^\w\s])+$/.test(source) ? source.replaceAll(/\\(.)/g, '$1') : undefined

/** The characters that a match of a source can begin with: all sources in the table of languages are ASCII. */
export function firstCharacters(source: string): ReadonlySet<string> {
  const found = new Set<string>()
  let rest = source
  while (rest !== '') {
    const ahead = /^\(\?<?[!=]/.test(rest) ? groupOf(rest) : undefined
    if (ahead !== undefined) {
      rest = rest.slice(ahead.length)
      continue
    }
    const atom = rest.startsWith('(') ? groupOf(rest) : (/^(?:\[(?:\\.|[^\]\\])*\]|\\.|.)/s.exec(rest)?.[0] ?? '')
    for (const character of charactersOf(atom)) found.add(character)
    const quantifier = /^(?:[?*]|\{0,\d+\})/.exec(rest.slice(atom.length))?.[0] ?? ''
    if (quantifier === '' && !isOptional(atom)) return found
    rest = rest.slice(atom.length + quantifier.length)
  }
  return found
}

/** A group of what may be there or not: `(=*)`. */
const isOptional = (atom: string): boolean => atom.startsWith('(') && new RegExp(`^${atom}$`).test('')

function charactersOf(atom: string): Iterable<string> {
  if (atom.startsWith('(')) return alternatives(atom.replace(/^\((?:\?:)?/, '').slice(0, -1)).flatMap((one) => [...firstCharacters(one)])
  if (!atom.startsWith('[')) return [atom.at(-1) ?? '']
  const pattern = new RegExp(atom)
  return ASCII.filter((character) => pattern.test(character))
}

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

/** The group that a source begins with, up to its own closing parenthesis. */
function groupOf(source: string): string {
  let depth = 0
  for (const { 0: token, index } of source.matchAll(/\[(?:\\.|[^\]\\])*\]|\\.|[()]/gs)) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0
    if (depth === 0 && token === ')') return source.slice(0, index + 1)
  }
  return source
}

function alternatives(source: string): readonly string[] {
  const found = ['']
  let depth = 0
  for (const [token] of source.matchAll(/\[(?:\\.|[^\]\\])*\]|\\.|./gs)) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0
    if (token === '|' && depth === 0) found.push('')
    else found.push(`${found.pop() ?? ''}${token}`)
  }
  return found
}

const GRAMMARS = new Map<Language, Grammar>()

export function grammarOf(language: Language): Grammar {
  const known = GRAMMARS.get(language)
  if (known !== undefined) return known
  const grammar = ASCII.map((): Rule[] => [])
  for (const { source, rule } of rulesOf(language.syntax))
    for (const character of firstCharacters(source)) grammar[character.charCodeAt(0)]?.push(rule)
  GRAMMARS.set(language, grammar)
  return grammar
}
