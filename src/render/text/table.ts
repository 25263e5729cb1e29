import { terminal } from '#render/encode.ts'
import type { Ink, Paint } from '#render/text/paint.ts'
import { truncate, widthOf, wrap } from '#render/text/wrap.ts'

export interface Column {
  readonly header: string
  readonly align?: 'left' | 'right'
  /** What happens when the table is too wide: cut with an ellipsis, or go on in the next line. */
  readonly fit?: 'cut' | 'wrap'
  /** Least columns a cut or wrapped one keeps. */
  readonly least?: number
}

export interface Cell {
  readonly text: string
  readonly ink?: Ink
}

const GAP = 2

/**
 * An aligned table, two spaces between columns, no lines. Every returned line has the same display
 * width, whatever the cells hold. Headers that are all empty make no header line.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number, paint: Paint): readonly string[] {
  const cells = rows.map((row) => columns.map((_, index): Cell => encoded(row[index] ?? { text: '' })))
  const natural = naturalWidths(columns, cells)
  const widths = shrink(columns, natural, width)
  const line = (parts: readonly Cell[]): string =>
    parts.map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]?.align, paint)).join(' '.repeat(GAP))
  const header = columns.some((column) => column.header !== '')
    ? [line(columns.map((column, index) => ({ text: truncate(column.header, widths[index] ?? 0), ink: 'dim' })))]
    : []
  return [...header, ...cells.flatMap((row) => unfold(columns, row, widths).map(line))]
}

const naturalWidths = (columns: readonly Column[], cells: readonly (readonly Cell[])[]): readonly number[] =>
  columns.map((column, index) => Math.max(widthOf(column.header), ...cells.map((row) => widthOf(row[index]?.text ?? ''))))

/** Columns the whole table takes when nothing is cut or wrapped. */
export const naturalWidth = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): number =>
  naturalWidths(
    columns,
    rows.map((row) => row.map(encoded)),
  ).reduce((sum, width) => sum + width, GAP * (columns.length - 1))

/** Ink covers the text, not the space beside it. */
function padded(cell: Cell, columns: number, align: Column['align'], paint: Paint): string {
  const space = ' '.repeat(Math.max(0, columns - widthOf(cell.text)))
  return align === 'right' ? space + paint(cell.ink, cell.text) : paint(cell.ink, cell.text) + space
}

const encoded = (cell: Cell): Cell => ({ ...cell, text: terminal(cell.text) })

/** One row as one or more lines: a wrapped cell goes on below itself. */
function unfold(columns: readonly Column[], row: readonly Cell[], widths: readonly number[]): readonly (readonly Cell[])[] {
  const parts = row.map((cell, index) =>
    columns[index]?.fit === 'wrap' ? wrap(cell.text, widths[index] ?? 1) : [truncate(cell.text, widths[index] ?? 1)],
  )
  const height = Math.max(1, ...parts.map((lines) => lines.length))
  return Array.from({ length: height }, (_, at) => parts.map((lines, index): Cell => ({ ...row[index], text: lines[at] ?? '' })))
}

/** Takes what is too much from the wrapped columns first, then from the cut ones, the widest first. */
function shrink(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, columnWidth) => sum + columnWidth, GAP * (columns.length - 1)) - width
  for (const fit of ['wrap', 'cut'] as const) {
    while (excess > 0) {
      const widest = columns
        .map((column, index) => ({
          index,
          spare: column.fit === fit ? (widths[index] ?? 0) - (column.least ?? 8) : 0,
          size: widths[index] ?? 0,
        }))
        .filter((candidate) => candidate.spare > 0)
        .sort((a, b) => b.size - a.size || a.index - b.index)[0]
      if (!widest) break
      widths[widest.index] = widest.size - 1
      excess -= 1
    }
  }
  return widths
}
