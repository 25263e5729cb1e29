import { describe, expect, test } from 'vitest'
import { judgeCheck } from '#core/check.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { Checkpoint, Deliverable, IntegrationPoint, Program, Stream, Verdict } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { addSeconds } from '#core/schedule/time.ts'
import { AT, checkpointOf, criterionOf, evidenceOf, leaf, ledgerOf, programOf, snapshotOf, streamOf } from './heart/build.ts'

/** What a report says beside the decision. */

interface Given {
  readonly stream?: Partial<Stream>
  readonly checkpoint?: Partial<Checkpoint>
  readonly program?: Partial<Program>
  readonly evidence?: readonly Evidence[]
  readonly events?: readonly (EventBody & { readonly at: string; readonly actor: string })[]
  readonly at?: string
  /** Streams that are looked at; all unless said. */
  readonly only?: readonly string[]
}

function reportOf({ stream = {}, checkpoint = {}, program: more = {}, evidence = [], events = [], at = AT, only }: Given): CheckReport {
  const planned = programOf(checkpointOf([criterionOf('lines', leaf('git.lines', 'atLeast', 100))], checkpoint), {
    streams: [streamOf('a', stream)],
    ...more,
  })
  const ledger = ledgerOf(events)
  const program = effectiveProgram(planned, ledger.moves, at)
  const held = program.checkpoints[0]
  if (!held) throw new Error('it is not held')
  return judgeCheck({ program, checkpoint: held, snapshot: snapshotOf(program, evidence), ledger, at, ...(only && { streams: only }) })
    .report
}

const by = (actor: string, event: EventBody, at = AT) => ({ ...event, at, actor })

const CODE: Deliverable = {
  id: 'code',
  title: 'The code',
  kind: 'code',
  measure: 'git.lines',
  full: { low: 400, high: 400, unit: 'lines' },
}

describe('what was planned', () => {
  const plan = (one: Readonly<Record<string, number>>) =>
    by('lead-a', { type: 'check-in', body: { stream: 'a', done: [], next: [], risks: [], claims: {}, plan: one } }, '2026-02-25T09:00:00Z')

  test('stands beside what is measured, of a deliverable under its title, of a metric under its own', () => {
    const { streams } = reportOf({
      stream: { deliverables: [CODE] },
      evidence: [
        evidenceOf('stream:a', 'git.lines', 120),
        evidenceOf('stream:a', 'tests.passed', 9, { provenance: 'claimed' }),
        evidenceOf('stream:a', 'tests.failed', 1, { tree: 'older' }),
      ],
      events: [plan({ code: 150, 'tests.passed': 12, 'tests.failed': 0, gone: 3 })],
    })
    expect(streams[0]?.planned).toEqual([
      { title: 'The code', unit: 'lines', planned: 150, measured: 120 },
      // What a lead claims is no measurement, nor is that of another tree.
      { title: 'a metric', unit: 'tests', planned: 12 },
      { title: 'a metric', unit: 'tests', planned: 0 },
      { title: 'gone', planned: 3 },
    ])
  })

  test('is nothing where nobody planned', () => {
    const said = by('lead-a', { type: 'check-in', body: { stream: 'a', done: ['x'], next: [], risks: [], claims: {} } })
    const { streams } = reportOf({ events: [said] })
    expect(streams[0]).toMatchObject({ checkIn: { done: ['x'] } })
    expect(streams[0]).not.toHaveProperty('planned')
  })
})

test('a checkpoint that was moved says from when, by whom and why', () => {
  const to = '2026-02-26T15:00:00Z'
  const moved = by('boss', { type: 'checkpoint-moved', body: { checkpoint: 'week-2', to, reason: 'No room' } }, '2026-02-25T10:00:00Z')
  expect(reportOf({ events: [moved] }).checkpoint).toMatchObject({ at: to, moved: { from: AT, by: 'boss', reason: 'No room' } })
  expect(reportOf({}).checkpoint).not.toHaveProperty('moved')
})

describe('an integration point', () => {
  const statusOf = (measure: string | undefined, value: number | boolean): string | undefined => {
    const point: IntegrationPoint = { id: 'p', title: 'P', with: 'daemon', ...(measure !== undefined && { measure }) }
    const evidence = measure === undefined ? [] : [evidenceOf('stream:a', measure, value)]
    return reportOf({ stream: { integrationPoints: [point] }, evidence }).streams[0]?.integrationPoints[0]?.status
  }

  test.each([
    ['git.merged', true, 'satisfied'],
    ['git.merged', false, 'unsatisfied'],
    ['tests.failed', 0, 'satisfied'],
    ['tests.failed', 1, 'unsatisfied'],
    ['tests.ratio', 1, 'satisfied'],
    ['tests.ratio', 0.99, 'unsatisfied'],
  ] as const)('over %s holds at %s: %s', (measure, value, status) => {
    expect(statusOf(measure, value)).toBe(status)
  })

  test('without a measure waits for its lead', () => {
    expect(statusOf(undefined, 0)).toBe('missing')
  })
})

