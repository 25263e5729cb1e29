import { describe, expect, test } from 'vitest'
import { judgeCheck, type Checked } from '#core/check.ts'
import { RAW_STATUSES, type RawStatus } from '#core/evaluate/model.ts'
import type { Evidence, Subject } from '#core/evidence/evidence.ts'
import { EMPTY_STATE } from '#core/ledger/state.ts'
import { DEFAULT_POLICY } from '#core/program/metrics.ts'
import type { Condition, Program, Tier, Verdict } from '#core/program/model.ts'
import {
  AT,
  checkpointOf,
  criterionOf,
  evidenceOf,
  leaf,
  ledgerOf,
  METRICS,
  metricOf,
  programOf,
  snapshotOf,
  streamOf,
} from './heart/build.ts'

const NOT_DUE: Condition = { targets: ['review'] }

/** A criterion of a tier that comes out with a status, and the evidence that makes it so. */
function given(tier: Tier, status: RawStatus, subject: Subject = 'stream:a') {
  const metric = `${tier}.${status}`
  const pieces: Readonly<Record<RawStatus, readonly Evidence[]>> = {
    satisfied: [evidenceOf(subject, metric, 1)],
    unsatisfied: [evidenceOf(subject, metric, 0)],
    missing: [],
    stale: [evidenceOf(subject, metric, 1, { tree: 'older' })],
    errored: [evidenceOf(subject, metric, undefined, { status: 'errored', reason: 'not XML' })],
    inconclusive: [evidenceOf(subject, metric, undefined, { status: 'inconclusive', reason: 'one run' })],
    'not-applicable': [],
  }
  const condition = status === 'not-applicable' ? NOT_DUE : leaf(metric, 'atLeast', 1)
  return { metric, criterion: criterionOf(`${tier}-${status}`, condition, { tier, subjects: [subject] }), evidence: pieces[status] }
}

function check(parts: readonly ReturnType<typeof given>[], extra: Partial<Program> = {}): Checked {
  const checkpoint = checkpointOf(parts.map((one) => one.criterion))
  const program = programOf(checkpoint, {
    metrics: { ...METRICS, ...Object.fromEntries(parts.map((one) => [one.metric, metricOf('count', 'higher')])) },
    ...extra,
  })
  return judgeCheck({
    program,
    checkpoint,
    snapshot: snapshotOf(
      program,
      parts.flatMap((one) => one.evidence),
    ),
    ledger: ledgerOf(),
    at: AT,
  })
}

const isProof = (status: RawStatus): boolean => status === 'satisfied' || status === 'unsatisfied'
const isOpen = (status: RawStatus): boolean => !isProof(status) && status !== 'not-applicable'

/** Rule 7 of the design, written down a second time. */
function verdictOf(critical: readonly RawStatus[], supporting: readonly RawStatus[]): Verdict {
  if (critical.includes('unsatisfied')) return 'NO-GO'
  if (critical.some(isOpen) || critical.every((one) => one === 'not-applicable')) return 'INCONCLUSIVE'
  return supporting.some((one) => one === 'unsatisfied' || isOpen(one)) ? 'CONDITIONAL GO' : 'GO'
}

describe('the verdict', () => {
  test('for every two critical statuses and one supporting', () => {
    const wrong: unknown[] = []
    for (const first of RAW_STATUSES)
      for (const second of RAW_STATUSES)
        for (const third of RAW_STATUSES) {
          const { decision } = check([given('critical', first), given('critical', second), given('supporting', third)])
          const expected = verdictOf([first, second], [third])
          if (decision.verdict !== expected) wrong.push({ first, second, third, expected, found: decision.verdict })
        }
    expect(wrong).toEqual([])
  })

  test.each(RAW_STATUSES)('an advisory criterion that is %s changes nothing', (status) => {
    expect(check([given('critical', 'satisfied'), given('advisory', status)]).decision.verdict).toBe('GO')
  })

  test('the worst comes first among what keeps it from GO: by tier, then a breach before what is not known', () => {
    const parts = (['inconclusive', 'stale', 'missing', 'errored', 'unsatisfied'] as const).flatMap((status) => [
      given('supporting', status),
      given('critical', status),
    ])
    const { decision } = check(parts)
    expect(decision.against.map((one) => `${one.tier} ${one.status}`)).toEqual([
      ...['unsatisfied', 'errored', 'missing', 'stale', 'inconclusive'].map((status) => `critical ${status}`),
      ...['unsatisfied', 'errored', 'missing', 'stale', 'inconclusive'].map((status) => `supporting ${status}`),
    ])
  })
})

