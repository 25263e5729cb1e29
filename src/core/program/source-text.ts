import { isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type ParsedNode } from 'yaml'
import type { Place, Problem, ProblemCode } from '#core/problems.ts'

export type Path = readonly (string | number)[]

/** Where a key or value of the file stands; the nearest thing above it when it is not there. */
export type Locate = (path: Path, part?: 'key' | 'value') => Place

export interface SourceText {
  /** The file as plain data; undefined when it is no YAML mapping. */
  readonly value: unknown
  readonly locate: Locate
  readonly problems: readonly Problem[]
  /** Paths at which `value` is not what was meant, because a problem stands there. */
  readonly doubtful: readonly Path[]
}

/** Deepest nesting of a program file. */
const MOST_LEVELS = 100

/** Makes a finding; `related` and severity `error` unless said. */
export const problem = (
  place: Place,
  code: ProblemCode,
  message: string,
  remedy: string,
  more: Partial<Pick<Problem, 'related' | 'severity'>> = {},
): Problem => ({ ...place, code, severity: more.severity ?? 'error', message, remedy, related: more.related ?? [] })

/** Decodes a program file: UTF-8, with or without a byte order mark, no NUL. */
export function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly reason: string } {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { reason: 'the file is UTF-16; save it as UTF-8' }
  if (bytes.includes(0)) return { reason: 'the file holds NUL bytes; it is not text' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { reason: 'the file is not valid UTF-8' }
  }
}

/**
 * YAML with what a program file may not have taken out: one document, unique keys, no anchors,
 * aliases, merge keys or explicit tags. All findings at once, each with its place.
 */
export function readYaml(file: string, text: string): SourceText {
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const start = { file, line: 1, column: 1 }
  const unreadable = (problems: readonly Problem[]): SourceText => ({ value: undefined, locate: () => start, problems, doubtful: [] })
  let documents: Document.Parsed[]
  try {
    // Keys are compared below, so that a finding can name the key and both of its places.
    const parsed = parseAllDocuments(text, {
      lineCounter: lines,
      uniqueKeys: false,
      schema: 'core',
      merge: false,
      strict: true,
      prettyErrors: false,
      version: '1.2',
      stringKeys: true,
    })
    documents = Array.isArray(parsed) ? parsed : []
  } catch (error) {
    // The YAML reader recurses; a nesting deep enough to exhaust the stack is no plan.
    if (!(error instanceof RangeError)) throw error
    return unreadable([problem(start, 'yaml-syntax', 'the file is nested too deeply', 'write a flatter file')])
  }
  const [document, second] = documents
  const errors = documents.flatMap((one) =>
    one.errors.map((error) => problem(place(error.pos[0]), 'yaml-syntax', sentence(error.message), 'mend the YAML at this place')),
  )
  if (second)
    errors.push(problem(place(second.range[0]), 'yaml-documents', 'a second document begins here', 'keep one document in the file'))
  if (documents.some((one) => one.errors.length > 0)) return unreadable(errors)
  if (!document || document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return unreadable([...errors, problem(start, 'yaml-syntax', 'the file is empty', 'write a program, or let `muster init` write one')])
  }
  if (!isMap(document.contents)) {
    const what = /^\s*</.test(text) ? 'HTML or XML' : isSeq(document.contents) ? 'a list' : 'one long text'
    return unreadable([
      ...errors,
      problem(
        place(offsetOf(document.contents) ?? 0),
        'wrong-type',
        `the file is ${what}, not a mapping`,
        'begin with program: and the other keys of a program file',
      ),
    ])
  }
  const reader = new ValueReader(text, place)
  const value = reader.read(document.contents, [])
  return { value, locate: locator(document.contents, place), problems: [...errors, ...reader.problems], doubtful: reader.doubtful }
}

/** The YAML reader's message as one line that begins in lower case, like every other finding. */
function sentence(message: string): string {
  const line = message.split('\n')[0] ?? 'not well-formed'
  return line.charAt(0).toLowerCase() + line.slice(1)
}

