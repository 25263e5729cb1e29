import stringWidth from 'string-width'
import { terminal } from '#render/encode.ts'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns a text takes on a terminal. */
export const widthOf = (text: string): number => stringWidth(text)

/** Cuts to a number of columns, the last of them an ellipsis, between what a reader sees as characters. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(kept + segment) > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Pads with spaces on the right; a longer text stays as it is. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)))

/**
 * Breaks a text between words into lines of at most `columns`; a word longer than a line is broken
 * between characters; a percent sign stays with its number. Encodes for the terminal, so a break in
 * the text itself is shown, not made.
 */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of terminal(text)
    .split(/ (?!%)/)
    .flatMap((whole) => chop(whole, columns))) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= columns) {
      line = longer
    } else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

function chop(word: string, columns: number): readonly string[] {
  if (widthOf(word) <= columns) return word === '' ? [] : [word]
  const pieces: string[] = []
  let piece = ''
  for (const { segment } of graphemes.segment(word)) {
    if (piece !== '' && widthOf(piece + segment) > columns) {
      pieces.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...pieces, piece]
}

/** Wraps with a first-line lead (`  ✗ `) and the following lines indented under its text. */
export function hang(lead: string, text: string, columns: number): readonly string[] {
  const first = terminal(lead)
  const indent = widthOf(first)
  return wrap(text, Math.max(16, columns - indent)).map((line, index) => (index === 0 ? first : ' '.repeat(indent)) + line)
}

/** Columns for names that stand beside a text: those of the longest that leaves the text most of the line. */
export function labelColumns(names: readonly string[], columns: number): number {
  const most = Math.floor(columns * 0.3)
  return Math.max(0, ...names.map((name) => widthOf(terminal(name))).filter((width) => width <= most))
}

/**
 * A name padded to `label` columns with its text beside it; a longer name takes a line of its own.
 * Text never runs in two columns at once, so that it can be searched for.
 */
export function labelled(indent: string, name: string, label: number, text: string, columns: number): readonly string[] {
  const own = terminal(name)
  if (text === '') return hang(indent, name, columns)
  return widthOf(own) > label
    ? [...hang(indent, name, columns), ...hang(`${indent}  `, text, columns)]
    : hang(`${indent}${pad(own, label)}  `, text, columns)
}
