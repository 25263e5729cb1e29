import type { Language, StringForm, Syntax } from './languages.ts'

/** What can begin at a place of a text. */
export type Rule = { readonly open: Matcher } & (
  | { readonly kind: 'line'; readonly first: boolean }
  | { readonly kind: 'block'; readonly close: string; readonly nested: RegExp | undefined }
  | { readonly kind: 'column'; readonly close: RegExp | undefined }
  | { readonly kind: 'string'; readonly form: StringForm; readonly doc: boolean }
  | { readonly kind: 'raw'; readonly pattern: RegExp; readonly close: (group: string) => string; readonly comment: boolean }
  | { readonly kind: 'piece' | 'regex' | 'template' | 'brace' }
)

/** The index after what begins at `at`; -1 where it does not. */
export type Matcher = (text: string, at: number) => number

export interface Grammar {
  /** Rules by the first character of what they match, in the order in which they are tried. */
  readonly rules: readonly (readonly Rule[] | undefined)[]
  /** What a character below 128 is in code: 0 nothing but code, else one of these. */
  readonly kinds: Uint8Array
}

export const [SPACE, LINE_FEED, OPENER, BRACE] = [1, 2, 3, 4]

/** Braces matter only where a template is open. */
const BRACES = '[{}]'
/** A regular expression of JavaScript may begin at any slash: whether it does is asked only there. */
const SLASH = '/(?:\\\\[^\\n]|\\[(?:\\\\[^\\n]|[^\\]\\\\\\n]){0,200}\\]|[^/\\\\[\\n]){1,500}/'

type Unplaced = { readonly source: string; readonly rule: Rule }

function rulesOf(syntax: Syntax): readonly Unplaced[] {
  const rule = (source: string, rest: DistributiveOmit<Rule, 'open'>): Unplaced => ({
    source,
    rule: { ...rest, open: matcherOf(source) },
  })
  const string = (form: StringForm, doc: boolean): Unplaced => rule(form.open, { kind: 'string', form, doc })
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
    ...(syntax.docstrings ?? []).map((open) => string({ open, close: open.slice(-3), escape: true, multiline: true }, true)),
    ...(syntax.script === true ? [rule('`', { kind: 'template' }), rule(BRACES, { kind: 'brace' }), rule(SLASH, { kind: 'regex' })] : []),
    ...(syntax.strings ?? []).map((form) => string(form, false)),
  ]
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A regular expression is only made where plain comparison does not do: it takes ten times as long. */
function matcherOf(source: string): Matcher {
  const plain = plainText(source)
  if (plain !== undefined && plain.length === 1) return (_, at) => at + 1
  if (plain !== undefined) {
    const second = plain.charCodeAt(1)
    return (text, at) => (text.charCodeAt(at + 1) === second && (plain.length === 2 || text.startsWith(plain, at)) ? at + plain.length : -1)
  }
  const [, letters, most, quotes] = /^\[(\w+)\]\{0,(\d)\}(["']{3})$/.exec(source) ?? []
  if (letters !== undefined && quotes !== undefined) return prefixed(letters, Number(most), quotes)
  const pattern = new RegExp(source, 'y')
  return (text, at) => {
    pattern.lastIndex = at
    return pattern.test(text) ? pattern.lastIndex : -1
  }
}

/** The text that a source matches and no other; undefined where there are several. */
const plainText = (source: string): string | undefined =>
  /^(?:[^\\^$.*+?()[\]{}|]|\\[^\w\s])+$/.test(source) ? source.replaceAll(/\\(.)/g, '$1') : undefined

/** Quotes after a few letters, as Python's: letters are everywhere. */
function prefixed(letters: string, most: number, quotes: string): Matcher {
  const quote = quotes.charCodeAt(0)
  return (text, at) => {
    let end = at
    while (end - at < most && letters.includes(text[end] ?? '?')) end += 1
    return text.charCodeAt(end) === quote && text.startsWith(quotes, end) ? end + quotes.length : -1
  }
}

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
    const quantifier = /^(?:[?*]|\{0,\d+\})/.exec(rest.slice(atom.length))?.[0]
    if (quantifier === undefined) return found
    rest = rest.slice(atom.length + quantifier.length)
  }
  return found
}

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
  const rules: (Rule[] | undefined)[] = Array.from({ length: 128 })
  for (const { source, rule } of rulesOf(language.syntax)) {
    for (const character of firstCharacters(source)) (rules[character.charCodeAt(0)] ??= []).push(rule)
  }
  const kinds = Uint8Array.from(rules, (own, code) => {
    if (own !== undefined) return own.every(({ kind }) => kind === 'brace') ? BRACE : OPENER
    return code === 10 ? LINE_FEED : code <= 32 ? SPACE : 0
  })
  const grammar = { rules, kinds }
  GRAMMARS.set(language, grammar)
  return grammar
}