/** Plain data from YAML nodes; aliases are never followed, so no file grows while it is read. */
class ValueReader {
  readonly problems: Problem[] = []
  readonly doubtful: Path[] = []
  readonly #text: string
  readonly #place: (offset: number) => Place

  constructor(text: string, place: (offset: number) => Place) {
    this.#text = text
    this.#place = place
  }

  read(node: unknown, path: Path): unknown {
    if (isAlias(node)) {
      this.#doubt(path, this.#place(node.range?.[0] ?? 0), 'yaml-alias', `*${node.source} refers to another place`, 'write the value out')
      return undefined
    }
    if (!isCollection(node) && !isScalar(node)) return null
    const offset = node.range?.[0] ?? 0
    if (node.anchor !== undefined) {
      const anchor = `&${node.anchor}`
      const at = this.#text.lastIndexOf(anchor, offset)
      this.problems.push(
        problem(
          this.#place(at < 0 ? offset : at),
          'yaml-alias',
          `${anchor} is an anchor`,
          'take it out, and write the value out where it is used',
        ),
      )
    }
    if (node.tag !== undefined) {
      const before = this.#text.slice(Math.max(0, offset - 200), offset)
      const written = [...before.matchAll(/(?<=^|\s)!\S*/g)].at(-1)
      const at = written ? offset - before.length + written.index : offset
      this.#doubt(
        path,
        this.#place(at),
        'yaml-tag',
        `${written?.[0] ?? node.tag} is an explicit tag`,
        'take the tag out; Muster knows what each value is',
      )
    }
    if (isScalar(node)) return node.value
    if (path.length >= MOST_LEVELS) {
      this.#doubt(
        path,
        this.#place(offset),
        'yaml-syntax',
        `the file is nested more than ${MOST_LEVELS} levels deep`,
        'write a flatter file',
      )
      return undefined
    }
    return isMap(node) ? this.#mapping(node.items, path) : node.items.map((item, index) => this.read(item, [...path, index]))
  }

  #mapping(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): unknown {
    const value: Record<string, unknown> = {}
    const places = new Map<string, Place>()
    for (const pair of items) {
      if (!isScalar(pair.key)) continue
      const key = String(pair.key.value)
      const place = this.#place(pair.key.range?.[0] ?? 0)
      const first = places.get(key)
      if (key === '<<') {
        // What it would have brought is unknown, so nothing can be said of what is missing here.
        this.#doubt([...path, '<<'], place, 'yaml-alias', '<< merges another mapping', 'write the keys out')
      } else if (key === '__proto__') {
        this.#doubt([...path, key], place, 'invalid-value', '__proto__ cannot be a key or an id', 'write another name')
      } else if (first) {
        const related = [{ ...first, message: `${key} stands here first` }]
        this.problems.push(
          problem(place, 'duplicate-key', `${[...path, key].join('.')} is already written in line ${first.line}`, 'keep one of the two', {
            related,
          }),
        )
      } else {
        places.set(key, place)
        value[key] = this.read(pair.value, [...path, key])
      }
    }
    return value
  }

  #doubt(path: Path, place: Place, code: ProblemCode, message: string, remedy: string): void {
    this.problems.push(problem(place, code, message, remedy))
    this.doubtful.push(path)
  }
}

function locator(contents: ParsedNode, place: (offset: number) => Place): Locate {
  return (path, part = 'value') => {
    let node: unknown = contents
    let found = offsetOf(contents) ?? 0
    for (const [index, step] of path.entries()) {
      if (!isCollection(node)) break
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
        if (!pair) break
        const last = index === path.length - 1
        found = (last && part === 'key' ? undefined : offsetOf(pair.value)) ?? offsetOf(pair.key) ?? found
        node = pair.value
      } else {
        const item: unknown = node.items[Number(step)]
        if (item === undefined) break
        found = offsetOf(item) ?? found
        node = item
      }
    }
    return place(found)
  }
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined
  const [start, end] = node.range as [number, number]
  // An empty value has an empty range behind its key's colon: the key is the better place to show.
  return start === end && isScalar(node) && node.value === null ? undefined : start
}
