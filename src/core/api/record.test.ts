import { expect, test } from 'vitest'
import { recordFold } from '#core/api/record.ts'
import { blockersOf, verdictOf } from '#core/api/state.ts'
import type { EventBody } from '#core/ledger/events.ts'

const at = (minute: number): string => `2026-02-25T10:${String(minute).padStart(2, '0')}:00Z`

function recordOf(...bodies: readonly EventBody[]) {
  const fold = recordFold()
  bodies.forEach((body, index) =>
    fold.take({
      id: `e${index}`,
      seq: index + 1,
      at: at(index),
      actor: 'muster',
      previous: '',
      schema: '',
      hash: `h${index}`,
      ...body,
    }),
  )
  return fold.record()
}

const opened = (blocker: string, severity: 'critical' | 'low'): EventBody => ({
  type: 'blocker-opened',
  body: { blocker, stream: 'a', title: 'Disk', severity, impact: 'slow', owner: 'lead-a', deadline: at(59) },
})
const TIMER = `blocker:b-1/opened@${at(0)}`
const fired: EventBody = { type: 'fired', body: { timer: TIMER, kind: 'blocker', due: at(0) } }
const delivery = (channel: string, to: string, state: 'delivered' | 'failed'): EventBody => ({
  type: 'delivery',
  body: { message: `${TIMER}/blocker/blocker:b-1/${channel}/${to}`, channel, to, state, attempt: 1 },
})

test('of a blocker it says who was told when: whom a message reached, and nobody else', () => {
  const record = recordOf(
    opened('b-1', 'critical'),
    fired,
    delivery('mail', 'lead-a', 'delivered'),
    delivery('team', '*', 'delivered'),
    delivery('mail', 'boss', 'failed'),
  )
  expect(blockersOf(record)[0]?.told).toEqual([{ at: at(1), to: ['lead-a', 'team'], action: 'opened' }])
  const other = recordOf(opened('b-1', 'low'), {
    type: 'fired',
    body: { timer: `blocker:b-10/opened@${at(0)}`, kind: 'blocker', due: at(0) },
  })
  expect(blockersOf(other)[0]?.told).toEqual([])
})

test('open blockers come first, the worst of them first; of a resolved one it is said how it ended', () => {
  const record = recordOf(opened('b-1', 'low'), opened('b-2', 'critical'), opened('b-3', 'critical'), {
    type: 'blocker-resolved',
    body: { blocker: 'b-3', outcome: 'workaround', note: 'another disk' },
  })
  expect(blockersOf(record).map(({ blocker, outcome }) => [blocker, outcome])).toEqual([
    ['b-2', undefined],
    ['b-1', undefined],
    ['b-3', 'workaround'],
  ])
})

test.each([
  ['GO', [['critical', 'satisfied']]],
  [
    'NO-GO',
    [
      ['critical', 'unsatisfied'],
      ['critical', 'missing'],
    ],
  ],
  ['INCONCLUSIVE', [['critical', 'stale']]],
  ['INCONCLUSIVE', []],
  ['INCONCLUSIVE', [['supporting', 'satisfied']]],
  ['CONDITIONAL GO', [['critical', 'waived']]],
  [
    'CONDITIONAL GO',
    [
      ['critical', 'satisfied'],
      ['supporting', 'errored'],
    ],
  ],
] as const)('a stream is %s with %j', (verdict, criteria) => {
  expect(verdictOf(criteria.map(([tier, status]) => ({ tier, status })))).toBe(verdict)
})

test('of decisions it says which of them counts, and whose word a verdict was that nobody computed', () => {
  const decision = (verdict: 'NO-GO' | 'GO'): EventBody => ({
    type: 'decision',
    body: {
      checkpoint: 'end',
      clock: at(0),
      version: '0.1.0',
      inputs: { program: '', evidence: '', ledgerBefore: 0, ledger: '' },
      stages: { policy: '', evaluation: '', decision: '', report: '' },
      verdict,
      rule: 'breach',
    },
  })
  const record = recordOf(
    decision('NO-GO'),
    decision('NO-GO'),
    { type: 'checkpoint-held', body: { checkpoint: 'end', due: at(0), decision: 'e1', verdict: 'NO-GO' } },
    { type: 'override', body: { checkpoint: 'end', verdict: 'GO', reason: 'The customer waits' } },
    decision('GO'),
  )
  expect(record.decisions.map(({ held, setBy, setSince }) => [held, setBy, setSince])).toEqual([
    [undefined, undefined, undefined],
    [true, undefined, { by: 'muster', verdict: 'GO' }],
    [undefined, 'muster', undefined],
  ])
})
