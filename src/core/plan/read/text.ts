/** What Windows-1252 shows for the bytes 80 to 9F; the five it leaves undefined come through as C1 controls. */
const CP1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
const BYTE_OF = new Map([...CP1252].map((character, index) => [character.charCodeAt(0), 0x80 + index]))
const byteOf = (code: number): number => BYTE_OF.get(code) ?? (code >= 0xa0 && code <= 0xff ? code : -1)

const TAIL = `[${CP1252.replace(/[\]\\^-]/g, '\\$&')}\u00a0-\u00bf]`
const DAMAGED = new RegExp(`[\u00c2-\u00df]${TAIL}|[\u00e0-\u00ef]${TAIL}{2}|[\u00f0-\u00f4]${TAIL}{3}`, 'g')

export interface Repaired {
  readonly text: string
  /** How many characters were put back. */
  readonly count: number
  /** Line of the first of them, from 1. */
  readonly line: number
}

/**
 * Text that is UTF-8 misread as Windows-1252, put right character by character. A text is taken for
 * damaged only when it holds a sequence that no language writes: three bytes and more, or one that
 * begins with Â or Ã.
 */
export function repairText(text: string): Repaired {
  let strong = false
  for (const [found] of text.matchAll(DAMAGED)) {
    if (found.length > 2 || found.startsWith('Â') || found.startsWith('Ã')) {
      strong = decode(found) !== undefined
      if (strong) break
    }
  }
  if (!strong) return { text, count: 0, line: 0 }
  let count = 0
  let first = 0
  const mended = text.replace(DAMAGED, (found, offset: number) => {
    const character = decode(found)
    if (character === undefined) return found
    if (count === 0) first = offset
    count += 1
    return character
  })
  return { text: mended, count, line: count === 0 ? 0 : lineOf(text, first) }
}

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

function decode(found: string): string | undefined {
  let code = 0
  for (let index = 0; index < found.length; index += 1) {
    const byte = byteOf(found.charCodeAt(index))
    if (byte < 0) return undefined
    code = index === 0 ? byte & (found.length === 2 ? 0x1f : found.length === 3 ? 0x0f : 0x07) : (code << 6) | (byte & 0x3f)
  }
  const least = [0, 0, 0x80, 0x800, 0x10000][found.length] ?? 0
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return String.fromCodePoint(code)
}

/** Inline Markdown as plain text: emphasis, code, links and escapes gone, runs of white space one blank. */
export function plain(markdown: string): string {
  // What is escaped is text: it is set aside while marks are taken out.
  let text = markdown.includes('\\')
    ? markdown.replace(/\\([!-/:-@[-`{-~])/g, (_, mark: string) => String.fromCharCode(ESCAPED + mark.charCodeAt(0)))
    : markdown
  if (text.includes('](')) text = text.replace(/!?\[([^[\]]{0,300})\]\([^()]{0,500}\)/g, '$1')
  if (text.includes('<'))
    text = text.replace(/<(?:https?:[^<>\s]{1,300}|\/?[a-z][a-z0-9]{0,10}\s?\/?)>/gi, (tag) =>
      tag.startsWith('<http') ? tag.slice(1, -1) : ' ',
    )
  if (/[*_`~]/.test(text)) {
    text = text.replace(/\*\*|~~|`+/g, '').replace(/(?<![\p{L}\p{N}_*])[*_]{1,2}(?=\S)|(?<=\S)[*_]{1,2}(?![\p{L}\p{N}_*])/gu, '')
  }
  if (text.includes('&')) text = text.replace(/&(amp|lt|gt|quot|nbsp|#8203);/g, (_, name: string) => ENTITIES[name] ?? '')
  if (markdown.includes('\\')) text = text.replace(/[\ue021-\ue07e]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - ESCAPED))
  return text.replace(/\s+/g, ' ').trim()
}

/** Private-use characters stand for escaped marks. */
const ESCAPED = 0xe000

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#8203': '' }

/** Letters and digits of any script, dashes between them; at most 48, and empty when there are none. */
export const slug = (text: string): string =>
  text
    .slice(0, 300)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 48)
    .replace(/-+$/, '')

/** One line that a program file can hold: no control characters, no lone surrogates, at most 480 characters. */
export function oneLine(text: string, most = 480): string {
  const clean = text
    .slice(0, 4 * most)
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return clean.length > most
    ? `${clean
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
    : clean
}

/** Without the emoji, arrows and bullets in front of the first letter, digit, `@` or bracket. */
export const bare = (text: string): string => text.replace(/^[^\p{L}\p{N}@([{<>=≤≥~±#$"'“«_\-+]+/u, '').trim()

/** Ids that are not taken yet; a number alone would be sorted before its elders. */
export class Ids {
  readonly #taken = new Set<string>()
  readonly #next = new Map<string, number>()

  take(wanted: string, word: string): string {
    const first = wanted === '' ? word : /^\d+$/.test(wanted) ? `${word}-${wanted}` : wanted
    let id = first
    let count = this.#next.get(first) ?? 2
    while (this.#taken.has(id)) id = `${first}-${count++}`
    this.#next.set(first, count)
    this.#taken.add(id)
    return id
  }
}

/** Keeps the text, without a bracket that only closes or opens. */
export const trimMarks = (text: string): string =>
  text
    .replace(/^[\s:：.,;–—|\-)\]）]+/, '')
    .replace(/[\s:：,;–—|\-([（]+$/, '')
    .trim()
