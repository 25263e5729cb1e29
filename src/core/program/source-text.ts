import { isAlias, isCollection, isMap, isScalar, LineCounter, parseAllDocuments, visit, type Document, type ParsedNode } from 'yaml'
import type { Place, Problem, ProblemCode } from '#core/problems.ts'

export type Path = readonly (string | number)[]

/** Where a key or value of the file stands. */
export type Locate = (path: Path, part?: 'key' | 'value') => Place

export interface SourceText {
  readonly value: unknown
  readonly locate: Locate
  readonly problems: readonly Problem[]
}

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
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return { reason: 'the file is UTF-16; save it as UTF-8' }
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
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, schema: 'core', merge: false, strict: true, prettyErrors: false, version: '1.2', stringKeys: true })
  const documents: Document.Parsed[] = Array.isArray(parsed) ? parsed : []
  const [document] = documents
  const start = { file, line: 1, column: 1 }
  if (!document || document.contents === null) {
    return { value: undefined, locate: () => start, problems: [problem(start, 'yaml-syntax', 'the file is empty', 'write a program, or let `muster init` write one')] }
  }
  const problems: Problem[] = documents.flatMap((one) =>
    one.errors.map((error) =>
      error.code === 'DUPLICATE_KEY'
        ? problem(place(error.pos[0]), 'duplicate-key', 'this key stands twice in one mapping', 'keep one of the two')
        : problem(place(error.pos[0]), 'yaml-syntax', error.message.split('\n')[0] ?? 'not well-formed', 'mend the YAML at this place'),
    ),
  )
  const second = documents[1]
  if (second) problems.push(problem(place(second.range[0]), 'yaml-documents', 'a second document begins here', 'keep one document in the file'))
  visit(document, {
    Node(_key, node) {
      const [offset] = node.range ?? [0]
      if (isAlias(node)) {
        problems.push(problem(place(offset), 'yaml-alias', `*${node.source} refers to another place`, 'write the value out'))
      } else if (node.anchor !== undefined) {
        problems.push(problem(place(offset), 'yaml-alias', `&${node.anchor} is an anchor`, 'write the value out where it is used'))
      } else if (node.tag !== undefined && node.srcToken !== undefined && text.slice(Math.max(0, offset - 80), offset + 1).includes('!')) {
        // A resolved tag alone is no mistake; only one that somebody wrote.
        const written = /!\S*\s*$/.exec(text.slice(Math.max(0, offset - 80), offset))
        if (written) problems.push(problem(place(offset - written[0].length), 'yaml-tag', `${written[0].trim()} is an explicit tag`, 'remove the tag'))
      }
    },
    Pair(_key, pair) {
      if (isScalar(pair.key) && pair.key.value === '<<') {
        problems.push(problem(place(pair.key.range?.[0] ?? 0), 'yaml-alias', '<< merges another mapping', 'write the keys out'))
      }
    },
  })
  if (problems.length > 0) return { value: undefined, locate: () => start, problems }
  return { value: document.toJS({ maxAliasCount: 0 }), locate: locator(document.contents, place), problems }
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
