/**
 * What a message says, before it is put into the form of a sink: blocks of runs of text. Templates
 * are written in one small notation, and their values are fenced, so that whatever a value holds,
 * it stays text.
 *
 *   # Heading      - item       > small print      *strong*  _emphasis_  `code`  <https://...|words>
 */

export interface Document {
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'heading'; readonly runs: readonly Run[] }
  | { readonly kind: 'paragraph' | 'small'; readonly lines: readonly (readonly Run[])[] }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }

export interface ListItem {
  /** 0, or 1 for an item beneath another. */
  readonly level: 0 | 1
  readonly runs: readonly Run[]
}

export interface Run {
  readonly text: string
  readonly style: 'plain' | 'strong' | 'emphasis' | 'code'
  /** https or http. */
  readonly href?: string
  /** Id of a person of the program who is spoken to: each sink names them its own way. */
  readonly person?: string
  /** Everybody who is there, or in the channel. */
  readonly audience?: 'here' | 'channel'
}

/** Private-use characters that fence a value, and the id of a person; data never holds them. */
export const FENCE = { open: '\ue000', close: '\ue001', person: '\ue002' } as const

/** A value as template output: the parser takes it for text. What came out of a `capture` is fenced already. */
export const fenced = (value: unknown): string => {
  const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.includes(FENCE.open) ? text : `${FENCE.open}${text}${FENCE.close}`
}

export const fencedPerson = (id: string, name: string): string => `${FENCE.open}${FENCE.person}${id}${FENCE.person}${name}${FENCE.close}`

const FENCES = /[\ue000-\ue002]/g
const LINE_BREAKS = /[\r\n]+/g

/** Data as it may stand in a line: without the characters that fence, and in one line itself. */
export function unfenced<T>(value: T): T {
  if (typeof value === 'string') return value.replace(FENCES, '\ufffd').replace(LINE_BREAKS, ' ') as T
  if (Array.isArray(value)) return value.map((one: unknown) => unfenced(one)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unfenced(one as unknown)])) as T
}

/** Text with, for each UTF-16 unit, what the notation may see: the unit itself, or a stand-in for one of a value. */
interface Line {
  readonly text: string
  readonly mask: string
  readonly people: readonly { readonly at: number; readonly end: number; readonly id: string }[]
}

const HIDDEN = '\ue003'

/** Splits template output into lines; a line break inside a value makes none. */
function linesOf(output: string): readonly Line[] {
  const lines: Line[] = []
  let line = { text: '', mask: '', people: [] as { at: number; end: number; id: string }[] }
  let depth = 0
  let person: { at: number; id: string } | undefined
  let id: string | undefined
  for (const unit of output.split('')) {
    if (id !== undefined && unit !== FENCE.person) id += unit
    else if (unit === FENCE.open) depth += 1
    else if (unit === FENCE.close) {
      depth = Math.max(0, depth - 1)
      if (person) line.people.push({ ...person, end: line.text.length })
      person = undefined
    } else if (unit === FENCE.person) {
      if (id !== undefined) person = { at: line.text.length, id }
      id = id === undefined ? '' : undefined
    } else if (unit === '\n' && depth === 0) {
      lines.push(line)
      line = { text: '', mask: '', people: [] }
    } else {
      line.text += unit
      line.mask += depth > 0 ? HIDDEN : unit
    }
  }
  lines.push(line)
  return lines
}

const slice = ({ text, mask, people }: Line, from: number, to = text.length): Line => ({
  text: text.slice(from, to),
  mask: mask.slice(from, to),
  people: people.flatMap((one) => (one.at >= from && one.end <= to ? [{ ...one, at: one.at - from, end: one.end - from }] : [])),
})

const INLINE =
  /\*([^*\n]+)\*|(?<![\p{L}\p{N}])_([^_\n]+)_(?![\p{L}\p{N}])|`([^`\n]+)`|<(https?:[^<>|\s]+|\ue003+)(?:\|([^<>\n]+))?>|<!(here|channel)>/u

function runsOf(line: Line, style: Run['style'] = 'plain'): readonly Run[] {
  const runs: Run[] = []
  let rest = line
  for (let match = INLINE.exec(rest.mask); match; match = INLINE.exec(rest.mask)) {
    const end = match.index + match[0].length
    runs.push(...textRuns(slice(rest, 0, match.index), style), ...marked(rest, match, style))
    rest = slice(rest, end)
  }
  runs.push(...textRuns(rest, style))
  return runs
}

function marked(line: Line, match: RegExpExecArray, style: Run['style']): readonly Run[] {
  const [whole, strong, emphasis, code, address = '', words, audience] = match
  const end = match.index + whole.length
  const inner = slice(line, match.index + 1, end - 1)
  if (strong !== undefined) return runsOf(inner, 'strong')
  if (emphasis !== undefined) return runsOf(inner, 'emphasis')
  if (code !== undefined) return textRuns(inner, 'code')
  if (audience === 'here' || audience === 'channel') return [{ text: `@${audience}`, style, audience }]
  const from = match.index + 1
  const to = from + address.length
  const href = hrefOf(line.text.slice(from, to))
  const shown = words === undefined ? slice(line, from, to) : slice(line, to + 1, end - 1)
  return textRuns(shown, style).map((run) => (href === undefined ? run : { ...run, href }))
}

/** An address that may be linked; no credentials in it, nothing that is no web address. */
export function hrefOf(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.username === '' && url.password === '' ? url.href : undefined
}

function textRuns(line: Line, style: Run['style']): readonly Run[] {
  const runs: Run[] = []
  let at = 0
  const plain = (to: number): void => {
    if (to > at) runs.push({ text: line.text.slice(at, to), style })
  }
  for (const one of line.people) {
    plain(one.at)
    runs.push({ text: line.text.slice(one.at, one.end), style, person: one.id })
    at = one.end
  }
  plain(line.text.length)
  return runs
}

/** Template output as blocks. Blank lines part paragraphs. */
export function readBlocks(output: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { kind: 'paragraph' | 'small'; lines: (readonly Run[])[] } | { kind: 'list'; items: ListItem[] } | undefined
  for (const raw of linesOf(output)) {
    const line = trimmed(raw)
    const item = /^( *)[-•] +(?=\S)/.exec(raw.mask)
    if (line.text === '') open = undefined
    else if (line.mask.startsWith('# ')) {
      blocks.push({ kind: 'heading', runs: runsOf(slice(line, 2)) })
      open = undefined
    } else if (item) {
      if (open?.kind !== 'list') blocks.push((open = { kind: 'list', items: [] }))
      const level = (item[1]?.length ?? 0) >= 2 && open.items.length > 0 ? 1 : 0
      open.items.push({ level, runs: runsOf(trimmed(slice(raw, item[0].length))) })
    } else {
      const kind = line.mask.startsWith('> ') ? 'small' : 'paragraph'
      if (open?.kind !== kind) blocks.push((open = { kind, lines: [] }))
      open.lines.push(runsOf(kind === 'small' ? slice(line, 2) : line))
    }
  }
  return blocks
}

function trimmed(line: Line): Line {
  const from = line.text.length - line.text.trimStart().length
  return slice(line, from, Math.max(from, line.text.trimEnd().length))
}
