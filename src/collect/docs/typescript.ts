import { endOf, endOfLine, endOfLineString, lineCounter, mask, type Masked, type TokenAt } from './mask.ts'
import { mergeByName, type DocSymbol } from './symbols.ts'

/**
 * Exported symbols of a TypeScript or JavaScript module: `export` before a declaration, the default
 * export, and names of `export { a }` that the file declares. What is exported from another file
 * counts there. Documented: a `/** ... *\/` with a description stands before the declaration,
 * with nothing but comments and decorator lines between.
 */
export function typescriptSymbols(text: string): readonly DocSymbol[] {
  const masked = mask(text, tokenAt)
  const lineOf = lineCounter(text)
  const symbols: DocSymbol[] = []
  const exports = [...masked.code.matchAll(/^[ \t]*export\b/gm)].filter(({ 0: match, index }) => match === 'export' || depthAt(masked.code, index) === 0)
  const add = (name: string, start: number): void => void symbols.push({ name, line: 0, documented: isDocumented(text, masked, start) })
  const places: number[] = []
  for (const { 0: match, index } of exports) {
    const start = index + match.length - 'export'.length
    for (const { name, at } of exported(masked.code, start)) {
      add(name, at)
      places.push(at)
    }
  }
  // Lines are counted in one pass, so in ascending order.
  const order = places.map((place, index) => ({ place, index })).toSorted((a, b) => a.place - b.place)
  const lines = new Map(order.map(({ place, index }) => [index, lineOf(place)]))
  return mergeByName(symbols.map((symbol, index) => ({ ...symbol, line: lines.get(index) ?? 0 })))
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`
const KEYWORD = String.raw`(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\b\s*\*?|class\b|interface\b|type\b|enum\b|const\s+enum\b|const\b|let\b|var\b|namespace\b|module\b)`
const DECLARATION = new RegExp(String.raw`export\s+(default\s+)?${KEYWORD}\s*(${NAME}|[{[][^={}[\]]{0,2000}[}\]])?`, 'uy')
const CLAUSE = /export\s+(?:type\s+)?\{([^{}]{0,20000})\}\s*(from\b)?/y
const DEFAULT_NAME = new RegExp(String.raw`export\s+(?:default\s+|=\s*)(${NAME})\s*(?:;|\n|$)`, 'uy')
const DEFAULT = /export\s+(?:default\b|=)/y

/** What one `export` offers: names, and where the declaration of each begins. */
function exported(code: string, start: number): readonly { readonly name: string; readonly at: number }[] {
  const clause = at(CLAUSE, code, start)
  if (clause) return clause[2] === undefined ? (clause[1] ?? '').split(',').flatMap((part) => localName(code, part)) : []
  const declaration = at(DECLARATION, code, start)
  const name = declaration?.[2]
  if (declaration && (name !== undefined || declaration[1] !== undefined)) return [{ name: name === undefined ? 'default' : oneLine(name), at: start }]
  const named = at(DEFAULT_NAME, code, start)?.[1]
  if (named !== undefined) {
    const found = declarationOf(code, named)
    return [{ name: named, at: found ?? start }]
  }
  return at(DEFAULT, code, start) ? [{ name: 'default', at: start }] : []
}

function at(pattern: RegExp, code: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(code)
}

const oneLine = (name: string): string => name.replace(/\s+/g, ' ')

/** `a`, `a as b`, `type a`: the symbol under its own name, if this file declares it. */
function localName(code: string, part: string): readonly { readonly name: string; readonly at: number }[] {
  const name = part.trim().replace(/^type\s+/, '').split(/\s+as\s+/)[0] ?? ''
  const found = new RegExp(`^${NAME}$`, 'u').test(name) ? declarationOf(code, name) : undefined
  return found === undefined ? [] : [{ name, at: found }]
}

function declarationOf(code: string, name: string): number | undefined {
  const literal = name.replaceAll('$', String.raw`\$`)
  return new RegExp(String.raw`^${KEYWORD}\s*${literal}(?![\p{ID_Continue}$])`, 'mu').exec(code)?.index
}

/** Brackets that are open at a place; indented exports are rare, so it is counted anew for each. */
function depthAt(code: string, place: number): number {
  let depth = 0
  for (let index = 0; index < place; index += 1) {
    const character = code[index]
    if (character === '{' || character === '(' || character === '[') depth += 1
    else if (character === '}' || character === ')' || character === ']') depth -= 1
  }
  return depth
}

function isDocumented(text: string, { code, tokens }: Masked, declaration: number): boolean {
  const start = beforeDecorators(code, declaration)
  let last = start - 1
  while (last >= 0 && /\s/.test(code[last] ?? '')) last -= 1
  return tokens.some((token) => token.kind === 'comment' && token.start > last && token.end <= start && describes(text.slice(token.start, token.end)))
}

/** Steps back over lines that begin with a decorator. */
function beforeDecorators(code: string, declaration: number): number {
  let start = declaration
  for (;;) {
    const before = code.slice(0, start).trimEnd()
    const line = before.lastIndexOf('\n') + 1
    if (!/^\s*@[\p{ID_Start}$_]/u.test(before.slice(line))) return start
    start = line
  }
}

/** Tags alone, and comments on the whole file, describe no symbol. */
function describes(comment: string): boolean {
  if (!comment.startsWith('/**') || /@(?:file|fileoverview|overview|module|packageDocumentation|license)\b/i.test(comment)) return false
  return comment
    .slice(3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, ''))
    .some((line) => /[\p{L}\p{N}]/u.test(line) && !line.startsWith('@'))
}

const tokenAt: TokenAt = (text, start, code) => {
  const character = text[start]
  if (character === "'" || character === '"') return { kind: 'string', end: endOfLineString(text, start) }
  if (character === '`') return { kind: 'string', end: endOfTemplate(text, start, 0) }
  if (character !== '/') return start === 0 && text.startsWith('#!') ? { kind: 'comment', end: endOfLine(text, 0) } : undefined
  if (text[start + 1] === '/') return { kind: 'comment', end: endOfLine(text, start) }
  if (text[start + 1] === '*') return { kind: 'comment', end: endOf(text, '*/', start + 2) }
  const end = regexMayBegin(code) ? endOfRegex(text, start) : undefined
  return end === undefined ? undefined : { kind: 'string', end }
}

