import { z } from 'zod'
import type { Sent } from '#core/notify/channel.ts'

/** What a failed call of Slack's API means; `reason` is Slack's own word where it has one. */

const failure = z.object({
  code: z.string(),
  retryAfter: z.number().optional(),
  statusCode: z.number().optional(),
  data: z.object({ error: z.string().optional() }).optional(),
  original: z
    .object({ name: z.string().optional(), code: z.string().optional(), message: z.string().optional(), cause: z.unknown().optional() })
    .optional(),
})

/** Slack's words for what may pass. */
const PASSING = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org', 'accesslimited'])

type Failure = Extract<Sent, { readonly outcome: 'retry' | 'failed' }>

export function slackFailure(error: unknown): Failure {
  const read = failure.safeParse(error)
  const message = error instanceof Error ? error.message : String(error)
  if (!read.success) return { outcome: 'retry', reason: message, maybeSent: true }
  const { code, retryAfter, statusCode, data, original } = read.data
  switch (code) {
    case 'slack_webapi_rate_limited_error':
      return { outcome: 'retry', reason: 'the rate limit is used up', afterSeconds: Math.max(1, retryAfter ?? 60) }
    case 'slack_webapi_platform_error': {
      const word = data?.error ?? message
      if (word === 'ratelimited' || word === 'rate_limited') return { outcome: 'retry', reason: word, afterSeconds: 60 }
      return PASSING.has(word) ? { outcome: 'retry', reason: word, maybeSent: true } : { outcome: 'failed', reason: word }
    }
    case 'slack_webapi_http_error': {
      const status = statusCode ?? 0
      return status >= 500 || status === 0
        ? { outcome: 'retry', reason: `it answers ${status}`, maybeSent: true }
        : { outcome: 'failed', reason: `it answers ${status}` }
    }
    default: {
      const cause = codeOf(original?.cause) ?? original?.code
      if (cause !== undefined && UNREACHED.has(cause)) return { outcome: 'retry', reason: `it cannot be reached (${cause})` }
      return { outcome: 'retry', reason: cause === undefined ? message : `the connection broke (${cause})`, maybeSent: true }
    }
  }
}

/** Nothing was sent. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
