/** Longest text that a person may put on record, in Unicode characters. */
export const MOST_CHARACTERS = 2000

/**
 * Why a text cannot go on record, or undefined. It is kept as given, so it must be one that every
 * sink can show: something in it, not too long, and no control characters but newline and tab.
 */
export function textProblem(text: string): string | undefined {
  if (text.trim() === '') return 'it is empty'
  const characters = [...text].length
  if (characters > MOST_CHARACTERS) return `it has ${characters} characters; at most ${MOST_CHARACTERS} are kept`
  const at = [...text].findIndex((character) => isControl(character.codePointAt(0) ?? 0))
  if (at < 0) return undefined
  const code = [...text][at]?.codePointAt(0) ?? 0
  return `character ${at + 1} is the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}; only newline and tab may stand in it`
}

/** C0 but newline and tab, DEL, C1, and halves of characters. */
const isControl = (code: number): boolean =>
  (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code <= 0x9f) || (code >= 0xd800 && code <= 0xdfff)
