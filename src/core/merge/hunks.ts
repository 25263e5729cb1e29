/**
 * Whether two versions of a text merge, from how each differs from their base: git's own rule
 * (xdl_do_merge at its zealous level, libxdiff/xmerge.c) on lists of hunks, without the texts.
 */

/** One change of a text. Lines are compared whole; the last one of a text without a line break at its end is another line. */
export interface Hunk {
  /** 0-based line of the base where it begins. */
  readonly at: number
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

/** `at` is 0-based. */
export interface Region {
  readonly base: Span
  readonly a: Span
  readonly b: Span
}

export interface Span {
  readonly at: number
  readonly count: number
}

type Mode = 'conflict' | 'a' | 'b'

interface Chunk {
  mode: Mode
  readonly base: { readonly at: number; count: number }
  readonly a: { readonly at: number; count: number }
  readonly b: { readonly at: number; count: number }
}

/**
 * The regions that both changed in different ways, in order; adjacent changes conflict, identical
 * ones do not. Both lists are of the same base, ascending, with at least one unchanged line between
 * two hunks of a list. None: the two merge.
 */
export const conflictRegions = (a: readonly Hunk[], b: readonly Hunk[]): readonly Region[] => {
  if (isApart(a, b)) return []
  return chunksOf(a, b)
    .filter((chunk) => chunk.mode === 'conflict' && !isSameOnBothSides(chunk, a, b))
    .map((chunk) => ({ base: chunk.base, a: chunk.a, b: chunk.b }))
}

export const doConflict = (a: readonly Hunk[], b: readonly Hunk[]): boolean => conflictRegions(a, b).length > 0

/**
 * The lines of `other`, a version of the same base, with what `own` changes: for two that merge.
 * Lines that both changed in the same way stay as they are. The same list comes back where nothing
 * is left to change; undefined where hunks meet without being the same, which takes git to say.
 */
export const mergedLines = (otherLines: readonly string[], own: readonly Hunk[], other: readonly Hunk[]): readonly string[] | undefined => {
  const merged: string[] = []
  let taken = 0
  let shift = 0
  let index = 0
  for (const hunk of own) {
    for (let one = other[index]; one !== undefined && endOf(one) < hunk.at; one = other[index]) {
      shift += one.added.length - one.removed.length
      index += 1
    }
    const met = other[index]
    if (met !== undefined && met.at <= endOf(hunk)) {
      if (!isSameHunk(hunk, met)) return undefined
      continue
    }
    const at = hunk.at + shift
    if (!hunk.removed.every((line, offset) => otherLines[at + offset] === line)) return undefined
    for (; taken < at; taken++) merged.push(otherLines[taken] ?? '')
    for (const line of hunk.added) merged.push(line)
    taken = at + hunk.removed.length
  }
  if (taken === 0 && merged.length === 0) return otherLines
  for (; taken < otherLines.length; taken++) merged.push(otherLines[taken] ?? '')
  return merged
}

/** The commonest case without more work: one changed only what lies before all that the other changed. */
const isApart = (a: readonly Hunk[], b: readonly Hunk[]): boolean => {
  const [firstA, firstB, lastA, lastB] = [a[0], b[0], a.at(-1), b.at(-1)]
  if (firstA === undefined || firstB === undefined || lastA === undefined || lastB === undefined) return true
  return endOf(lastA) < firstB.at || endOf(lastB) < firstA.at
}

const endOf = (hunk: Hunk): number => hunk.at + hunk.removed.length

const chunksOf = (a: readonly Hunk[], b: readonly Hunk[]): readonly Chunk[] => {
  const chunks: Chunk[] = []
  /** How far the lines of each side lie behind those of the base, after the hunks taken so far. */
  let shiftA = 0
  let shiftB = 0
  let indexA = 0
  let indexB = 0
  const onlyA = (hunk: Hunk): void => {
    const count = hunk.removed.length
    append(chunks, 'a', [hunk.at, count], [hunk.at + shiftA, hunk.added.length], [hunk.at + shiftB, count])
  }
  const onlyB = (hunk: Hunk): void => {
    const count = hunk.removed.length
    append(chunks, 'b', [hunk.at, count], [hunk.at + shiftA, count], [hunk.at + shiftB, hunk.added.length])
  }
  const nextA = (hunk: Hunk): void => {
    shiftA += hunk.added.length - hunk.removed.length
    indexA += 1
  }
  const nextB = (hunk: Hunk): void => {
    shiftB += hunk.added.length - hunk.removed.length
    indexB += 1
  }
  for (;;) {
    const [x, y] = [a[indexA], b[indexB]]
    if (x === undefined && y === undefined) return chunks
    if (x !== undefined && (y === undefined || endOf(x) < y.at)) {
      onlyA(x)
      nextA(x)
    } else if (y !== undefined && (x === undefined || endOf(y) < x.at)) {
      onlyB(y)
      nextB(y)
    } else if (x !== undefined && y !== undefined) {
      const at = Math.min(x.at, y.at)
      const end = Math.max(endOf(x), endOf(y))
      if (!isSameHunk(x, y)) {
        const [growthA, growthB] = [x.added.length - x.removed.length, y.added.length - y.removed.length]
        append(chunks, 'conflict', [at, end - at], [at + shiftA, end - at + growthA], [at + shiftB, end - at + growthB])
      }
      // The one that reaches further may meet the next of the other side too.
      const [endA, endB] = [endOf(x), endOf(y)]
      if (endA >= endB) nextB(y)
      if (endB >= endA) nextA(x)
    }
  }
}

/** What touches the chunk before it, on either side, belongs to it. */
const append = (
  chunks: Chunk[],
  mode: Mode,
  base: readonly [number, number],
  a: readonly [number, number],
  b: readonly [number, number],
): void => {
  const last = chunks.at(-1)
  if (last === undefined || (a[0] > last.a.at + last.a.count && b[0] > last.b.at + last.b.count)) {
    chunks.push({ mode, base: { at: base[0], count: base[1] }, a: { at: a[0], count: a[1] }, b: { at: b[0], count: b[1] } })
    return
  }
  if (mode !== last.mode) last.mode = 'conflict'
  last.base.count = base[0] + base[1] - last.base.at
  last.a.count = a[0] + a[1] - last.a.at
  last.b.count = b[0] + b[1] - last.b.at
}

const isSameHunk = (x: Hunk, y: Hunk): boolean => x.at === y.at && x.removed.length === y.removed.length && areSame(x.added, y.added)

const areSame = (x: readonly string[], y: readonly string[]): boolean => {
  if (x.length !== y.length) return false
  for (let index = 0; index < x.length; index++) if (x[index] !== y[index]) return false
  return true
}

/** Two ways that came to the same text are no conflict; a side that is left with nothing always is one. */
const isSameOnBothSides = (chunk: Chunk, a: readonly Hunk[], b: readonly Hunk[]): boolean => {
  if (chunk.a.count === 0 || chunk.b.count === 0 || chunk.a.count !== chunk.b.count) return false
  const textA = textOf(chunk.base, chunk.a.count, a, b)
  const textB = textOf(chunk.base, chunk.b.count, b, a)
  return textA !== undefined && textB !== undefined && areSame(textA, textB)
}

/** The lines a side has for a span of the base. Those it left alone are known where the other removed them, as in a conflict one did. */
const textOf = (span: Span, count: number, own: readonly Hunk[], other: readonly Hunk[]): readonly string[] | undefined => {
  const end = span.at + span.count
  const lines: string[] = []
  let at = span.at
  const keepUntil = (line: number): boolean => {
    for (; at < line; at++) {
      const kept = removedLine(other, at)
      if (kept === undefined) return false
      lines.push(kept)
    }
    return true
  }
  for (let index = firstEndingFrom(own, span.at); index < own.length; index++) {
    const hunk = own[index]
    if (hunk === undefined || endOf(hunk) > end) break
    if (hunk.at < span.at) continue
    if (!keepUntil(hunk.at)) return undefined
    for (const line of hunk.added) lines.push(line)
    at = endOf(hunk)
  }
  return keepUntil(end) && lines.length === count ? lines : undefined
}

const removedLine = (hunks: readonly Hunk[], line: number): string | undefined => {
  const hunk = hunks[firstEndingFrom(hunks, line + 1)]
  return hunk?.removed[line - hunk.at]
}

/** Index of the first hunk that ends at `line` or behind it. */
const firstEndingFrom = (hunks: readonly Hunk[], line: number): number => {
  let low = 0
  let high = hunks.length
  while (low < high) {
    const middle = (low + high) >> 1
    const hunk = hunks[middle]
    if (hunk !== undefined && endOf(hunk) < line) low = middle + 1
    else high = middle
  }
  return low
}
