import type { Tone } from '#render/words.ts'

export type Ink = Tone | 'bold' | 'dim' | 'heading'

/** Puts ink on text that is already laid out, so that widths never count it. */
export type Paint = (ink: Ink | undefined, text: string) => string

/** The eight basic colours only: those that every theme, light or dark, keeps readable. */
const CODES: Readonly<Record<Ink, readonly [number, number]>> = {
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  unknown: [35, 39],
  muted: [2, 22],
  dim: [2, 22],
  bold: [1, 22],
  heading: [1, 22],
}

export const painter = (color: boolean): Paint => {
  if (!color) return (_ink, text) => text
  return (ink, text) => {
    if (ink === undefined || text === '') return text
    const [on, off] = CODES[ink]
    return `\u001b[${on}m${text}\u001b[${off}m`
  }
}
