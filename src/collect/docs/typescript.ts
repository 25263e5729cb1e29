import { endOf, endOfLine, endOfLineString, lineCounter, mask, type Masked, type TokenAt } from './mask.ts'
import { mergeByName, type DocSymbol } from './symbol.ts'

/**
 * Exported symbols of a TypeScript or JavaScript module: `export` before a declaration, the default
 * export, and names of `export { a }` that the file declares. What is exported from another file
 * counts there. Documented: a `/** ... *\/` with a description stands before the declaration,
 * with nothing but comments and decorator lines between.
 */
export function typescriptSymbols(text: string): readonly DocSymbol[] {
  const masked = mask(text, tokenAt)
  const declared = declarations(masked.code)
  const depthAt = depthCounter(masked.code)
  const places: Place[] = []
  for (const { 0: match, index } of masked.code.matchAll(/^[ \t]*export\b/gm)) {
    const indented = match !== 'export'
    if (!indented || depthAt(index) === 0) places.push(...exported(masked.code, index + match.length - 'export'.length, declared))
  }
  const lineOf = lineCounter(text)
  const inOrder = places.toSorted((a, b) => a.at - b.at)
  return mergeByName(inOrder.map(({ name, at }) => ({ name, line: lineOf(at), documented: isDocumented(text, masked, at) })))
}

/** A name, and where its declaration begins. */
interface Place {
  readonly name: string
  readonly at: number
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`
const MODIFIERS = String.raw`(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?`
const KEYWORD = String.raw`${MODIFIERS}(?:function\b\s*\*?|class\b|interface\b|type\b|enum\b|const\s+enum\b|const\b|let\b|var\b|namespace\b|module\b)`
const DECLARATION = new RegExp(String.raw`export\s+(default\s+)?${KEYWORD}\s*((?!extends\b|implements\b)${NAME})?`, 'uy')
const PATTERN = /export\s+(?:const|let|var)\s*([{[][^={}[\]]{0,2000}[}\]])/y
const LOCAL = new RegExp(String.raw`^${KEYWORD}\s*(${NAME})`, 'gmu')
const CLAUSE = /export\s+(?:type\s+)?\{([^{}]{0,20000})\}\s*(from\b)?/y
const DEFAULT_NAME = new RegExp(String.raw`export\s+(?:default\s+|=\s*)(${NAME})\s*(?:;|\n|$)`, 'uy')
const DEFAULT = /export\s+(?:default\b|=)/y

/** What one `export` offers to others. */
function exported(code: string, start: number, declared: ReadonlyMap<string, number>): readonly Place[] {
  const clause = matchAt(CLAUSE, code, start)
  if (clause) return clause[2] === undefined ? (clause[1] ?? '').split(',').flatMap((part) => localName(part, declared)) : []
  const pattern = matchAt(PATTERN, code, start)?.[1]
  if (pattern !== undefined) return [{ name: pattern.replace(/\s+/g, ' '), at: start }]
  const declaration = matchAt(DECLARATION, code, start)
  const name = declaration?.[2]
  if (declaration && (name !== undefined || declaration[1] !== undefined)) return [{ name: name ?? 'default', at: start }]
  const named = matchAt(DEFAULT_NAME, code, start)?.[1]
  if (named !== undefined) return [{ name: declared.has(named) ? named : 'default', at: declared.get(named) ?? start }]
  return matchAt(DEFAULT, code, start) ? [{ name: 'default', at: start }] : []
}

function matchAt(pattern: RegExp, code: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(code)
}

/** `a`, `a as b`, `type a`: the symbol under its own name, if this file declares it. */
function localName(part: string, declared: ReadonlyMap<string, number>): readonly Place[] {
  const name =
    part
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/)[0] ?? ''
  const at = declared.get(name)
  return at === undefined ? [] : [{ name, at }]
}

/** Where a name is first declared at the beginning of a line. */
function declarations(code: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const match of code.matchAll(LOCAL)) if (match[1] !== undefined && !found.has(match[1])) found.set(match[1], match.index)
  return found
}

/** Brackets that are open at a place; asked in ascending order, it reads the code once. */
function depthCounter(code: string): (place: number) => number {
  let depth = 0
  let done = 0
  return (place) => {
    for (; done < place; done += 1) {
      const character = code[done]
      if (character === '{' || character === '(' || character === '[') depth += 1
      else if (character === '}' || character === ')' || character === ']') depth -= 1
    }
    return depth
  }
}

function isDocumented(text: string, { code, tokens }: Masked, declaration: number): boolean {
  const start = beforeDecorators(code, declaration)
  let last = start - 1
  while (last >= 0 && /\s/.test(code[last] ?? '')) last -= 1
  for (let index = firstBehind(tokens, last); (tokens[index]?.end ?? Infinity) <= start; index += 1) {
    const token = tokens[index]
    if (token?.kind === 'comment' && describes(text.slice(token.start, token.end))) return true
  }
  return false
}

/** Binary search: index of the first token that begins behind a place. */
function firstBehind(tokens: Masked['tokens'], place: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tokens[middle]?.start ?? Infinity) > place) high = middle
    else low = middle + 1
  }
  return low
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

const tokenAt: TokenAt = (text, start, code) => tokenWithin(text, start, code, 0)

function tokenWithin(text: string, start: number, code: readonly string[], depth: number): ReturnType<TokenAt> {
  const character = text[start]
  if (character === "'" || character === '"') return { kind: 'string', end: endOfLineString(text, start) }
  if (character === '`') return { kind: 'string', end: endOfTemplate(text, start, depth) }
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
  const code = ['{']
  let open = 1
  let index = start
  while (index < text.length) {
    const token = tokenWithin(text, index, code, depth + 1)
    if (token) {
      if (token.kind === 'string') code.push('"')
      index = token.end
      continue
    }
    const character = text[index] ?? ''
    if (character === '{') open += 1
    else if (character === '}' && --open === 0) return index + 1
    code.push(character)
    index += 1
  }
  return text.length
}

/** A slash begins a pattern where no value can have ended: after an operator, an opening bracket or a keyword. */
function regexMayBegin(code: readonly string[]): boolean {
  let last = code.length - 1
  while (last >= 0 && /\s/.test(code[last] ?? '')) last -= 1
  if (last < 0) return true
  if ('(,=:[!&|?{};+-*%~^'.includes(code[last] ?? '')) return true
  if (code[last] === '>' && code[last - 1] === '=') return true
  const word = /[a-z]+$/.exec(code.slice(Math.max(0, last - 10), last + 1).join(''))?.[0]
  return (
    word !== undefined &&
    ['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'yield', 'await'].includes(word)
  )
}

/** A pattern longer than this is taken for a division. */
const MAX_REGEX = 400

function endOfRegex(text: string, start: number): number | undefined {
  let inClass = false
  for (let index = start + 1; index < Math.min(text.length, start + MAX_REGEX); index += 1) {
    const character = text[index]
    if (character === '\n') return undefined
    if (character === '\\') index += 1
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return index + 1
  }
  return undefined
}
