import { isAscii } from 'node:buffer'
import type { Change, TreeEntry } from '#core/evidence/collector.ts'
import type { LanguageRole } from '#collect/source-code/languages.ts'
import { type LineClass, scanLines } from '#collect/scan/line-scan.ts'

/** Paths whose content at the head is not what the target holds; empty when nothing is left to merge. */
export const notInTarget = (changes: readonly Change[], target: readonly TreeEntry[]): readonly string[] => {
  const held = new Map(target.map((entry) => [entry.path, entry]))
  return changes
    .filter((change) => {
      if (change.from !== undefined && held.has(change.from)) return true
      const entry = held.get(change.path)
      if (change.status === 'deleted') return entry !== undefined
      return entry === undefined || entry.oid !== change.newOid || entry.mode !== change.mode
    })
    .map((change) => change.path)
}

interface LineCounts {
  readonly code: number
  readonly comment: number
  readonly blank: number
}

export interface FileLines extends LineCounts {
  readonly path: string
  /** Absent when the file is in no language we know; its lines count nowhere then. */
  readonly role?: LanguageRole
}

/** Classes of the added lines of one file, each judged within the whole file. */
export const countAdded = (path: string, content: Uint8Array, added: readonly number[]): FileLines => {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  const scan = scanLines(path, isAscii(bytes) ? bytes : bytes.toString('utf8'))
  const counts: Record<LineClass, number> = { code: 0, comment: 0, blank: 0 }
  if (scan === undefined) return { path, ...counts }
  for (const number of added) {
    const line = scan.lines[number - 1]
    if (line !== undefined) counts[line]++
  }
  return { path, role: scan.language.role, ...counts }
}

export interface LineTotals extends LineCounts {
  /** Files with lines of code, most first. */
  readonly files: readonly FileLines[]
  /** Files left out because of their language, and those whose language is not known. */
  readonly leftOut: number
  readonly unknown: number
}

export const totalLines = (files: readonly FileLines[], roles: readonly LanguageRole[]): LineTotals => {
  const counted = files.filter(({ role }) => role !== undefined && roles.includes(role))
  const sum = (key: keyof LineCounts): number => counted.reduce((total, file) => total + file[key], 0)
  const unknown = files.filter(({ role }) => role === undefined).length
  return {
    code: sum('code'),
    comment: sum('comment'),
    blank: sum('blank'),
    files: counted.filter(({ code }) => code > 0).sort((a, b) => b.code - a.code || (a.path < b.path ? -1 : 1)),
    leftOut: files.length - counted.length - unknown,
    unknown,
  }
}

/** Every path a change has a hand in: a rename has two. */
export const touchedPaths = (changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]))

/** Own paths that others touch too, sorted, each with the ids of those streams. */
export const sharedPaths = (
  own: readonly string[],
  others: readonly { readonly id: string; readonly paths: ReadonlySet<string> }[],
): readonly { readonly path: string; readonly streams: readonly string[] }[] =>
  [...new Set(own)]
    .sort()
    .map((path) => ({ path, streams: others.filter(({ paths }) => paths.has(path)).map(({ id }) => id) }))
    .filter(({ streams }) => streams.length > 0)

/** Whole seconds from the newest of `times` to `at`; negative when a commit is dated later. */
export const secondsSince = (times: readonly string[], at: string): number => {
  const newest = times.reduce((latest, time) => Math.max(latest, Date.parse(time)), Number.NEGATIVE_INFINITY)
  return Math.floor((Date.parse(at) - newest) / 1000)
}
