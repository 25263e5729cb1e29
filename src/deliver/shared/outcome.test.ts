import { expect, test } from 'vitest'
import { refusal } from '#deliver/shared/outcome.ts'

const answer = (status: number, headers: Readonly<Record<string, string>> = {}, body = '') => ({
  status,
  headers,
  body: new TextEncoder().encode(body),
})

test.each([
  [200, {}, undefined],
  [299, {}, undefined],
  [302, {}, { outcome: 'failed', reason: 'it answers with a redirect (302), which is not followed' }],
  [400, {}, { outcome: 'failed', reason: 'it answers 400' }],
  [403, {}, { outcome: 'failed', reason: 'it answers 403' }],
  [403, { 'retry-after': '30' }, { outcome: 'retry', reason: 'it answers 403', afterSeconds: 30 }],
  [408, {}, { outcome: 'retry', reason: 'it answers 408' }],
  [425, {}, { outcome: 'retry', reason: 'it answers 425' }],
  [429, {}, { outcome: 'retry', reason: 'it answers 429', afterSeconds: 60 }],
  [429, { 'retry-after': '5' }, { outcome: 'retry', reason: 'it answers 429', afterSeconds: 5 }],
  [429, { 'retry-after': 'Wed, 25 Feb 2026 16:00:00 GMT' }, { outcome: 'retry', reason: 'it answers 429', afterSeconds: 60 }],
  [500, {}, { outcome: 'retry', reason: 'it answers 500', maybeSent: true }],
  [503, { 'retry-after': '5' }, { outcome: 'retry', reason: 'it answers 503', maybeSent: true, afterSeconds: 5 }],
])('an answer of %i %j', (status, headers, meaning) => {
  expect(refusal(answer(status, headers), 'it', [])).toEqual(meaning)
})

test('what the other side says is told in one line, without secrets and without end', () => {
  const said = refusal(answer(400, {}, `no,\n  hunter-22 is wrong\u001b[31m ${'x'.repeat(900)}`), 'it', ['hunter-22'])
  expect(said?.reason).toMatch(/^it answers 400: no, \[redacted\] is wrong x+$/)
  expect(said?.reason.length).toBeLessThanOrEqual(250)
})
