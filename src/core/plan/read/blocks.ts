import { plain } from '#core/plan/read/text.ts'

/**
 * Markdown as a stream of blocks, one line at a time and in linear time: headings, list items,
 * table rows, fenced blocks, lines of text. Not CommonMark in full: a plan is read by line, and a
 * list inside a quote or an indented code block is text like any other. (A full parser takes five
 * seconds and half a gigabyte for each megabyte.)
 */
export type Block =
  | {
      readonly kind: 'heading'
      readonly level: number
      readonly text: string
      readonly line: number
      readonly column: number
      readonly lines: number
    }
  | ItemBlock
  | {
      readonly kind: 'row'
      readonly header: readonly string[]
      readonly cells: readonly Cell[]
      readonly line: number
      readonly column: number
      readonly first: boolean
    }
  | { readonly kind: 'table'; readonly header: readonly string[]; readonly line: number; readonly column: number }
  | {
      readonly kind: 'text'
      readonly text: string
      readonly raw: string
      readonly line: number
      readonly column: number
      readonly indent: number
    }
  | {
      readonly kind: 'fence'
      readonly info: string
      readonly lines: readonly SourceLine[]
      readonly line: number
      readonly column: number
      readonly closed: boolean
    }
  /** White space, rules, table delimiters: nothing is said there. */
  | { readonly kind: 'blank'; readonly line: number }

export interface ItemBlock {
  readonly kind: 'item'
  readonly indent: number
  readonly ordered: boolean
  /** Letter of `A)`. */
  readonly letter?: string
  /** The character in a task box, or the glyph that stands for one. */
  readonly box?: string
  readonly text: string
  readonly raw: string
  readonly line: number
  readonly column: number
}

export interface Cell {
  readonly text: string
  readonly column: number
}

export interface SourceLine {
  readonly text: string
  readonly line: number
}

/** A longer line is no line of a plan: it is left as it is, so that no pattern ever meets it. */
export const MOST_CHARACTERS = 4000

/** A table with more columns is none that people read. */
const MOST_CELLS = 60

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/
const FENCE = /^([ \t]*)(`{3,}|~{3,})([^`]*)$/
const ITEM = /^([ \t]*)(?:[-*+•‣▪◦●○–]|(\d{1,4})[.)、]|([a-zA-Z])\))[ \t]+/
const BOX = /^\[([ xX✓✔✗~/\-✅❌])\](?:[ \t]+|$)/
const GLYPH = /^(✅|☑️?|✔️?|✓|❌|✗|✘|☐|⬜|🔲|⏳|🔄|🚧|🟢|🟡|🔴|⚠️?|▢|□|☒)[ \t]*/u
const DELIMITER = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const RULE = /^[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}|─{3,}|═{3,}|━{3,})[ \t]*$/

/** The blocks of a text, in order. Lines count from 1. */
export function* blocksOf(text: string): Generator<Block> {
  const lines = linesOf(text)
  let index = 0
  if (lines[0]?.trim() === '---') {
    const end = lines.slice(0, 100).findIndex((line, at) => at > 0 && line.trim() === '---')
    if (end > 0) {
      yield { kind: 'blank', line: 1 }
      for (index = 1; index < end; index += 1) yield textBlock(lines[index] ?? '', index + 1)
      yield { kind: 'blank', line: end + 1 }
      index = end + 1
    }
  }
  while (index < lines.length) {
    const raw = lines[index] ?? ''
    const line = index + 1
    if (raw.trim() === '') {
      yield { kind: 'blank', line }
      index += 1
    } else if (raw.length > MOST_CHARACTERS) {
      yield { kind: 'text', text: raw, raw, line, column: 1, indent: 0 }
      index += 1
    } else {
      const fence = FENCE.exec(raw)
      if (fence) {
        const block = fenced(lines, index, fence)
        yield block
        index += block.lines.length + (block.closed ? 2 : 1)
        continue
      }
      if (
        raw.includes('|') &&
        DELIMITER.test((lines[index + 1] ?? '').slice(0, MOST_CHARACTERS)) &&
        (lines[index + 1] ?? '').includes('-')
      ) {
        const header = cellsOf(raw)
        if (header.length <= MOST_CELLS && (header.length > 1 || raw.trim().startsWith('|'))) {
          index = yield* tableAt(lines, index, header)
          continue
        }
      }
      const next = lines[index + 1]
      const setext =
        next !== undefined && next.length < 200 && !ITEM.test(raw) && !raw.trim().startsWith('|') && !RULE.test(raw)
          ? /^ {0,3}(=+|-{2,})[ \t]*$/.exec(next)
          : null
      if (setext && !HEADING.test(raw) && !raw.includes('|')) {
        yield { kind: 'heading', level: setext[1]?.startsWith('=') ? 1 : 2, text: plain(raw), line, column: indentOf(raw) + 1, lines: 2 }
        yield { kind: 'blank', line: line + 1 }
        index += 2
      } else {
        yield lineBlock(raw, line)
        index += 1
      }
    }
  }
}

