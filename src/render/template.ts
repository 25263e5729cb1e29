/** Text that is already encoded for its sink. */
export interface Safe {
  readonly safe: string
}

export type Part = string | number | Safe | readonly Safe[] | undefined

export type Template = (strings: TemplateStringsArray, ...parts: readonly Part[]) => Safe

export const safe = (text: string): Safe => ({ safe: text })

/**
 * A template tag for one sink: what stands in the template is ours and stays, every string put into
 * it is encoded, and only what such a template made goes through unchanged.
 */
export const templateFor =
  (encode: (text: string) => string): Template =>
  (strings, ...parts) =>
    safe(strings.map((literal, index) => literal + (index < parts.length ? put(parts[index], encode) : '')).join(''))

function put(part: Part, encode: (text: string) => string): string {
  if (part === undefined) return ''
  if (typeof part === 'string') return encode(part)
  if (typeof part === 'number') return encode(String(part))
  return 'safe' in part ? part.safe : part.map((item) => item.safe).join('')
}
