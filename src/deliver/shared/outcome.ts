import type { Sent } from '#core/notify/channel.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import { ExchangeError, type Answer } from '#net/exchange.ts'

/** What an answer over HTTP, or none, means for a message. */

export type Ended = Answer | ExchangeError

/** Undefined when it was taken. `name`: whom it was sent to, for people. `secrets` appear in no reason. */
export function refusal(ended: Ended, name: string, secrets: readonly string[]): Exclude<Sent, { outcome: 'delivered' }> | undefined {
  const say = (text: string): string => reasonOf(text, secrets)
  if (ended instanceof ExchangeError) {
    const reason = say(`${name}: ${ended.message}`)
    if (ended.maybeHeard) return { outcome: 'retry', reason, maybeSent: true }
    return ended.isPassing ? { outcome: 'retry', reason } : { outcome: 'failed', reason }
  }
  const { status, headers, body } = ended
  if (status >= 200 && status < 300) return undefined
  const excerpt = plainText(new TextDecoder().decode(body.slice(0, 1_000)))
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  const reason = say(`${name} answers ${status}${excerpt === '' ? '' : `: ${excerpt}`}`)
  const after = afterSeconds(headers['retry-after'])
  if (status === 429 || (status === 403 && after !== undefined)) return { outcome: 'retry', reason, afterSeconds: after ?? 60 }
  // What the other side does before it says that it could not, nobody knows.
  if (status >= 500) return { outcome: 'retry', reason, maybeSent: true, ...(after !== undefined && { afterSeconds: after }) }
  if (status === 408 || status === 425) return { outcome: 'retry', reason }
  if (status >= 300 && status < 400)
    return { outcome: 'failed', reason: say(`${name} answers with a redirect (${status}), which is not followed`) }
  return { outcome: 'failed', reason }
}

/** `retry-after` in seconds; the form with a date is for browsers, and is left to our own pace. */
const afterSeconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined

/** One line without secrets. */
export const reasonOf = (text: string, secrets: readonly string[]): string =>
  redact(plainText(text).replace(/\s+/g, ' ').trim(), secrets).slice(0, 500)

export const failed = (reason: string): Sent => ({ outcome: 'failed', reason })

export const endedBy = async (asking: Promise<Answer>): Promise<Ended> => {
  try {
    return await asking
  } catch (error) {
    if (error instanceof ExchangeError) return error
    throw error
  }
}
