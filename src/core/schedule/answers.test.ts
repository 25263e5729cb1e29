import { expect, test } from 'vitest'
import type { EventBody, InvitationAnswered, LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents } from '#core/ledger/state.ts'
import { attendanceAhead, attendeesOf, invitationTo } from '#core/schedule/answers.ts'
import { foldHistory } from '#core/schedule/history.ts'
import { AT, checkpointOf, programOf } from '../../../test/core/heart/build.ts'

const AGAIN = '2026-02-27T15:00:00Z'
const checkpoint = checkpointOf([], { attendees: ['lead-a', 'lead-b'] })
const decidedAgain = { ...checkpoint, noGo: { ...checkpoint.noGo, reevaluateAt: AGAIN } }

type Said = EventBody & { readonly actor?: string }

const events = (...bodies: readonly Said[]): readonly LedgerEvent[] =>
  bodies.map(({ actor = 'lead-a', ...body }, index) => ({
    id: `e${index}`,
    at: AT,
    actor,
    seq: index + 1,
    previous: '',
    schema: '',
    hash: '',
    ...body,
  }))

const answered = (more: Partial<InvitationAnswered> & { readonly actor?: string } = {}): Said => {
  const { actor = 'lead-a', ...body } = more
  const usual = { meeting: 'checkpoint', id: 'week-2', says: 'accepted', sequence: 0, time: AT, answeredAt: AT } as const
  return { actor, type: 'invitation-answered', body: { ...usual, ...body } }
}

const invited = (sequence: number, startsAt: string, people: readonly string[] = ['lead-a'], id = 'week-2'): EventBody => ({
  type: 'fired',
  body: {
    timer: `invite:checkpoint:${id}@${startsAt}#0/${sequence}`,
    kind: 'invite',
    due: startsAt,
    invited: { name: 'Week 2', people, startsAt, endsAt: startsAt },
  },
})

const says = (of: typeof checkpoint, ...bodies: readonly Said[]) =>
  Object.fromEntries(attendeesOf(of, foldEvents(events(...bodies)), (id) => id).flatMap((one) => (one.says ? [[one.id, one.says]] : [])))

test('an answer to a later revision counts before one to an earlier, in whichever order they come', () => {
  const [later, earlier] = [answered({ sequence: 1, says: 'declined' }), answered({ sequence: 0, answeredAt: AGAIN })]
  expect(says(checkpoint, later, earlier)).toEqual({ 'lead-a': 'declined' })
  expect(says(checkpoint, earlier, later)).toEqual({ 'lead-a': 'declined' })
})

test('of two answers to one revision the one that was given later counts, in whichever order they come', () => {
  const [first, second] = [answered({ answeredAt: AT }), answered({ answeredAt: AGAIN, says: 'declined' })]
  expect(says(checkpoint, first, second)).toEqual({ 'lead-a': 'declined' })
  expect(says(checkpoint, second, first)).toEqual({ 'lead-a': 'declined' })
  // Of two that were given in one moment, that which came last.
  expect(says(checkpoint, first, answered({ says: 'tentative' }))).toEqual({ 'lead-a': 'tentative' })
})

test('of a checkpoint that is decided again the answers to that time count, once there are any', () => {
  const first = [answered(), answered({ actor: 'lead-b' })] as const
  expect(says(decidedAgain, ...first)).toEqual({ 'lead-a': 'accepted', 'lead-b': 'accepted' })
  expect(says(decidedAgain, ...first, answered({ actor: 'lead-b', time: AGAIN, sequence: 1, says: 'tentative' }))).toEqual({
    'lead-b': 'tentative',
  })
})

test('nobody has answered any more once it was moved or cancelled, or to another time, or without being an attendee', () => {
  const move = { type: 'checkpoint-moved', body: { checkpoint: 'week-2', to: AT, reason: 'so' } } as const
  const cancel = { type: 'checkpoint-cancelled', body: { checkpoint: 'week-2', reason: 'so' } } as const
  for (const gone of [move, cancel]) expect(says(checkpoint, answered(), gone)).toEqual({})
  expect(says(checkpoint, move, answered())).toEqual({ 'lead-a': 'accepted' })
  expect(says(checkpoint, answered(), { ...move, body: { ...move.body, checkpoint: 'week-1' } })).toEqual({ 'lead-a': 'accepted' })
  expect(says(checkpoint, answered({ time: AGAIN }), answered({ actor: 'boss' }), answered({ id: 'week-1' }))).toEqual({})
})

test('an answer is taken to what was sent last, or to the same time before it', () => {
  const to = (sequence: number, ...sent: readonly EventBody[]) => {
    const found = invitationTo({ history: foldHistory(events(...sent)), zone: 'UTC' }, 'checkpoint', 'week-2', sequence)
    return found.ok ? found.time : found.reason
  }
  expect(to(0)).toMatch(/nobody was invited/)
  expect(to(0, invited(0, AT), invited(1, AT))).toBe(AT)
  expect(to(0, invited(0, AT), invited(1, AGAIN))).toMatch(/another time; it is Fri 2026-02-27 15:00 UTC now/)
  expect(to(1, invited(0, AT), invited(1, AGAIN))).toBe(AGAIN)
  expect(to(2, invited(0, AT), invited(1, AGAIN))).toMatch(/the last one sent is 1/)
  expect(to(1, invited(0, AT), invited(1, AT, []))).toMatch(/called off/)
  expect(to(0, invited(0, AT), invited(5, AGAIN, ['lead-a'], 'week-3'))).toBe(AT)
  // Older revisions than are remembered.
  expect(to(0, ...Array.from({ length: 70 }, (_, index) => invited(index, AT)))).toMatch(/another time/)
})

test('what is over is not ahead', () => {
  const state = foldEvents(events(answered()))
  const ahead = (of: typeof checkpoint, now: string) => attendanceAhead(programOf(of), state, now).map((one) => one.id)
  expect(ahead(checkpoint, '2026-02-25T14:59:00Z')).toEqual(['week-2'])
  expect(ahead(checkpoint, AT)).toEqual([])
  expect(ahead(decidedAgain, AT)).toEqual(['week-2'])
})
