import type { Answer } from '#net/exchange.ts'

/**
 * Seconds to wait when the answer says that the limit is used up: `retry-after`, else the reset
 * time against the forge's own clock, else a minute (GitHub's rule for secondary limits).
 */
export function limitOf({ status, headers }: Pick<Answer, 'status' | 'headers'>): number | undefined {
  if (status !== 403 && status !== 429) return undefined
  const after = secondsOf(headers['retry-after'])
  if (after !== undefined) return after
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']
  const reset = secondsOf(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'])
  if (remaining === '0' && reset !== undefined) {
    const now = Date.parse(headers['date'] ?? '')
    return Math.max(0, reset - Math.floor((Number.isNaN(now) ? Date.now() : now) / 1_000))
  }
  return status === 429 || remaining === '0' ? 60 : undefined
}

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
