import { blankedCode } from './code-spans.ts'

/** A link of a Markdown text, to whatever it may be. */
export interface Link {
  /** As written, entities and backslashes taken away. Undefined: a reference whose definition is not in the file. */
  readonly target: string | undefined
  /** What stands in the text, for people. */
  readonly shown: string
  /** Counts from 1. */
  readonly line: number
}

export interface Links {
  readonly links: readonly Link[]
  /** Ids and names of HTML elements, which links can lead to as to headings. */
  readonly ids: ReadonlySet<string>
}

/** Longer ones are none that somebody wrote. */
const MOST_LABEL = 999
const MOST_TARGET = 2_000
const MOST_TAG = 2_000
const MOST_SHOWN = 200
/** As in the parsers of CommonMark. */
const MOST_DEPTH = 32

/**
 * Links and images (inline, by reference, `<a href>`, `<img src>`, `<https:...>`) outside code and
 * comments. One pass from left to right; each look ahead ends after a fixed length, so time grows
 * with the text alone. `[text]` alone is a link only where the text is defined, as in CommonMark.
 */
export function linksOf(markdown: string): Links {
  const text = blankedCode(markdown)
  const definitions = new Map<string, string>()
  const links: (Link & { readonly label?: string; readonly isShort?: boolean })[] = []
  const ids = new Set<string>()
  let line = 1
  /** Places of the brackets that are open, the innermost last. */
  let open: { readonly at: number; readonly line: number }[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\n') {
      line += 1
      // A link ends with its paragraph.
      if (text[at + 1] === '\n') open = []
    } else if (character === '\\') at += text[at + 1] === '\n' ? 0 : 1
    else if (character === '[') {
      const defined = isFirst(text, at) ? definitionAt(text, at) : undefined
      if (defined !== undefined) {
        const label = keyOf(defined.label)
        if (!definitions.has(label)) {
          definitions.set(label, defined.target)
          links.push({ target: defined.target, shown: `[${defined.label}]: ${defined.target}`, line })
        }
        at = defined.end - 1
      } else open.push({ at, line })
    } else if (character === ']') {
      const began = open.pop()
      if (began === undefined) continue
      const written = text.slice(began.at + 1, at)
      const inline = text[at + 1] === '(' ? targetAt(text, at + 2, ')') : undefined
      if (inline !== undefined) {
        links.push({ target: inline.target, shown: inline.target, line: began.line })
        line += linesIn(text, at, inline.end)
        at = inline.end - 1
      } else if (text[at + 1] === '[') {
        const end = text.slice(at + 2, at + 3 + MOST_LABEL).indexOf(']')
        if (end < 0) continue
        const label = end === 0 ? written : text.slice(at + 2, at + 2 + end)
        // Footnotes are none, nor is an index such as `list[1][2]` where nothing of that name is defined.
        const isShort = label.startsWith('^') || /\w/.test(text[began.at - 1] ?? '')
        links.push({ target: undefined, label: keyOf(label), shown: `[${label.slice(0, MOST_SHOWN)}]`, line: began.line, isShort })
        line += linesIn(text, at, at + 2 + end)
        at += 2 + end
      } else links.push({ target: undefined, label: keyOf(written), shown: '', line: began.line, isShort: true })
    } else if (character === '<') {
      const tag = tagAt(text, at)
      if (tag === undefined) continue
      for (const id of tag.ids) ids.add(id)
      if (tag.target !== undefined) links.push({ target: tag.target, shown: tag.target, line })
      line += linesIn(text, at, tag.end)
      at = tag.end - 1
    }
  }
  const found = links.flatMap(({ target, label, isShort, shown, line: place }): readonly Link[] => {
    if (label === undefined) return [{ target, shown, line: place }]
    // What a definition says is counted there, once.
    return definitions.has(label) || isShort === true ? [] : [{ target: undefined, shown, line: place }]
  })
  return { links: found, ids }
}

const linesIn = (text: string, from: number, to: number): number => {
  let lines = 0
  for (let at = from; at < to; at += 1) if (text[at] === '\n') lines += 1
  return lines
}

/** Nothing but blanks and the marks of quotes and lists stands before it on its line. */
function isFirst(text: string, at: number): boolean {
  let before = at - 1
  for (; before >= 0 && at - before <= 12; before -= 1) {
    if (text[before] === '\n') return true
    if (!' >-*+.)0123456789'.includes(text[before] as string)) return false
  }
  return before < 0
}

/** Labels compare without case, runs of white space as one blank. */
const keyOf = (label: string): string => label.slice(0, MOST_LABEL).trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase()

