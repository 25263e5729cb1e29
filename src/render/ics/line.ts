/** Content lines of a calendar (RFC 5545, 3.1): at most 75 octets, folded between characters, ended by CRLF. */

const MOST_OCTETS = 75

// oxlint-disable-next-line no-control-regex -- all of ASCII, and nothing else
const IS_ASCII = /^[\u0000-\u007f]*$/

export function contentLine(text: string): string {
  if (IS_ASCII.test(text)) return text.length <= MOST_OCTETS ? `${text}\r\n` : foldedAscii(text)
  let folded = ''
  let octets = 0
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    const isPair = unit >= 0xd800 && unit < 0xdc00 && at + 1 < text.length
    const size = isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
    if (octets + size > MOST_OCTETS) {
      folded += `${text.slice(from, at)}\r\n `
      from = at
      octets = 1
    }
    octets += size
    if (isPair) at += 1
  }
  return `${folded}${text.slice(from)}\r\n`
}

function foldedAscii(text: string): string {
  let folded = text.slice(0, MOST_OCTETS)
  for (let at = MOST_OCTETS; at < text.length; at += MOST_OCTETS - 1) folded += `\r\n ${text.slice(at, at + MOST_OCTETS - 1)}`
  return `${folded}\r\n`
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/

/** `20260227T143000Z` of an instant as Muster writes it. */
export const utcTime = (instant: string): string => instant.replace(INSTANT, '$1$2$3T$4$5$6Z')

/** `20260227T153000` of a date and `HH:MM`. */
export const wallTime = (date: string, time: string): string => `${date.replaceAll('-', '')}T${time.replace(':', '')}00`
