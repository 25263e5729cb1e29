/** Content lines of a calendar (RFC 5545, 3.1): at most 75 octets, folded between characters, ended by CRLF. */

const MOST_OCTETS = 75

// oxlint-disable-next-line no-control-regex
const IS_ASCII = /^[\u0000-\u007f]*$/

export function contentLine(text: string): string {
  if (IS_ASCII.test(text)) return text.length <= MOST_OCTETS ? `${text}\r\n` : foldedAscii(text)
  let folded = ''
  let octets = 0
  for (const character of text) {
    const size = octetsOf(character)
    if (octets + size > MOST_OCTETS) {
      folded += '\r\n '
      octets = 1
    }
    folded += character
    octets += size
  }
  return `${folded}\r\n`
}

function foldedAscii(text: string): string {
  let folded = text.slice(0, MOST_OCTETS)
  for (let at = MOST_OCTETS; at < text.length; at += MOST_OCTETS - 1) folded += `\r\n ${text.slice(at, at + MOST_OCTETS - 1)}`
  return `${folded}\r\n`
}

function octetsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/

/** `20260227T143000Z` of an instant as Muster writes it. */
export const utcTime = (instant: string): string => instant.replace(INSTANT, '$1$2$3T$4$5$6Z')

/** `20260227T153000` of a date and `HH:MM`. */
export const wallTime = (date: string, time: string): string => `${date.replaceAll('-', '')}T${time.replace(':', '')}00`
