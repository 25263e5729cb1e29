import { expect, test } from 'vitest'
import { slackFailure } from '#deliver/slack/failure.ts'

const error = (fields: Readonly<Record<string, unknown>>): Error => Object.assign(new Error('what the client says'), fields)
const platform = (word: string) => error({ code: 'slack_webapi_platform_error', data: { error: word } })
const http = (statusCode?: number) => error({ code: 'slack_webapi_http_error', ...(statusCode !== undefined && { statusCode }) })
const request = (code: string) => error({ code: 'slack_webapi_request_error', original: { cause: { code } } })

test.each([
  ['a word of Slack that is for good', platform('channel_not_found'), { outcome: 'failed', reason: 'channel_not_found' }],
  ['a word for what may pass', platform('internal_error'), { outcome: 'retry', reason: 'internal_error', maybeSent: true }],
  ['too many', platform('ratelimited'), { outcome: 'retry', reason: 'ratelimited', afterSeconds: 60 }],
  [
    'too many, with a wait',
    error({ code: 'slack_webapi_rate_limited_error', retryAfter: 7 }),
    { outcome: 'retry', reason: 'the rate limit is used up', afterSeconds: 7 },
  ],
  [
    'too many, with none',
    error({ code: 'slack_webapi_rate_limited_error', retryAfter: 0 }),
    { outcome: 'retry', reason: 'the rate limit is used up', afterSeconds: 1 },
  ],
  ['an answer of a server in trouble', http(500), { outcome: 'retry', reason: 'it answers 500', maybeSent: true }],
  ['an answer without a status', http(), { outcome: 'retry', reason: 'it answers 0', maybeSent: true }],
  ['an answer that refuses', http(404), { outcome: 'failed', reason: 'it answers 404' }],
  ['nobody there', request('ECONNREFUSED'), { outcome: 'retry', reason: 'it cannot be reached (ECONNREFUSED)' }],
  ['a connection that broke', request('ECONNRESET'), { outcome: 'retry', reason: 'the connection broke (ECONNRESET)', maybeSent: true }],
  ['anything else', new Error('odd'), { outcome: 'retry', reason: 'odd', maybeSent: true }],
])('%s', (_, given, meaning) => {
  expect(slackFailure(given)).toEqual(meaning)
})