/** Templates nested deeper than this are read as going to the end. */
const MAX_NESTING = 40

function endOfTemplate(text: string, start: number, depth: number): number {
  if (depth > MAX_NESTING) return text.length
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text[index]
    if (character === '\\') index += 1
    else if (character === '`') return index + 1
    else if (character === '$' && text[index + 1] === '{') index = endOfExpression(text, index + 2, depth) - 1
  }
  return text.length
}

function endOfExpression(text: string, start: number, depth: number): number {
  let open = 1
  let index = start
  while (index < text.length) {
    const character = text[index]
    if (character === '`') index = endOfTemplate(text, index, depth + 1)
    else if (character === "'" || character === '"') index = endOfLineString(text, index)
    else {
      if (character === '{') open += 1
      else if (character === '}' && --open === 0) return index + 1
      index += 1
    }
  }
  return text.length
}

/** A slash begins a pattern where no value can have ended: after an operator, an opening bracket or a keyword. */
function regexMayBegin(code: readonly string[]): boolean {
  let last = code.length - 1
  while (last >= 0 && /\s/.test(code[last] ?? '')) last -= 1
  if (last < 0) return true
  if ('(,=:[!&|?{};+-*%~^'.includes(code[last] ?? '')) return true
  const word = /[a-z]+$/.exec(code.slice(Math.max(0, last - 10), last + 1).join(''))?.[0]
  return word !== undefined && ['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'yield', 'await'].includes(word)
}

function endOfRegex(text: string, start: number): number | undefined {
  let inClass = false
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text[index]
    if (character === '\n') return undefined
    if (character === '\\') index += 1
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return index + 1
  }
  return undefined
}
