import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, NotifyPolicy, Program } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'
import { heldUntil, isHeldForDigest, limitedUntil } from '#engine/deliver/mute.ts'
import { backoff, MOST_TRIES, settlementOf } from '#engine/deliver/retry.ts'
import type { Claimed } from '#engine/run-ports.ts'

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

  test.each([
    ['before they begin', '11:59', undefined],
    ['as they begin', '12:00', '13:30'],
    ['in the midst of them', '12:45', '13:30'],
    ['as they end', '13:30', undefined],
  ])('that begin and end on one day: %s', (_, now, until) => {
    const instant = (wall: string | undefined) =>
      wall && `2026-02-25T${String(Number(wall.slice(0, 2)) - 1).padStart(2, '0')}${wall.slice(2)}:00Z`
    const program = programWith({ quiet: { from: '12:00', until: '13:30' } })
    expect(heldUntil(program, MAIL, notice(), instant(now) ?? '')).toBe(instant(until))
  })

  test('begin with their first minute', () => {
    expect(heldUntil(programWith(NIGHT), MAIL, notice(), '2026-02-25T18:59:00Z')).toBe(undefined)
    expect(heldUntil(programWith(NIGHT), MAIL, notice(), '2026-02-25T19:00:00Z')).toBe('2026-02-26T07:00:00Z')
  })

  test('never hold back what is urgent, nor what no person is woken by', () => {
    const now = '2026-02-25T22:00:00Z'
    expect(heldUntil(programWith(NIGHT), MAIL, notice({ urgent: true }), now)).toBe(undefined)
    for (const send of ['file', 'stdout', 'webhook'] as const)
      expect(heldUntil(programWith(NIGHT), { id: 'log', send }, notice(), now)).toBe(undefined)
    expect(heldUntil(programWith(NIGHT), { id: 'room', send: 'slack' }, notice(), now)).not.toBe(undefined)
  })

  test('last until the digest where there is one', () => {
    expect(heldUntil(programWith({ ...NIGHT, digest: '09:30' }), MAIL, notice(), '2026-02-25T22:00:00Z')).toBe('2026-02-26T08:30:00Z')
    // One that goes out as they end, and one that has gone out by then.
    expect(heldUntil(programWith({ ...NIGHT, digest: '08:00' }), MAIL, notice(), '2026-02-25T22:00:00Z')).toBe('2026-02-26T07:00:00Z')
    expect(heldUntil(programWith({ ...NIGHT, digest: '07:00' }), MAIL, notice(), '2026-02-25T22:00:00Z')).toBe('2026-02-27T06:00:00Z')
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

test('what is over the limit of an hour waits until the oldest of that hour is over, or for the digest; what is urgent, and digests, do not', () => {
  const now = '2026-02-25T09:00:00Z'
  // Not in the order in which they went out.
  const sentAt = ['08:50', '08:10', '07:59', '08:30'].map((time) => epoch(`2026-02-25T${time}:00Z`))
  const until = (notify: Partial<NotifyPolicy>, more: Partial<Notice> = {}, channel: ChannelConfig = MAIL) =>
    limitedUntil(programWith(notify), channel, notice(more), { sentAt, now })
  expect([1, 2, 3, 4].map((perPersonHour) => until({ perPersonHour }))).toEqual([
    '2026-02-25T09:50:01Z',
    '2026-02-25T09:30:01Z',
    '2026-02-25T09:10:01Z',
    undefined,
  ])
  expect(until({ perPersonHour: 1, digest: '17:00' })).toBe('2026-02-25T16:00:00Z')
  expect(until({})).toBe(undefined)
  expect(until({ perPersonHour: 1 }, { urgent: true })).toBe(undefined)
  expect(until({ perPersonHour: 1 }, { kind: 'digest' })).toBe(undefined)
  expect(until({ perPersonHour: 1 }, {}, { id: 'log', send: 'file' })).toBe(undefined)
})

test.each([
  ['for it', '2026-02-26T08:30:00Z', {}, true],
  ['for another time', '2026-02-26T08:00:00Z', {}, false],
  ['for nothing', '2026-02-25T08:30:00Z', { at: '2026-02-25T08:30:00Z' }, false],
  ['though it is urgent', '2026-02-26T08:30:00Z', { urgent: true }, false],
  ['though it is a digest', '2026-02-26T08:30:00Z', { kind: 'digest' }, false],
])('what waited %s is in a digest or not', (_, notBefore, more, isHeld) => {
  const held = { message: { notBefore } as Claimed, notice: notice({ at: '2026-02-25T20:00:00Z', ...more } as Partial<Notice>) }
  expect(isHeldForDigest(held, { program: programWith({ digest: '09:30' }) })).toBe(isHeld)
  expect(isHeldForDigest(held, { program: programWith({}) })).toBe(false)
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
    expect(settlementOf(retry, given(MOST_TRIES - 1))).toMatchObject({ state: 'pending' })
    expect(settlementOf(retry, given(MOST_TRIES))).toEqual({ state: 'failed', reason: `no answer, after ${MOST_TRIES} tries` })
  })

  test('is otherwise as its channel says', () => {
    expect(settlementOf({ outcome: 'delivered', reference: 'r' }, given(1))).toEqual({ state: 'delivered', reference: 'r' })
    expect(Object.keys(settlementOf({ outcome: 'delivered' }, given(1)))).toEqual(['state'])
    expect(settlementOf({ outcome: 'uncertain', reason: 'r' }, given(1))).toEqual({ state: 'uncertain', reason: 'r' })
    expect(settlementOf({ outcome: 'failed', reason: 'r' }, given(1))).toEqual({ state: 'failed', reason: 'r' })
    expect(settlementOf({ outcome: 'failed', reason: 'r' }, given(1, true))).toEqual({ state: 'uncertain', reason: 'r' })
    expect(settlementOf({ outcome: 'retry', reason: 'r' }, given(1))).toEqual({
      state: 'pending',
      notBefore: '2026-02-25T09:00:07.5Z',
      reason: 'r',
    })
  })
})
