import type { RadarStream } from '#core/merge/radar.ts'
import type { View } from '#render/radar/view.ts'
import type { Paint } from '#render/text/paint.ts'
import type { Tone } from '#render/words.ts'

/** Who collides with whom, as a square of one-character cells. */
export interface Matrix {
  readonly width: number
  /** Numbers of the columns, each one or two lines high. */
  readonly header: readonly string[]
  /** A line for each of the streams given. */
  readonly lines: readonly string[]
  /** The cells that occur, in words. */
  readonly legend: string
}

/** More columns are not followed by the eye. */
export const MOST_COLUMNS = 40
const SPACED_COLUMNS = 20

interface Cell {
  readonly shape: string
  readonly tone: Tone
  readonly means: string
}

const CELLS = {
  conflict: { shape: '✗', tone: 'bad', means: 'conflict' },
  oneOrder: { shape: '◐', tone: 'bad', means: 'conflict in one order only' },
  unknown: { shape: '?', tone: 'unknown', means: 'cannot be judged' },
  stacked: { shape: '⊂', tone: 'muted', means: 'one is stacked on the other, no conflict found' },
  clean: { shape: '·', tone: 'muted', means: 'no conflict found' },
  same: { shape: '\\', tone: 'muted', means: '' },
} as const satisfies Readonly<Record<string, Cell>>

/**
 * A row for each stream, a column for each that is in a pair that is not clean, numbered by their
 * places from 1. Undefined when no pair is listed, or when it does not fit in `room` columns.
 */
export function matrixOf(view: View, rows: readonly RadarStream[], room: number, paint: Paint): Matrix | undefined {
  const columns = rows.flatMap((stream, index) => (view.partners.has(stream.id) ? [{ stream, number: String(index + 1) }] : []))
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return undefined
  const spaced = columns.length <= SPACED_COLUMNS && columns.length * 2 - 1 <= room
  const gap = (index: number): string => (index > 0 && (spaced || index % 5 === 0) ? ' ' : '')
  const width = columns.reduce((sum, _, index) => sum + 1 + gap(index).length, 0)
  if (width > room) return undefined
  const joined = (parts: readonly string[]): string => parts.map((part, index) => gap(index) + part).join('')
  const digits = Math.max(...columns.map(({ number }) => number.length))
  const header = Array.from({ length: digits }, (_, at) => joined(columns.map(({ number }) => number.padStart(digits)[at] ?? ' ')))
  const cells = rows.map((row) => columns.map(({ stream }) => cellOf(view, row, stream)))
  const met = new Set(cells.flat())
  return {
    width,
    header,
    lines: cells.map((line) => joined(line.map((cell) => (cell ? paint(cell.tone, cell.shape) : ' ')))),
    legend: Object.values(CELLS)
      .filter((cell) => cell.means !== '' && met.has(cell))
      .map(({ shape, means }) => `${shape} ${means}`)
      .join(' · '),
  }
}

/** Nothing for a stream that is not clean: it is in no pair. */
function cellOf(view: View, a: RadarStream, b: RadarStream): Cell | undefined {
  if (a.id === b.id) return CELLS.same
  if (a.state !== 'clean' || b.state !== 'clean') return undefined
  const pair = view.partners.get(a.id)?.find((one) => one.a === b.id || one.b === b.id)
  if (pair) return pair.verdict === 'unavailable' ? CELLS.unknown : pair.onlyWhenFirst === undefined ? CELLS.conflict : CELLS.oneOrder
  return a.contains.includes(b.id) || b.contains.includes(a.id) ? CELLS.stacked : CELLS.clean
}