interface Target {
  readonly target: string
  readonly end: number
}

/** `[label]: target "title"` */
function definitionAt(text: string, at: number): (Target & { readonly label: string }) | undefined {
  const head = text.slice(at + 1, at + 3 + MOST_LABEL)
  const end = head.indexOf(']:')
  if (end <= 0) return undefined
  const label = head.slice(0, end)
  if (label.startsWith('^') || /[[\]]|\n\n/.test(label) || label.trim() === '') return undefined
  const found = targetAt(text, at + end + 3, '\n')
  return found && found.target !== '' ? { ...found, label } : undefined
}

/** A link's target and title, from behind its opening to behind `close`; undefined where there is none. */
function targetAt(text: string, from: number, close: ')' | '\n'): Target | undefined {
  let at = blanksEnd(text, from)
  const begin = at
  const most = Math.min(text.length, at + MOST_TARGET)
  let target: string
  if (text[at] === '<') {
    const end = text.slice(at, most).search(/[>\n]/)
    if (end < 0 || text[at + end] !== '>') return undefined
    target = text.slice(at + 1, at + end)
    at += end + 1
  } else {
    let depth = 0
    for (; at < most; at += 1) {
      const character = text[at] as string
      if (character === '\\') at += 1
      else if (character <= ' ') break
      else if (character === '(' && (depth += 1) > MOST_DEPTH) return undefined
      else if (character === ')' && close === ')') {
        if (depth === 0) break
        depth -= 1
      }
    }
    if (at >= most && most < text.length) return undefined
    target = text.slice(begin, Math.min(at, text.length))
  }
  const plain = withoutEscapes(target)
  if (close === '\n') return { target: plain, end: lineEnd(text, at) }
  const after = titleEnd(text, blanksEnd(text, at))
  return after !== undefined && text[after] === ')' ? { target: plain, end: after + 1 } : undefined
}

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

/** Blanks and at most one line end. */
function blanksEnd(text: string, from: number): number {
  let at = from
  let lines = 0
  for (; at < text.length && at - from < MOST_TARGET; at += 1) {
    if (text[at] === '\n') lines += 1
    if (lines > 1 || (text[at] as string) > ' ') break
  }
  return at
}

/** Behind a title in quotes and the blanks after it; the same place where there is none. */
function titleEnd(text: string, at: number): number | undefined {
  const close = { '"': '"', "'": "'", '(': ')' }[text[at] ?? '']
  if (close === undefined) return at
  for (let end = at + 1; end < Math.min(text.length, at + MOST_TARGET); end += 1) {
    if (text[end] === '\\') end += 1
    else if (text[end] === close) return blanksEnd(text, end + 1)
  }
  return undefined
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

const withoutEntities = (target: string): string => target.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
const withoutEscapes = (target: string): string => withoutEntities(target.replace(/\\([!-/:-@[-`{-~])/g, '$1'))

/** An HTML tag, or an address between angle brackets. */
function tagAt(text: string, at: number): { readonly target?: string; readonly ids: readonly string[]; readonly end: number } | undefined {
  const most = Math.min(text.length, at + MOST_TAG)
  if (!/[a-zA-Z]/.test(text[at + 1] ?? '')) return undefined
  let quote: string | undefined
  for (let end = at + 1; end < most; end += 1) {
    const character = text[end]
    if (quote !== undefined) {
      if (character === quote) quote = undefined
    } else if (character === '>') return readTag(text.slice(at, end + 1), end + 1)
    else if (character === '<') return undefined
    else if ((character === '"' || character === "'") && text[end - 1] === '=') quote = character
  }
  return undefined
}

function readTag(tag: string, end: number): { readonly target?: string; readonly ids: readonly string[]; readonly end: number } {
  const address = /^<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>$/.exec(tag)?.[1]
  if (address !== undefined) return { target: address.includes(':') ? address : `mailto:${address}`, ids: [], end }
  const name = /^<([a-zA-Z][\w-]*)/.exec(tag)?.[1]?.toLowerCase()
  const wanted = name === 'a' ? 'href' : name === 'img' ? 'src' : undefined
  let target: string | undefined
  const ids: string[] = []
  for (const [, key = '', double, single, bare] of tag.matchAll(/\s([a-zA-Z-]+)=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)) {
    const value = withoutEntities(double ?? single ?? bare ?? '')
    const attribute = key.toLowerCase()
    if (attribute === wanted) target ??= value
    if (attribute === 'id' || (attribute === 'name' && name === 'a')) ids.push(value)
  }
  return { ...(target !== undefined && { target }), ids, end }
}