describe('a policy without rules', () => {
  const policy = { ...DEFAULT_POLICY, verdict: [], health: [] }

  test.each(RAW_STATUSES)('gives GO only when the critical criterion is satisfied: it is %s', (status) => {
    const { decision } = check([given('critical', status)], { policy })
    expect(decision.verdict).toBe(status === 'satisfied' ? 'GO' : 'INCONCLUSIVE')
  })

  test('a rule that gives CONDITIONAL GO by itself cannot pass over an open criterion', () => {
    const always = { id: 'always', title: 'Always', when: leaf('criteria.all.judged', 'atLeast', 0), verdict: 'CONDITIONAL GO' as const }
    const lenient = { ...policy, verdict: [always] }
    expect(check([given('critical', 'unsatisfied')], { policy: lenient }).decision).toMatchObject({
      verdict: 'INCONCLUSIVE',
      rule: { id: 'green-needs-evidence' },
    })
    expect(check([given('critical', 'satisfied')], { policy: lenient }).decision).toMatchObject({
      verdict: 'CONDITIONAL GO',
      rule: { id: 'always' },
    })
  })
})

describe('a stream is ready', () => {
  const streams = [streamOf('a'), streamOf('b')]

  test('when nothing critical of its own is open, whatever is open elsewhere', () => {
    const { decision } = check(
      [
        given('critical', 'satisfied'),
        given('critical', 'unsatisfied', 'stream:b'),
        given('supporting', 'missing'),
        given('critical', 'missing', 'program'),
      ],
      { streams },
    )
    expect(decision.streams.map((one) => [one.stream, one.ready])).toEqual([
      ['a', true],
      ['b', false],
    ])
  })

  test('never when nothing critical was judged for it', () => {
    const { decision } = check(
      [given('critical', 'satisfied'), given('supporting', 'satisfied', 'stream:b'), given('critical', 'not-applicable', 'stream:b')],
      { streams },
    )
    expect(decision.streams.map((one) => [one.stream, one.ready])).toEqual([
      ['a', true],
      ['b', false],
    ])
    expect(decision.merge?.held).toEqual([{ stream: 'b', because: 'nothing is due here, and nothing critical was judged' }])
  })
})

test('a stream whose id is the name of a built-in property is a stream like any other, and nobody has spoken for it', () => {
  const streams = ['constructor', '__proto__', 'toString'].map((id) => streamOf(id))
  const parts = streams.map(({ id }) => given('critical', 'satisfied', `stream:${id}`))
  const checkpoint = checkpointOf(parts.map((one) => one.criterion))
  const program = programOf(checkpoint, { streams, metrics: { ...METRICS, 'critical.satisfied': metricOf('count', 'higher') } })
  const snapshot = snapshotOf(
    program,
    parts.flatMap((one) => one.evidence),
  )
  const { decision, report } = judgeCheck({ program, checkpoint, snapshot, ledger: EMPTY_STATE, at: AT })
  expect(decision.verdict).toBe('GO')
  expect(report.streams.map((one) => [one.id, one.checkIn])).toEqual([
    ['constructor', undefined],
    ['__proto__', undefined],
    ['toString', undefined],
  ])
})

describe('a check held for another time', () => {
  const opened = {
    type: 'blocker-opened',
    at: '2026-02-25T10:00:00Z',
    actor: 'lead-a',
    body: {
      blocker: 'B-1',
      stream: 'a',
      title: 'It is stuck',
      severity: 'critical',
      impact: 'all',
      owner: 'lead-a',
      deadline: '2026-02-27T10:00:00Z',
    },
  } as const
  const resolved = {
    type: 'blocker-resolved',
    at: '2026-02-26T10:00:00Z',
    actor: 'lead-a',
    body: { blocker: 'B-1', outcome: 'resolved', note: '' },
  } as const
  const part = given('critical', 'satisfied')
  const checkpoint = checkpointOf([part.criterion])
  const program = programOf(checkpoint, { metrics: { ...METRICS, [part.metric]: metricOf('count', 'higher') } })
  const healthAt = (at: string) =>
    judgeCheck({
      program,
      checkpoint,
      snapshot: snapshotOf(program, part.evidence),
      ledger: ledgerOf([opened, resolved]),
      at,
    }).report.streams.map((one) => [one.health, one.blockers.length])

  test.each([
    ['before it was opened', '2026-02-25T09:00:00Z', 'ON TRACK', 0],
    ['while it was open', '2026-02-25T15:00:00Z', 'BLOCKED', 1],
    ['after it was resolved', '2026-02-26T10:00:00Z', 'ON TRACK', 0],
  ])('sees a blocker as it was %s', (_, at, health, open) => {
    expect(healthAt(at)).toEqual([[health, open]])
  })
})
