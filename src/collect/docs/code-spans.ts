/**
 * A Markdown text of the same length in which code (fenced, in backticks, indented after a blank
 * line), comments and front matter are blanks, line ends kept.
 */
export function blankedCode(markdown: string): string {
  return blankedSpans(blankedBlocks(markdown.replace(/\r\n?/g, '\n')))
}

const FENCE = /^(?:[ \t>]|[-*+] |\d{1,9}[.)] ){0,20}(`{3,}|~{3,})(.*)$/

const blanks = (line: string): string => ' '.repeat(line.length)

function blankedBlocks(text: string): string {
  const lines = text.split('\n')
  let fence: string | undefined
  let isCode = false
  let wasBlank = true
  let inList = false
  let index = frontMatterEnd(lines)
  for (let front = 0; front < index; front += 1) lines[front] = blanks(lines[front] ?? '')
  for (; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const [, marks = '', info = ''] = FENCE.exec(line.slice(0, 200)) ?? []
    if (fence !== undefined) {
      if (marks.startsWith(fence) && info.trim() === '') fence = undefined
      lines[index] = blanks(line)
    } else if (marks !== '' && !(marks.startsWith('`') && info.includes('`'))) {
      fence = marks
      lines[index] = blanks(line)
    } else {
      const isBlank = line.trim() === ''
      if (!isBlank && /^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/.test(line)) inList = true
      else if (!isBlank && !/^[ \t]/.test(line)) inList = false
      // What is indented in a list may be its next paragraph, and is looked at.
      isCode = /^(?: {4}|\t)/.test(line) && !inList && (wasBlank || isCode)
      if (isCode) lines[index] = blanks(line)
      wasBlank = isBlank
    }
  }
  return lines.join('\n')
}

function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.replace(/^\ufeff/, '').trimEnd() !== '---') return 0
  return lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line)) + 1
}

/** Nobody needs more, and each length may be looked for once in a paragraph. */
const MOST_TICKS = 50

/** Code in backticks, which ends with its paragraph, and comments. */
function blankedSpans(text: string): string {
  const parts: string[] = []
  /** Runs of so many backticks have no end before that place. */
  const noEnd = new Map<number, number>()
  let from = 0
  const hide = (at: number, end: number): void => {
    parts.push(text.slice(from, at), text.slice(at, end).replace(/[^\n]/g, ' '))
    from = end
  }
  for (let at = next(text, 0); at >= 0;) {
    if (text[at] === '<') {
      const end = text.indexOf('-->', at + 4)
      hide(at, end < 0 ? text.length : end + 3)
      at = next(text, from)
    } else if (text[at] === '\\') at = next(text, at + 2)
    else {
      const length = runLength(text, at)
      const end = length > MOST_TICKS || (noEnd.get(length) ?? 0) > at ? -1 : closing(text, at + length, length, noEnd)
      if (end >= 0) hide(at, end)
      at = next(text, end < 0 ? at + length : end)
    }
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/** The next backslash, backtick or comment. */
function next(text: string, from: number): number {
  NEXT.lastIndex = from
  return NEXT.exec(text)?.index ?? -1
}
const NEXT = /\\|`|<!--/g

function runLength(text: string, at: number): number {
  let end = at
  while (text[end] === '`') end += 1
  return end - at
}

/** Behind the next run of that length in the paragraph; where there is none, `noEnd` hears how far it was looked for. */
function closing(text: string, from: number, length: number, noEnd: Map<number, number>): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\n' && text[at + 1] === '\n') {
      noEnd.set(length, at)
      return -1
    }
    if (text[at] !== '`') continue
    const found = runLength(text, at)
    if (found === length) return at + found
    at += found - 1
  }
  noEnd.set(length, text.length)
  return -1
}
