import stringWidth from 'string-width'
import { html, shortened } from '#render/encode.ts'
import type { Sign } from '#render/words.ts'

/** Dark enough for white text at 4.5:1. */
const COLOURS: Readonly<Record<Sign['tone'], string>> = {
  good: '#1a7f37',
  warn: '#9a6700',
  bad: '#cf222e',
  unknown: '#59636e',
  muted: '#59636e',
}

const HEIGHT = 20
const PADDING = 6
/** Of 11px Verdana, on average; the text is fitted to the room that it is given. */
const CHARACTER = 6.6
const MOST_CHARACTERS = 60

/** A small picture for a page elsewhere: what it is about, and how it stands, in words and colour. */
export function renderBadge({
  label,
  message,
  tone,
}: {
  readonly label: string
  readonly message: string
  readonly tone: Sign['tone']
}): string {
  const [left, right] = [shortened(label, MOST_CHARACTERS), shortened(message, MOST_CHARACTERS)]
  const [leftWidth, rightWidth] = [roomFor(left), roomFor(right)]
  const text = (value: string, start: number, room: number): string =>
    `<text x="${start + room / 2}" y="14" textLength="${room - 2 * PADDING}" lengthAdjust="spacingAndGlyphs">${html(value)}</text>`
  const title = html(`${left}: ${right}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${leftWidth + rightWidth}" height="${HEIGHT}" role="img" aria-label="${title}"><title>${title}</title><clipPath id="c"><rect width="${leftWidth + rightWidth}" height="${HEIGHT}" rx="3"/></clipPath><g clip-path="url(#c)"><rect width="${leftWidth}" height="${HEIGHT}" fill="#32383f"/><rect x="${leftWidth}" width="${rightWidth}" height="${HEIGHT}" fill="${COLOURS[tone]}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(left, 0, leftWidth)}${text(right, leftWidth, rightWidth)}</g></svg>\n`
}

const roomFor = (text: string): number => Math.max(1, Math.round(stringWidth(text) * CHARACTER)) + 2 * PADDING
