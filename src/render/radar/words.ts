import type { ConflictFile, ConflictHunk, Lines } from '#core/merge/probe.ts'
import type { RadarStream } from '#core/merge/radar.ts'
import { epoch, formatInstant, isInstant } from '#core/schedule/time.ts'
import type { Collision, Side } from '#render/radar/view.ts'
import { count, short, type Sign } from '#render/words.ts'

/** What all formats call things. No escaping: that is the sink's. */

export const STATE_SIGNS: Readonly<Record<RadarStream['state'], Sign>> = {
  clean: { shape: '✓', tone: 'good' },
  conflicted: { shape: '✗', tone: 'bad' },
  landed: { shape: '●', tone: 'muted' },
  unavailable: { shape: '?', tone: 'unknown' },
}

/** `conflicts in 2 files`, `clean, on top of A`. */
export function stateWords(stream: RadarStream, name: (id: string) => string): string {
  const on = stream.contains.length === 0 || stream.state === 'landed' ? '' : `, on top of ${list(stream.contains.map(name), 2)}`
  if (stream.state === 'conflicted') return `conflicts in ${count(stream.files.length, 'file')}${on}`
  if (stream.state === 'unavailable') return `cannot be judged${on}`
  return `${stream.state}${on}`
}

/** `a, b, c and 4 more`; one more than the limit is named too, since `1 more` is no shorter. */
export function list(names: readonly string[], most: number): string {
  if (names.length <= most + 1) return names.join(', ')
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

/** `line 4`, `lines 4-9`, `before line 4` for none. */
export function linesWords({ line, count: lines }: Lines): string {
  if (lines === 0) return `before line ${Math.max(1, line)}`
  return lines === 1 ? `line ${line}` : `lines ${line}-${line + lines - 1}`
}

/** `line 4`, or that a side took lines away. */
export const sideLines = (lines: Lines): string => (lines.count === 0 ? 'takes them away' : linesWords(lines))

/** Where the target has them. */
export const placeWords = ({ base }: ConflictHunk, target: string): string => `${linesWords(base)} of ${target}`

/** `content`, `modify/delete: deleted in main and modified in feature/a`. */
export const kindWords = ({ kind, detail }: ConflictFile): string => (detail === undefined ? kind : `${kind}: ${detail}`)

export const sideWords = ({ name, lead }: Side): string => (lead === undefined ? name : `${name} (${lead})`)

/** `1a2b3c4 of Router, 3 days ago: Raise the limit`, each commit once, oldest first. */
export function sinceWords({ a, b, files }: Collision, at: string): readonly string[] {
  const found = new Map<string, { readonly at: string; readonly text: string }>()
  for (const { since } of files)
    for (const [side, commit] of [[a, since?.a] as const, [b, since?.b] as const]) {
      if (!commit) continue
      const text = `${short(commit.commit)} of ${side.name}, ${ago(commit.committedAt, at)}: ${commit.subject}`
      found.set(JSON.stringify([side.name, commit.commit]), { at: commit.committedAt, text })
    }
  return [...found.values()].toSorted((x, y) => (x.at < y.at ? -1 : 1)).map(({ text }) => text)
}

/** `3 days ago`, in whole units; a clock that runs ahead gives the time itself. */
export function ago(instant: string, at: string): string {
  if (!isInstant(instant) || !isInstant(at)) return `at ${instant}`
  const minutes = Math.floor((epoch(at) - epoch(instant)) / 60_000)
  if (minutes < 0) return `dated ${formatInstant(instant, 'UTC')} UTC`
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`
  return `${Math.floor(minutes / (24 * 60))} days ago`
}

/** `Fri 2026-02-27 14:02 UTC`; the text itself where it is no instant. */
export const instantWords = (instant: string, zone: string): string =>
  isInstant(instant) ? `${formatInstant(instant, zone)} ${zone}` : instant
