import { isMap, parseDocument, type Document } from 'yaml'

/** One difference: where in the file, and what stood and stands there. `undefined`: nothing. */
export interface Change {
  /** Keys from the top of the file. */
  readonly path: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

/** A place that was edited by hand and that the plan changed as well; the edit was kept. */
export interface Conflict extends Change {
  /** What stands in the file. */
  readonly yours: unknown
}

export type Merged =
  | { readonly ok: true; readonly text: string; readonly changes: readonly Change[]; readonly conflicts: readonly Conflict[] }
  | { readonly ok: false; readonly reason: string }

/**
 * Three-way merge of program files, key by key; a list counts as one value. `base` was written by
 * the last import, `yours` is the file as it stands, `theirs` is written anew from the plan. What
 * only the plan changed is taken over, what only a hand changed stays, and where both did the hand
 * stays and the place is listed. Comments and layout of `yours` are kept.
 */
export function mergePrograms(base: string, yours: string, theirs: string): Merged {
  const [from, mine, next] = [base, yours, theirs].map((text) =>
    parseDocument(text, { schema: 'core', uniqueKeys: true, merge: false, stringKeys: true }),
  )
  if (!from || !mine || !next) return { ok: false, reason: 'there is nothing to merge' }
  const [error] = mine.errors
  if (error) return { ok: false, reason: `the file is not well-formed YAML: ${error.message.split('\n')[0] ?? ''}` }
  if (!isMap(mine.contents)) return { ok: false, reason: 'the file is no mapping' }
  const merger = new Merger(mine, next)
  merger.walk([], data(from), data(mine), data(next))
  return {
    ok: true,
    text: merger.changes.length === 0 ? yours : mine.toString({ lineWidth: 0 }),
    changes: merger.changes,
    conflicts: merger.conflicts,
  }
}

const data = (document: Document): unknown => document.toJS({ maxAliasCount: 100 })

class Merger {
  readonly changes: Change[] = []
  readonly conflicts: Conflict[] = []
  readonly #mine: Document
  readonly #next: Document

  constructor(mine: Document, next: Document) {
    this.#mine = mine
    this.#next = next
  }

  walk(path: readonly string[], base: unknown, yours: unknown, theirs: unknown): void {
    if (same(base, theirs) || same(yours, theirs)) return
    if (isRecord(yours) && isRecord(theirs) && (isRecord(base) || base === undefined)) {
      const before = isRecord(base) ? base : {}
      for (const key of new Set([...Object.keys(before), ...Object.keys(theirs)]))
        this.walk([...path, key], own(before, key), own(yours, key), own(theirs, key))
      return
    }
    if (!same(base, yours)) {
      this.conflicts.push({ path, before: base, after: theirs, yours })
      return
    }
    this.changes.push({ path, before: base, after: theirs })
    if (theirs === undefined) this.#mine.deleteIn(path)
    else this.#mine.setIn(path, this.#next.getIn(path, true))
  }
}

const own = (record: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined)

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as data, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, index) => same(one, b[index]))
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
}
