import { endOf, endOfLine, endOfLineString, lineCounter, mask, type Masked, type TokenAt } from './mask.ts'
import { mergeByName, type DocSymbol } from './symbol.ts'

/**
 * Exported symbols of a Python module: functions and classes at its top level, those in `__all__`
 * where it is a literal, else those without a leading underscore. Documented: the body begins with
 * a string that holds something (PEP 257).
 */
export function pythonSymbols(text: string): readonly DocSymbol[] {
  const masked = mask(text, tokenAt)
  const listed = listedIn(text, masked)
  const lineOf = lineCounter(text)
  const found = [...masked.code.matchAll(/^(?:async[ \t]+def|def|class)[ \t]+([\p{ID_Start}_][\p{ID_Continue}]*)/gmu)]
  const symbols = found.map((match, index) => ({
    name: match[1] ?? '',
    line: lineOf(match.index),
    // Another definition at the top level begins only where this one has ended.
    documented: hasDocstring(text, masked, match.index + match[0].length, found[index + 1]?.index ?? text.length),
  }))
  return mergeByName(symbols.filter(({ name }) => (listed ? listed.has(name) : !name.startsWith('_'))))
}

const MAX_LISTS = 20

/** Names in `__all__`, with what is added by `+=`; undefined where there is none. */
function listedIn(text: string, { code, tokens }: Masked): ReadonlySet<string> | undefined {
  const lists = [...code.matchAll(/^__all__[ \t]*(?::[^=\n]{0,100})?\+?=[ \t]*(?:[[(]|(?="))/gm)]
    .slice(0, MAX_LISTS)
    .map(({ 0: match, index }) => {
      const start = index + match.length
      const bracket = match.at(-1)
      return { start, end: bracket === '[' || bracket === '(' ? endOf(code, bracket === '[' ? ']' : ')', start) : endOfLine(code, start) }
    })
  if (lists.length === 0) return undefined
  const inside = tokens.filter(({ kind, start }) => kind === 'string' && lists.some((list) => start >= list.start && start < list.end))
  return new Set(inside.map(({ start, end }) => text.slice(start, end).replace(/^[A-Za-z]{0,2}["']{1,3}|["']{1,3}$/g, '')))
}

function hasDocstring(text: string, { code, tokens }: Masked, afterName: number, limit: number): boolean {
  const colon = endOfHead(code, afterName, limit)
  if (colon === undefined) return false
  let at = colon + 1
  while (at < limit && /[\s\\]/.test(code[at] ?? '')) at += 1
  const first = find(tokens, at)
  if (first?.kind !== 'string') return false
  const literal = /^([A-Za-z]{0,2})("""|'''|"|')([\s\S]*)$/.exec(text.slice(first.start, first.end))
  // Formatted strings and bytes are values, not documentation.
  return literal !== null && /^[rRuU]?$/.test(literal[1] ?? '') && /[\p{L}\p{N}]/u.test(literal[3] ?? '')
}

/** The colon that ends `def name(...) -> type` or `class Name(...)`. */
function endOfHead(code: string, from: number, limit: number): number | undefined {
  let depth = 0
  for (let at = from; at < limit; at += 1) {
    const character = code[at] ?? ''
    if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) depth -= 1
    else if (character === ':' && depth === 0) return at
  }
  return undefined
}

/** Binary search: the token that begins at a place. */
function find(tokens: Masked['tokens'], start: number): Masked['tokens'][number] | undefined {
  let low = 0
  let high = tokens.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const token = tokens[middle]
    if (!token || token.start === start) return token
    if (token.start < start) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

const tokenAt: TokenAt = (text, start, code) => {
  const character = text[start] ?? ''
  if (character === '#') return { kind: 'comment', end: endOfLine(text, start) }
  const prefix =
    /[A-Za-z]/.test(character) && !/[\p{ID_Continue}]/u.test(code.at(-1) ?? '')
      ? (/^(?:[rRuUbBfFtT]|[rR][bBfFtT]|[bBfFtT][rR])(?=["'])/.exec(text.slice(start, start + 3))?.[0] ?? '')
      : ''
  const quote = start + prefix.length
  if (text[quote] !== '"' && text[quote] !== "'") return undefined
  const triple = (text[quote] ?? '').repeat(3)
  return { kind: 'string', end: text.startsWith(triple, quote) ? endOfTriple(text, triple, quote + 3) : endOfLineString(text, quote) }
}

function endOfTriple(text: string, triple: string, from: number): number {
  let at = from
  for (;;) {
    const end = endOf(text, triple, at)
    let slashes = 0
    while (text[end - triple.length - 1 - slashes] === '\\' && end - triple.length - 1 - slashes >= from) slashes += 1
    if (slashes % 2 === 0 || end >= text.length) return end
    at = end - triple.length + 1
  }
}
