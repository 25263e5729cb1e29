import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pressed, requestProblem } from '#deliver/slack/interactions.ts'
import { checkpointOf, programOf, streamOf } from '../../../test/core/heart/build.ts'

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const NOW = 1_772_202_600
const sign = (body: string, timestamp: string, secret = SECRET): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
const BODY = 'payload=%7B%7D'

describe('a request', () => {
  test.each([0, 10, 300, -300])('of Slack is taken, %i seconds old', (age) => {
    const timestamp = String(NOW - age)
    expect(requestProblem({ body: BODY, timestamp, signature: sign(BODY, timestamp) }, SECRET, NOW)).toBeUndefined()
  })

  test.each([
    ['of somebody else', { signature: sign(BODY, String(NOW), 'another secret') }, SECRET, /not that of Slack/],
    ['whose body was changed', { body: `${BODY}&x=1` }, SECRET, /not that of Slack/],
    ['that was recorded and sent again', { timestamp: String(NOW - 301), signature: sign(BODY, String(NOW - 301)) }, SECRET, /too old/],
    ['from the future', { timestamp: String(NOW + 301), signature: sign(BODY, String(NOW + 301)) }, SECRET, /too old/],
    ['without a time', { timestamp: undefined }, SECRET, /no time/],
    ['with a time that is none', { timestamp: 'now', signature: sign(BODY, 'now') }, SECRET, /no time/],
    ['without a signature', { signature: undefined }, SECRET, /no signature/],
    ['with a short signature', { signature: 'v0=00' }, SECRET, /no signature/],
    ['while no secret is set', { signature: sign(BODY, String(NOW), '') }, '', /no signing secret/],
  ] as const)('%s is refused', (_, change, secret, reason) => {
    const request = { body: BODY, timestamp: String(NOW), signature: sign(BODY, String(NOW)), ...change }
    expect(requestProblem(request, secret, NOW)).toMatch(reason)
  })
})

describe('a press', () => {
  const base = programOf(checkpointOf([]), { streams: [streamOf('a')] })
  const program = { ...base, people: base.people.map((one) => (one.id === 'boss' ? { ...one, slack: 'U0BOSS001' } : one)) }
  const body = (value: unknown, user = 'U0BOSS001', actionId = 'muster-0-sign'): string =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: 'block_actions',
        user: { id: user },
        actions: [{ action_id: actionId, value: JSON.stringify(value) }],
      }),
    }).toString()
  const signing = { act: 'sign', checkpoint: 'week-2', role: 'phase-lead', approve: true, program: 'demo' }

  test('is what the button asks for, by whom the program has that account', () => {
    expect(pressed(body(signing), program)).toMatchObject({
      ok: true,
      act: { act: 'sign', checkpoint: 'week-2', role: 'phase-lead', approve: true },
      person: { id: 'boss' },
    })
  })

  test.each([
    ['somebody whom the program does not have', body(signing, 'U0OTHER01'), /nobody in the program/],
    ['a button of another program', body({ ...signing, program: 'other' }), /another program/],
    ['a button of another app', body(signing, undefined, 'approve'), /none of Muster/],
    ['an act that there is not', body({ ...signing, act: 'override' }), /none of Muster/],
    ['what is no JSON', 'payload=%7B', /no press/],
    ['nothing', '', /no press/],
  ])('%s is refused', (_, text, reason) => {
    const result = pressed(text, program)
    expect(result.ok ? '' : result.reason).toMatch(reason)
  })
})
