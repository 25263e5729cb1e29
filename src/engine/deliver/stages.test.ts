import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notice } from '#core/notify/notice.ts'
import type { NotifyPolicy, Program } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'
import { heldUntil, limitedUntil } from '#engine/deliver/mute.ts'
import { backoff, MOST_TRIES, settlementOf } from '#engine/deliver/retry.ts'

const notice = (more: Partial<Notice> = {}): Notice =>
  ({
    kind: 'reminder',
    thread: 'checkpoint:end',
    title: '',
    at: '',
    people: [],
    urgent: false,
    edits: false,
    acts: [],
    data: {},
    ...more,
  }) as Notice

const programWith = (notify: Partial<NotifyPolicy>): Program =>
  ({ calendar: { zone: 'Europe/Berlin' }, notify: { routes: {}, ...notify } }) as unknown as Program

const MAIL = { id: 'mail', send: 'email' } as const
const NIGHT = { quiet: { from: '20:00', until: '08:00' } }

describe('quiet hours', () => {
  test.each([
    ['in the evening, until the next morning', '2026-02-25T20:30:00Z', '2026-02-26T07:00:00Z'],
    ['after midnight, until the same morning', '2026-02-25T01:00:00Z', '2026-02-25T07:00:00Z'],
    ['in the night of the spring change, by the wall clock', '2026-03-28T21:00:00Z', '2026-03-29T06:00:00Z'],
    ['by day, not at all', '2026-02-25T12:00:00Z', undefined],
    ['at their end, not at all', '2026-02-25T07:00:00Z', undefined],
  ])('hold back %s', (_, now, until) => {
    expect(heldUntil(programWith(NIGHT), MAIL, notice(), now)).toBe(until)
  })

  test('never hold back what is urgent, nor what no person is woken by', () => {
    const now = '2026-02-25T22:00:00Z'
    expect(heldUntil(programWith(NIGHT), MAIL, notice({ urgent: true }), now)).toBe(undefined)
    expect(heldUntil(programWith(NIGHT), { id: 'log', send: 'file' }, notice(), now)).toBe(undefined)
  })

  test('last until the digest where there is one', () => {
    expect(heldUntil(programWith({ ...NIGHT, digest: '09:30' }), MAIL, notice(), '2026-02-25T22:00:00Z')).toBe('2026-02-26T08:30:00Z')
  })
})

test('a person has no more than so many messages in any hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 0, max: 7200 }), { maxLength: 30 }), (most, wanted) => {
      const program = programWith({ perPersonHour: most })
      const sent: number[] = []
      let now = epoch('2026-02-25T09:00:00Z')
      for (const seconds of wanted) {
        now += seconds * 1000
        const until = limitedUntil(program, MAIL, notice(), { sentAt: sent, now: new Date(now).toISOString() })
        if (until !== undefined) {
          expect(epoch(until)).toBeGreaterThan(now)
          now = epoch(until)
          expect(limitedUntil(program, MAIL, notice(), { sentAt: sent, now: until })).toBe(undefined)
        }
        sent.push(now)
      }
      for (const [index, time] of sent.entries())
        expect(time - (sent[index - most] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(3_600_000)
    }),
  )
})

describe('what failed', () => {
  const now = '2026-02-25T09:00:00Z'
  const given = (tries: number, maybeSent = false) => ({ tries, maybeSent, now, random: () => 0.5 })

  test('is tried again later each time, an hour apart at most, for about a day', () => {
    const waits = Array.from({ length: MOST_TRIES - 1 }, (_, index) => backoff(index + 1, () => 0.5))
    for (const [index, seconds] of waits.entries()) expect(seconds).toBeGreaterThanOrEqual(waits[index - 1] ?? 0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(3600)
    const hours = waits.reduce((sum, one) => sum + one, 0) / 3600
    expect(hours).toBeGreaterThan(12)
    expect(hours).toBeLessThan(30)
  })

  test('does not come again at one moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (tries, random) => {
        const whole = Math.min(3600, 10 * 2 ** (tries - 1))
        const seconds = backoff(tries, () => random)
        expect(seconds).toBeGreaterThanOrEqual(whole / 2)
        expect(seconds).toBeLessThanOrEqual(whole)
      }),
    )
  })

  test('waits as long as the other side asks', () => {
    const settlement = settlementOf({ outcome: 'retry', reason: 'too many', afterSeconds: 900 }, given(1))
    expect(settlement).toMatchObject({ state: 'pending', notBefore: '2026-02-25T09:15:00Z' })
  })

  test('is given up in the end, and is uncertain where it may have arrived', () => {
    const retry = { outcome: 'retry', reason: 'no answer' } as const
    expect(settlementOf(retry, given(MOST_TRIES))).toMatchObject({ state: 'failed' })
    expect(settlementOf(retry, given(MOST_TRIES, true))).toMatchObject({ state: 'uncertain' })
    expect(settlementOf({ outcome: 'failed', reason: 'refused' }, given(2, true))).toMatchObject({ state: 'uncertain' })
    expect(settlementOf({ ...retry, maybeSent: true }, given(1))).toMatchObject({ state: 'pending', maybeSent: true })
  })
})
