/** A comment or a string of a source text; `end` is behind its last character. */
export interface Token {
  readonly kind: 'comment' | 'string'
  readonly start: number
  readonly end: number
}

/** Says whether a comment or string begins at a place, and where it ends. `code` is what came before, masked. */
export type TokenAt = (text: string, at: number, code: readonly string[]) => Omit<Token, 'start'> | undefined

export interface Masked {
  /** The text, as long as it was and with its line ends: comments are blanks, strings are `"`. */
  readonly code: string
  /** In the order of the text. */
  readonly tokens: readonly Token[]
}

/** Takes comments and strings out of a text, so that what is left can be looked at line by line. */
export function mask(text: string, tokenAt: TokenAt): Masked {
  const code: string[] = []
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const found = tokenAt(text, at, code)
    if (!found || found.end <= at) {
      code.push(text[at] ?? '')
      at += 1
      continue
    }
    tokens.push({ ...found, start: at })
    const fill = found.kind === 'comment' ? ' ' : '"'
    for (; at < found.end; at += 1) code.push(text[at] === '\n' ? '\n' : fill)
  }
  return { code: code.join(''), tokens }
}

/** End of a string that begins at `start` with one quote and may hold escapes; it ends with its line at the latest. */
export function endOfLineString(text: string, start: number): number {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at + 1
    else if (text[at] === '\n') return at
  }
  return text.length
}

export const endOf = (text: string, mark: string, from: number): number => {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + mark.length
}

export const endOfLine = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}

/** Number of the line a place is in, from 1: asked in ascending order, it reads the text once. */
export function lineCounter(text: string): (at: number) => number {
  let line = 1
  let done = 0
  return (at) => {
    for (; done < at; done += 1) if (text[done] === '\n') line += 1
    return line
  }
}

/** What stands on one line of a language whose doc comments stand in lines of their own. */
export interface SourceLine {
  /** Comments taken away, white space as single blanks, cut to what a declaration needs. */
  readonly code: string
  /** `doc`: part of a comment that documents what follows; `comment`: of another one. */
  readonly comment?: 'doc' | 'comment'
}

const LINE_WIDTH = 400

/** Index 0 is line 1. */
export function sourceLines(text: string, { code, tokens }: Masked, isDoc: (comment: string) => boolean): readonly SourceLine[] {
  const kinds = new Map<number, 'doc' | 'comment'>()
  const lineOf = lineCounter(text)
  for (const { kind, start, end } of tokens) {
    if (kind !== 'comment') continue
    const value = isDoc(text.slice(start, end)) ? 'doc' : 'comment'
    const first = lineOf(start)
    const last = lineOf(end)
    for (let line = first; line <= last; line += 1) if (kinds.get(line) !== 'doc') kinds.set(line, value)
  }
  return code.split('\n').map((line, index) => {
    const comment = kinds.get(index + 1)
    return { code: cut(line).replace(/\s+/g, ' ').trimEnd(), ...(comment && { comment }) }
  })
}

/** Of a long line its beginning, where declarations begin, and its last character, where attributes end. */
const cut = (line: string): string => {
  const trimmed = line.trimEnd()
  return trimmed.length > LINE_WIDTH ? trimmed.slice(0, LINE_WIDTH) + trimmed.slice(-1) : trimmed
}