test('of a deliverable it says what is due, in full, measured and claimed', () => {
  const target = (op: 'atLeast' | 'between') =>
    criterionOf(
      'target.code',
      op === 'atLeast'
        ? leaf('git.lines', 'atLeast', 200)
        : { metric: 'git.lines', comparison: { op, low: 200, high: 300 }, provenance: 'measured' },
      {
        target: { stream: 'a', deliverable: 'code', kind: 'code' },
      },
    )
  const claim = by('lead-a', { type: 'check-in', body: { stream: 'a', done: [], next: [], risks: [], claims: { code: 250 } } })
  const of = (op: 'atLeast' | 'between') =>
    reportOf({
      stream: { deliverables: [CODE, { id: 'talk', title: 'Talk', kind: 'feature' }] },
      checkpoint: { criteria: [target(op)] },
      evidence: [evidenceOf('stream:a', 'git.lines', 180)],
      events: [claim],
    }).streams[0]?.deliverables
  const code = { measured: 180, claimed: 250, full: { low: 400 }, status: 'unsatisfied' }
  expect(of('atLeast')).toMatchObject([{ ...code, due: { low: 200, high: 200, unit: 'lines' } }, { id: 'talk' }])
  expect(of('between')).toMatchObject([{ ...code, due: { low: 200, high: 300, unit: 'lines' } }, { id: 'talk' }])
  expect(of('atLeast')?.[1]).toEqual({ id: 'talk', title: 'Talk', kind: 'feature' })
})

test('of a criterion it says the value, the target, the unit, and every piece of evidence once', () => {
  const [lines, passed] = [evidenceOf('stream:a', 'git.lines', 120), evidenceOf('stream:a', 'tests.passed', 5)]
  const condition = { all: [leaf('git.lines', 'atLeast', 100), leaf('tests.passed', 'atLeast', 4), leaf('git.lines', 'atMost', 500)] }
  const criteria = [criterionOf('lines', leaf('git.lines', 'atLeast', 200)), criterionOf('all', condition)]
  const report = reportOf({ checkpoint: { criteria }, evidence: [lines, passed] })
  expect(report.criteria).toEqual([
    expect.objectContaining({ id: 'lines', unit: 'lines', actual: 120, target: 200, evidence: [lines] }),
    expect.objectContaining({ id: 'all', evidence: [lines, passed] }),
  ])
  // Nothing is zero for want of evidence.
  const [missing] = reportOf({ checkpoint: { criteria } }).criteria
  expect(missing).toMatchObject({ unit: 'lines', target: 200, status: 'missing', evidence: [] })
  expect(missing).not.toHaveProperty('actual')
})

describe('an override', () => {
  const set = (verdict: Verdict) => by('boss', { type: 'override', body: { checkpoint: 'week-2', verdict, reason: 'r' } })
  const evidence = [evidenceOf('stream:a', 'git.lines', 5)]

  test.each(['GO', 'CONDITIONAL GO'] as const)('to %s covers what is open, and the raw status stays', (verdict) => {
    expect(reportOf({ evidence, events: [set(verdict)] }).criteria).toMatchObject([{ status: 'overridden', rawStatus: 'unsatisfied' }])
  })

  test.each([
    ['missing', undefined, {}],
    ['stale', 5, { tree: 'older' }],
    ['errored', undefined, { status: 'errored', reason: 'not XML' }],
    ['inconclusive', undefined, { status: 'inconclusive', reason: 'one run' }],
  ] as const)('covers what is %s', (rawStatus, value, more) => {
    const found = [evidenceOf('stream:a', 'git.lines', value, more)]
    expect(reportOf({ evidence: found, events: [set('GO')] }).criteria).toMatchObject([{ status: 'overridden', rawStatus }])
  })

  test('covers nothing that is met', () => {
    const met = [evidenceOf('stream:a', 'git.lines', 100)]
    expect(reportOf({ evidence: met, events: [set('GO')] }).criteria).toMatchObject([{ status: 'satisfied' }])
  })

  test('to NO-GO covers nothing', () => {
    expect(reportOf({ evidence, events: [set('NO-GO')] }).criteria).toMatchObject([{ status: 'unsatisfied', rawStatus: 'unsatisfied' }])
  })
})

test('it names everybody of the program, and no stream that was not looked at', () => {
  const both = { streams: [streamOf('a'), streamOf('b')] }
  const report = reportOf({ program: both, only: ['b'] })
  expect(report.people).toEqual({ 'lead-a': 'Lead of Stream a', 'lead-b': 'Lead of Stream b', boss: 'Boss' })
  expect(report.streams.map(({ id }) => id)).toEqual(['b'])
  expect(reportOf({ program: both }).streams.map(({ id }) => id)).toEqual(['a', 'b'])
})

describe('a signature is due', () => {
  const signDue = (at: string): string | undefined =>
    reportOf({ checkpoint: { signOff: [{ role: 'quality', quorum: 1 }] }, at }).actions.find((one) => one.kind === 'sign')?.due

  test('at the end of the meeting', () => {
    expect(signDue(AT)).toBe(addSeconds(AT, 3600))
    expect(signDue(addSeconds(AT, 3600))).toBe(addSeconds(AT, 3600))
  })

  test('as long after a decision that is taken later as a meeting lasts', () => {
    expect(signDue('2026-02-27T09:00:00Z')).toBe('2026-02-27T10:00:00Z')
  })
})
