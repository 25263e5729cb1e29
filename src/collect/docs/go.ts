import { endOf, endOfLine, endOfLineString, mask, sourceLines, type SourceLine, type TokenAt } from './mask.ts'
import type { DocSymbol } from './symbol.ts'

/**
 * Exported symbols of a Go file: functions, methods of exported types, types, constants and
 * variables at the top level whose name begins with an upper-case letter. Documented: a comment
 * that is no directive stands right above, or, in a group, at the end of the line or above the
 * group of constants or variables (as go doc shows them).
 */
export function goSymbols(text: string): readonly DocSymbol[] {
  const lines = sourceLines(text, mask(text, tokenAt), isText)
  const symbols: DocSymbol[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const code = lines[index]?.code ?? ''
    const group = /^(type|const|var)\s*\($/.exec(code)
    if (group) {
      const shared = group[1] !== 'type' && isDocumented(lines, index)
      index = addGroup(symbols, lines, index, shared)
      continue
    }
    const names = declared(code)
    if (names.length === 0) continue
    const documented = isDocumented(lines, index)
    for (const name of names) symbols.push({ name, line: index + 1, documented })
  }
  return symbols
}

const NAME = String.raw`[\p{L}_][\p{L}\p{Nd}_]*`
const METHOD = new RegExp(String.raw`^func\s*\(\s*(?:${NAME}\s+)?\*?\s*(${NAME})(?:\[[^\]]*\])?\s*\)\s*(${NAME})`, 'u')
const SINGLE = new RegExp(String.raw`^(?:func|type|const|var)\s+(${NAME}(?:\s*,\s*${NAME})*)`, 'u')
const MEMBER = new RegExp(String.raw`^\s+(${NAME}(?:\s*,\s*${NAME})*)(?=\s|=|$)`, 'u')

const isExported = (name: string): boolean => /^\p{Lu}/u.test(name)
const exportedOf = (names: string | undefined): readonly string[] => (names ?? '').split(/\s*,\s*/).filter(isExported)

function declared(code: string): readonly string[] {
  const method = METHOD.exec(code)
  if (method) return isExported(method[1] ?? '') && isExported(method[2] ?? '') ? [`${method[1]}.${method[2]}`] : []
  return exportedOf(SINGLE.exec(code)?.[1])
}

/** Returns the index of the line that closes the group. */
function addGroup(symbols: DocSymbol[], lines: readonly SourceLine[], start: number, shared: boolean): number {
  let depth = 1
  for (let index = start + 1; index < lines.length; index += 1) {
    const { code = '', comment } = lines[index] ?? {}
    const names = depth === 1 ? exportedOf(MEMBER.exec(code)?.[1]) : []
    if (names.length > 0) {
      const documented = shared || comment === 'doc' || isDocumented(lines, index)
      for (const name of names) symbols.push({ name, line: index + 1, documented })
    }
    for (const character of code) {
      if ('({['.includes(character)) depth += 1
      else if (')}]'.includes(character)) depth -= 1
    }
    if (depth <= 0) return index
  }
  return lines.length
}

/** Walks up the lines that are comments only, without a gap. */
function isDocumented(lines: readonly SourceLine[], index: number): boolean {
  for (let above = index - 1; above >= 0; above -= 1) {
    const line = lines[above]
    if (!line || line.code.trim() !== '' || !line.comment) return false
    if (line.comment === 'doc') return true
  }
  return false
}

/** Directives to tools say nothing to readers. */
const isText = (comment: string): boolean =>
  /[\p{L}\p{N}]/u.test(comment) && !/^\/\/(?:[a-z0-9]+:[a-z0-9]|export |extern |line |nolint)/.test(comment)

const tokenAt: TokenAt = (text, start) => {
  const character = text[start]
  if (character === '/' && text[start + 1] === '/') return { kind: 'comment', end: endOfLine(text, start) }
  if (character === '/' && text[start + 1] === '*') return { kind: 'comment', end: endOf(text, '*/', start + 2) }
  if (character === '`') return { kind: 'string', end: endOf(text, '`', start + 1) }
  return character === '"' || character === "'" ? { kind: 'string', end: endOfLineString(text, start) } : undefined
}
