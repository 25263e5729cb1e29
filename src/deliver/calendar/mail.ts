import PostalMime, { addressParser } from 'postal-mime'
import { isAddress } from '#render/ics/write.ts'

/** A mail that may answer an invitation, read as far as that takes. */
export type Mail =
  | {
      readonly ok: true
      /** What it is known by: a second copy has the same. */
      readonly id: string
      /** Address that it says it is from. */
      readonly from: string
      /** Values of `Authentication-Results`, topmost first. */
      readonly vouching: readonly string[]
      /** Text of its calendar. */
      readonly calendar: string
    }
  | { readonly ok: false; readonly reason: string }

/** More than any answer has; attachments count. */
export const MOST_BYTES = 5_000_000
/** Lines are read one by one: five million empty ones take half a minute. */
const MOST_LINES = 100_000
const MOST_HEADER_BYTES = 200_000
const MOST_PARTS_DEEP = 20

export async function readMail(content: string | Uint8Array): Promise<Mail> {
  if (content.length > MOST_BYTES) return no(`it has more than ${MOST_BYTES} bytes`)
  if (linesIn(content) > MOST_LINES) return no(`it has more than ${MOST_LINES} lines`)
  const mail = await parse(content)
  if (!mail) return no('it cannot be read as a mail')
  const values = (name: string): readonly string[] => mail.headers.filter((one) => one.key === name).map((one) => one.value)
  const senders = addressParser(values('from').join(', '), { flatten: true })
  const from = senders[0]?.address
  if (senders.length !== 1 || from === undefined || !isAddress(from)) return no('it does not say which one address it is from')
  // Some mail programs attach the same calendar once more; it is the part that counts.
  const calendar = ['text/calendar', 'application/ics'].flatMap((type) => mail.attachments.filter((one) => one.mimeType === type))[0]
  if (!calendar) return no('it carries no calendar')
  const text = typeof calendar.content === 'string' ? calendar.content : new TextDecoder().decode(calendar.content)
  const id = values('message-id')[0]?.trim() ?? text
  return { ok: true, id, from, vouching: values('authentication-results'), calendar: text }
}

const no = (reason: string): Mail => ({ ok: false, reason })

function linesIn(content: string | Uint8Array): number {
  const next = (from: number): number => (typeof content === 'string' ? content.indexOf('\n', from) : content.indexOf(10, from))
  let count = 0
  for (let end = next(0); end >= 0 && count <= MOST_LINES; end = next(end + 1)) count += 1
  return count
}

async function parse(content: string | Uint8Array) {
  try {
    return await PostalMime.parse(withoutEnvelope(content), {
      // What was forwarded is somebody else's word.
      forceRfc822Attachments: true,
      maxHeadersSize: MOST_HEADER_BYTES,
      maxNestingDepth: MOST_PARTS_DEEP,
    })
  } catch {
    return undefined
  }
}

/** Mail filters put the line of a mailbox before a mail (`From ada@example.org Mon ...`), which is no header. */
function withoutEnvelope(content: string | Uint8Array): string | Uint8Array {
  if (typeof content === 'string') return content.startsWith('From ') ? content.slice(content.indexOf('\n') + 1) : content
  const isEnvelope = [...'From '].every((character, index) => content[index] === character.charCodeAt(0))
  return isEnvelope ? content.subarray(content.indexOf(10) + 1) : content
}
