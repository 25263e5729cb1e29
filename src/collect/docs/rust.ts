import { endOf, endOfLine, mask, sourceLines, type SourceLine, type TokenAt } from './mask.ts'
import type { DocSymbol } from './symbol.ts'

/**
 * Exported symbols of a Rust file: items and methods that are `pub` (not `pub(crate)` and its like),
 * and macros under `#[macro_export]`. Fields, enum variants, trait methods, re-exports and modules
 * in other files do not count. Documented: `///`, `/** *\/` or `#[doc` stands above, with nothing but
 * attributes and comments between.
 */
export function rustSymbols(text: string): readonly DocSymbol[] {
  const lines = sourceLines(text, mask(text, tokenAt), isDoc)
  return lines.flatMap(({ code }, index) => {
    const item = ITEM.exec(code)
    if (item && !(item[1] === 'mod' && code.trimEnd().endsWith(';')))
      return [{ name: item[2] ?? '', line: index + 1, documented: above(lines, index).documented }]
    const macro = /^\s*macro_rules!\s*([A-Za-z_]\w*)/.exec(code)
    const before = macro ? above(lines, index) : undefined
    return macro && before?.exported ? [{ name: `${macro[1]}!`, line: index + 1, documented: before.documented }] : []
  })
}

const ITEM =
  /^\s*pub\s+(?:(?:default|unsafe|async|const|extern(?:\s+"+)?)\s+)*(fn|struct|enum|trait|type|const|static|mod|union)\s+(?:mut\s+)?(?:r#)?([\p{L}_][\p{L}\p{Nd}_]*)/u

/** What stands above an item: attributes and comments, up to other code or a gap. */
function above(lines: readonly SourceLine[], index: number): { readonly documented: boolean; readonly exported: boolean } {
  let documented = false
  let exported = false
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lines[at]
    if (!line) break
    const code = line.code.trim()
    if (code === '') {
      if (!line.comment) break
      documented ||= line.comment === 'doc'
      continue
    }
    const first = attributeStart(lines, at)
    if (first === undefined) break
    const attribute = lines
      .slice(first, at + 1)
      .map((each) => each.code.trim())
      .join('')
    documented ||= /^#\[\s*doc\b/.test(attribute) && !/^#\[\s*doc\s*\(/.test(attribute)
    exported ||= attribute.includes('macro_export')
    at = first
  }
  return { documented, exported }
}

const MAX_ATTRIBUTE_LINES = 50

/** Index of the line where the attribute that ends on this line begins; undefined if there is none. */
function attributeStart(lines: readonly SourceLine[], end: number): number | undefined {
  if (!lines[end]?.code.trimEnd().endsWith(']')) return undefined
  for (let at = end; at >= Math.max(0, end - MAX_ATTRIBUTE_LINES); at -= 1) {
    const code = lines[at]?.code.trim() ?? ''
    if (code.startsWith('#[')) return at
    if (/[;{}]$/.test(code)) return undefined
  }
  return undefined
}

/** Outer doc comments that hold something; four slashes or three stars are ordinary comments. */
const isDoc = (comment: string): boolean => /^(?:\/\/\/(?!\/)|\/\*\*(?![*/]))/.test(comment) && /[\p{L}\p{N}]/u.test(comment)

const tokenAt: TokenAt = (text, start, code) => {
  const character = text[start]
  if (character === '/' && text[start + 1] === '/') return { kind: 'comment', end: endOfLine(text, start) }
  if (character === '/' && text[start + 1] === '*') return { kind: 'comment', end: endOfBlock(text, start) }
  if (character === '"') return { kind: 'string', end: endOfString(text, start) }
  const raw =
    (character === 'r' || character === 'b') && !/\w/.test(code.at(-1) ?? '')
      ? /^b?r(#{0,255})"/.exec(text.slice(start, start + 260))
      : null
  if (raw) return { kind: 'string', end: endOf(text, `"${raw[1]}`, start + raw[0].length) }
  // 'a' and '\n' are characters, 'a is a lifetime.
  const literal = character === "'" ? /^'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]{1,8}\}|.)|[^\\'])'/u.exec(text.slice(start, start + 16)) : null
  return literal ? { kind: 'string', end: start + literal[0].length } : undefined
}

/** Strings run over lines. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

/** Block comments nest. */
function endOfBlock(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith('/*', at)) {
      depth += 1
      at += 1
    } else if (text.startsWith('*/', at)) {
      depth -= 1
      at += 1
      if (depth === 0) return at + 1
    }
  }
  return text.length
}
