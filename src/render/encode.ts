/**
 * One encoder per sink. Names, reasons and log lines come from repositories and people: whatever
 * they hold, it stays text. All encoders take one line; a line break inside it is shown, not made.
 */

/**
 * Characters that move the cursor, change the reading direction, or are not seen: C0 and C1
 * controls, bidi controls and isolates, zero-width and filler characters, line and paragraph
 * separators, variation selectors other than the two emoji ones, tag characters, lone surrogates,
 * and what XML cannot hold. Listed by code point, so that every Unicode version gives the same.
 */
const HIDDEN = String.raw`[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]`

/** Joiners that spelling needs: inside an emoji, and after a letter of a script that joins. */
const JOINER = String.raw`(?<=[\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}])\u200d(?=\p{Extended_Pictographic})|(?<=[[\p{L}\p{M}]--[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Zinh}]])[\u200c\u200d]`

const HIDDEN_OR_JOINER = new RegExp(`${JOINER}|(?<hidden>${HIDDEN})`, 'gv')

/** Most texts, and nothing to look for in them. */
const IS_PRINTABLE = /^[\x20-\x7e]*$/

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `\x1b`, `\u{202e}`: the escape that stands for a character. */
function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return SHORT[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
}

/** Shows every hidden character as its escape. What comes out is one line, and stays as it is when shown again. */
export const terminal = (text: string): string =>
  IS_PRINTABLE.test(text)
    ? text
    : text.replace(HIDDEN_OR_JOINER, (match: string, hidden: string | undefined) => (hidden === undefined ? match : escapeOf(match)))

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const entities = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)

/** A value as indented JSON that a terminal, too, can be given: hidden characters are written as \u escapes. Ends with a line break. */
export const json = (value: unknown): string => visibleJson(JSON.stringify(value, undefined, 2))

/** The same in one line. */
export const jsonLine = (value: unknown): string => visibleJson(JSON.stringify(value))

const visibleJson = (text: string): string =>
  `${text.replace(/[^\n\x20-\x7e]/gu, (character) =>
    terminal(character) === character
      ? character
      : Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  )}\n`

/** For HTML text and quoted attribute values. */
export const html = (text: string): string => entities(terminal(text))

/** For XML 1.0 text and quoted attribute values. */
export const xml = (text: string): string => entities(terminal(text))

/**
 * For Markdown text on GitHub, GitLab or any CommonMark reader: in a paragraph, a list item, a
 * heading or a table cell. Emphasis, code, links, HTML and tables are escaped; a zero-width space,
 * written as an entity, keeps readers from making mentions, references (`#1`, GitLab's `!1`, `$1`, `&1`) and links out of it.
 */
export const markdown = (text: string): string =>
  terminal(text)
    .trim()
    .replace(/@(?=[\p{L}\p{N}_-])|[#!$&](?=\d)|(?<![a-z0-9])gh-(?=\d)|:(?=\/\/)|(?<![a-z0-9])(?:www|mailto|xmpp)(?=[.:])/giu, `$&${BREAK}`)
    .replace(
      /[\\`*[\]~<>&|$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[-+](?=[\s-]|$)|^=|(?<=^\d{1,9})[.)](?=\s|$)/g,
      (character) => MARKDOWN[character] ?? `\\${character}`,
    )
    .replaceAll(BREAK, '&#8203;')

/** Stands for the break until the rest is escaped; `visible` leaves none in the text. */
const BREAK = '\u0000'

const MARKDOWN: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '|': '&#124;' }

/** An id, a ref or a hash as inline code; anything that could end the code, or the table cell, as text. */
export const markdownCode = (text: string): string =>
  /^[A-Za-z0-9._/:+ -]*[A-Za-z0-9._/-]$/.test(text) && !text.startsWith(' ') ? `\`${text}\`` : markdown(text)

const percent = (text: string, characters: RegExp): string =>
  text.replace(characters, (character) => `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`)

/** For the message of a GitHub workflow command. */
export const workflowMessage = (text: string): string => percent(terminal(text), /[%\r\n]/g)

/** For a property of a GitHub workflow command, such as `title`. */
export const workflowProperty = (text: string): string => percent(terminal(text), /[%\r\n:,]/g)

/** For the `text` of a Slack message, which alone is read for marks: text objects and rich text take text as it is, through `terminal`. */
export const slackText = (text: string): string => terminal(text).replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)

/** For the value of a mail header: one line, at most so many characters; the mailer encodes what is not ASCII. */
export const mailHeader = (text: string, most = 200): string => shortened(terminal(text.replace(/[\r\n]+/g, ' ')).trim(), most)

/** At most so many UTF-16 units, never half a character. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`

/** For a TEXT value of a calendar (RFC 5545, 3.3.11). */
export const icsText = (text: string): string => terminal(text).replace(/[\\;,]/g, '\\$&')

/** For the value of a calendar parameter such as CN: quoted, with the carets of RFC 6868. */
export const icsParameter = (text: string): string =>
  `"${terminal(text).replace(/[\^"]/g, (character) => (character === '^' ? '^^' : "^'"))}"`