/** One line as a heading, an item, a rule or text; tables and fences need more than a line. */
export function lineBlock(raw: string, line: number): Block {
  if (raw.trim() === '' || RULE.test(raw)) return { kind: 'blank', line }
  const heading = HEADING.exec(raw)
  if (heading) {
    const text = plain(raw.slice(heading[0].length).replace(/[ \t]+#+[ \t]*$/, ''))
    return text === ''
      ? { kind: 'blank', line }
      : { kind: 'heading', level: heading[1]?.length ?? 1, text, line, column: heading[0].length + 1, lines: 1 }
  }
  const quote = /^[ \t]*>[ \t]?/.exec(raw)
  const rest = quote ? raw.slice(quote[0].length) : raw
  const item = ITEM.exec(rest)
  const start = quote?.[0].length ?? 0
  if (item) {
    const at = start + item[0].length
    const body = raw.slice(at)
    const box = BOX.exec(body)
    const glyph = box ? null : GLYPH.exec(body)
    const taken = (box ?? glyph)?.[0].length ?? 0
    return {
      kind: 'item',
      indent: width(item[1] ?? ''),
      ordered: item[2] !== undefined || item[3] !== undefined,
      ...(item[3] !== undefined && { letter: item[3] }),
      ...(box ? { box: box[1] ?? ' ' } : glyph ? { box: glyph[1] ?? ' ' } : {}),
      text: plain(body.slice(taken)),
      raw: body.slice(taken),
      line,
      column: at + taken + 1,
    }
  }
  const trimmed = rest.trimStart()
  const box = BOX.exec(trimmed) ?? GLYPH.exec(trimmed)
  if (box && trimmed.length > box[0].length) {
    const at = raw.length - trimmed.length + box[0].length
    return {
      kind: 'item',
      indent: width(rest.slice(0, rest.length - trimmed.length)),
      ordered: false,
      box: box[1] ?? ' ',
      text: plain(raw.slice(at)),
      raw: raw.slice(at),
      line,
      column: at + 1,
    }
  }
  return textBlock(raw, line, start)
}

function textBlock(raw: string, line: number, start = 0): Block {
  const body = raw.slice(start)
  const indent = width(/^[ \t]*/.exec(body)?.[0] ?? '')
  const text = plain(body)
  return text === '' ? { kind: 'blank', line } : { kind: 'text', text, raw: body.trim(), line, column: start + indentOf(body) + 1, indent }
}

/** Lines without their ends; a text without any has one. */
export function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function fenced(lines: readonly string[], index: number, open: RegExpExecArray): Extract<Block, { kind: 'fence' }> {
  const mark = open[2] ?? '```'
  const found: SourceLine[] = []
  let closed = false
  let at = index + 1
  for (; at < lines.length; at += 1) {
    const raw = lines[at] ?? ''
    const close = raw.length < 100 ? FENCE.exec(raw) : null
    if (close?.[2]?.startsWith(mark) && close[3]?.trim() === '') {
      closed = true
      break
    }
    found.push({ text: raw, line: at + 1 })
  }
  return { kind: 'fence', info: (open[3] ?? '').trim(), lines: found, line: index + 1, column: indentOf(lines[index] ?? '') + 1, closed }
}

function* tableAt(lines: readonly string[], index: number, header: readonly Cell[]): Generator<Block, number> {
  const names = header.map((cell) => cell.text)
  yield { kind: 'table', header: names, line: index + 1, column: header[0]?.column ?? 1 }
  yield { kind: 'blank', line: index + 2 }
  let at = index + 2
  for (; at < lines.length; at += 1) {
    const raw = lines[at] ?? ''
    if (raw.trim() === '' || !raw.includes('|') || raw.length > MOST_CHARACTERS || HEADING.test(raw) || FENCE.test(raw)) break
    yield { kind: 'row', header: names, cells: cellsOf(raw), line: at + 1, column: indentOf(raw) + 1, first: at === index + 2 }
  }
  return at
}

/** Cells of a table row, GFM 4.10: `\|` is no border, and neither is one inside code. */
export function cellsOf(raw: string): readonly Cell[] {
  const cells: Cell[] = []
  let from = raw.trimStart().startsWith('|') ? raw.indexOf('|') + 1 : 0
  let at = from
  const end = raw.trimEnd().length
  const push = (to: number): void => {
    const body = raw.slice(from, to)
    cells.push({ text: plain(body.replace(/\\\|/g, '|')), column: from + indentOf(body) + 1 })
  }
  for (; at < end; at += 1) {
    if (raw[at] === '\\') at += 1
    else if (raw[at] === '|') {
      push(at)
      from = at + 1
    }
  }
  if (from < end) push(end)
  return cells
}

const indentOf = (text: string): number => text.length - text.trimStart().length

const width = (space: string): number => space.replaceAll('\t', '    ').length
