import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readReply } from '#deliver/calendar/reply.ts'
import { checkpointOf, programOf } from '../../../test/core/heart/build.ts'

const base = programOf(checkpointOf([], { attendees: ['lead-a'] }))
const program = { ...base, people: base.people.map((one) => ({ ...one, email: `${one.id}@example.org` })) }

const reply = (changes: Readonly<Record<string, string>> = {}): string => {
  const lines = {
    METHOD: 'METHOD:REPLY',
    UID: 'UID:checkpoint.week-2.demo@muster',
    ATTENDEE: 'ATTENDEE;PARTSTAT=ACCEPTED;CN="Lead ; of: A":mai\r\n lto:lead-a@example.org',
    SEQUENCE: 'SEQUENCE:2',
    DTSTAMP: 'DTSTAMP:20260224T093000Z',
    ...changes,
  }
  const { METHOD, ...event } = lines
  return ['BEGIN:VCALENDAR', METHOD, 'BEGIN:VEVENT', ...Object.values(event), 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n')
}

test('an answer of who was invited counts, folded lines and quoted names and all', () => {
  expect(readReply({ text: reply(), from: 'Lead-A@example.org' }, program)).toMatchObject({
    ok: true,
    person: { id: 'lead-a' },
    meeting: { kind: 'checkpoint', id: 'week-2' },
    says: 'accepted',
    sequence: 2,
    answeredAt: '2026-02-24T09:30:00Z',
  })
})

test.each([
  ['from another address', {}, 'evil@example.org', /comes from evil/],
  [
    'of somebody who was not invited',
    { ATTENDEE: 'ATTENDEE;PARTSTAT=ACCEPTED:mailto:boss@example.org' },
    'boss@example.org',
    /not invited/,
  ],
  ['of a stranger', { ATTENDEE: 'ATTENDEE;PARTSTAT=ACCEPTED:mailto:x@example.org' }, 'x@example.org', /not invited/],
  ['for two', { MORE: 'ATTENDEE;PARTSTAT=DECLINED:mailto:boss@example.org' }, 'lead-a@example.org', /who answers/],
  ['about another meeting', { UID: 'UID:checkpoint.gone.demo@muster' }, 'lead-a@example.org', /no such meeting/],
  ['that is an invitation', { METHOD: 'METHOD:REQUEST' }, 'lead-a@example.org', /no answer/],
  ['that says nothing', { ATTENDEE: 'ATTENDEE:mailto:lead-a@example.org' }, 'lead-a@example.org', /does not say whether/],
  ['about one date of a series', { MORE: 'RECURRENCE-ID:20260226T084500Z' }, 'lead-a@example.org', /one date of a series/],
  ['about two meetings', { MORE: 'END:VEVENT\r\nBEGIN:VEVENT' }, 'lead-a@example.org', /none, or several/],
])('an answer %s does not', (_, changes, from, reason) => {
  const answer = readReply({ text: reply(changes), from }, program)
  expect(answer.ok ? '' : answer.reason).toMatch(reason)
})

test.each(['', 'DTSTAMP:yesterday', 'DTSTAMP:20261399T093000Z', 'DTSTAMP:20260224T093000', 'DTSTAMP:2026', 'DTSTAMP:2026-02-24T09:30:00Z'])(
  'a stamp that is none (%s) says no time',
  (DTSTAMP) => {
    expect(readReply({ text: reply({ DTSTAMP }), from: 'lead-a@example.org' }, program)).toMatchObject({ ok: true, answeredAt: undefined })
  },
)

test('whatever comes, it is refused or read, and never more than that', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(readReply({ text, from: 'lead-a@example.org' }, program).ok).toBe(false)
    }),
  )
})
