import { visible } from './visible.ts'

/** A heading of a Markdown text. */
export interface Heading {
  /** Without markup, runs of white space as one blank. */
  readonly text: string
  /** As written, with markup. */
  readonly source: string
  readonly level: number
  /** Counts from 1. */
  readonly line: number
  /** True when something is said before the next heading of the same or a higher level. */
  readonly filled: boolean
}

/** Headings compare without regard to case, markup and spacing. */
export const headingKey = (text: string): string => plain(text).toLowerCase()

/**
 * ATX and setext headings (CommonMark 4.2, 4.3) outside fenced code, comments and front matter.
 * A line scanner: headings inside lists and quotes are not seen.
 */
export function headingsOf(markdown: string): readonly Heading[] {
  const lines = classify(markdown.replace(/^\ufeff/, '').split(/\r\n|\n|\r/))
  const found: Heading[] = []
  // From the end, so that what follows each line is known when it is reached.
  let nextText = Infinity
  const nextOfLevel = Array.from({ length: 7 }, () => Infinity)
  for (const [index, line] of [...lines.entries()].toReversed()) {
    if (line.kind === 'text') nextText = index
    if (line.kind !== 'heading') continue
    const { source, level, titleLine } = line
    found.push({ text: plain(source), source, level, line: titleLine + 1, filled: nextText < Math.min(...nextOfLevel.slice(0, level + 1)) })
    nextOfLevel[level] = titleLine
  }
  return found.toReversed()
}

type Line =
  /** `titleLine`: index of its first line; `setext` headings stand on two. */
  | { readonly kind: 'heading'; readonly source: string; readonly level: number; readonly titleLine: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'nothing' }

const NOTHING: Line = { kind: 'nothing' }
const TEXT: Line = { kind: 'text' }

const ATX = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/

/** Words that stand where something is still to be written. */
const PLACEHOLDER =
  /^[\s*_>~`.…-]*(?:to ?do|tbd|tba|fixme|xxx|wip|coming soon|to be (?:done|written|defined|added)|lorem ipsum.*)?[\s*_~`:.…!-]*$/i

function classify(lines: readonly string[]): readonly Line[] {
  const result: Line[] = []
  let fence: string | undefined
  let inComment = false
  for (let index = frontMatterEnd(lines, result); index < lines.length; index += 1) {
    const raw = lines[index] ?? ''
    if (fence !== undefined) {
      const closing = FENCE.exec(raw)
      if (closing?.[1]?.startsWith(fence) && closing[2]?.trim() === '') {
        fence = undefined
        result.push(NOTHING)
      } else result.push(visible(raw).trim() === '' ? NOTHING : TEXT)
      continue
    }
    const { text: line, open } = withoutComments(raw, inComment)
    inComment = open
    const opening = FENCE.exec(line)
    if (opening && !(opening[1]?.startsWith('`') && opening[2]?.includes('`'))) {
      fence = opening[1]
      result.push(NOTHING)
    } else result.push(lineOf(line, index, lines, result))
  }
  return result
}

function lineOf(line: string, index: number, lines: readonly string[], before: Line[]): Line {
  const atx = ATX.exec(line)
  if (atx)
    return {
      kind: 'heading',
      source: (atx[2] ?? '').replace(/(?:^|[ \t])#+[ \t]*$/, ''),
      level: atx[1]?.length ?? 1,
      titleLine: index,
    }
  const previous = lines[index - 1] ?? ''
  // Four blanks are code, and a list item or quote is not the first line of a heading.
  if (SETEXT.test(line) && before[index - 1]?.kind === 'text' && !/^(?: {4}|\t| {0,3}(?:[-*+>|]|\d+[.)])\s)/.test(previous)) {
    before[index - 1] = NOTHING
    return { kind: 'heading', source: previous, level: line.trim().startsWith('=') ? 1 : 2, titleLine: index - 1 }
  }
  return says(line) ? TEXT : NOTHING
}

/** Rules, link definitions, anchors, and placeholders say nothing. */
function says(source: string): boolean {
  const line = visible(source)
  return (
    line.trim().length > LONG ||
    (!PLACEHOLDER.test(line) &&
      !/^\s{0,3}\[[^\]]{1,200}\]:\s/.test(line) &&
      !/^\s*(?:<[^>]*>\s*)+$/.test(line) &&
      !/^[\s=*_+|:-]+$/.test(line))
  )
}

/** A line this long says something, or is a rule that nobody draws. */
const LONG = 300

/** YAML front matter between two `---` lines at the very beginning; fills `result` for its lines. */
function frontMatterEnd(lines: readonly string[], result: Line[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0
  const end = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
  if (end < 0) return 0
  for (let index = 0; index <= end; index += 1) result.push(NOTHING)
  return end + 1
}

function withoutComments(line: string, inComment: boolean): { readonly text: string; readonly open: boolean } {
  let text = ''
  let rest = line
  let open = inComment
  while (rest !== '') {
    const mark = open ? '-->' : '<!--'
    const at = rest.indexOf(mark)
    if (!open) text += at < 0 ? rest : rest.slice(0, at)
    if (at < 0) break
    rest = rest.slice(at + mark.length)
    open = !open
  }
  return { text, open }
}

/** Links and images as their text, emphasis and code marks away. */
const plain = (text: string): string =>
  text
    .replace(/!?\[([^\][]*)\](?:\([^()]*\)|\[[^\][]*\])/g, '$1')
    .replace(/<[^<>]*>/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/[*_`]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
