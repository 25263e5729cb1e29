import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CollectorKind, CommitInfo } from '#core/evidence/collector.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents } from '#core/ledger/state.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { readSince } from '#core/schedule/deadline.ts'
import { lastStandUp } from '#core/stand-up/since.ts'
import { standUp, type Measured, type StandUpInput } from '#core/stand-up/stand-up.ts'

const KIND: CollectorKind = {
  kind: 'count',
  title: 'Counts',
  options: z.strictObject({}),
  metrics: {
    lines: { unit: 'lines', better: 'higher', title: 'lines' },
    passed: { unit: 'tests', better: 'higher', title: 'cases that passed' },
    failed: { unit: 'tests', better: 'lower', title: 'cases that failed' },
  },
  boundToTree: true,
}

const programOf = (more = ''): Program =>
  loadProgram(
    'muster.yaml',
    new TextEncoder().encode(`
program: demo
name: Demo
calendar: { zone: Europe/Berlin, holidays: [2026-02-24] }
people:
  boss: { name: B, roles: [phase-lead], email: boss@example.org, github: boss-hub }
  lead-a: { name: Lead A, email: a@example.org }
  help-a: { name: Help A }
  lead-b: { name: Lead B }
sources: { count: { collect: count } }
streams:
  reader:
    name: Reader
    lead: lead-a
    support: [help-a]
    branch: a
    deliverables:
      code: { title: Code, measure: count.lines, full: 400 lines }
      guide: { title: Guide }
  writer: { name: Writer, lead: lead-b, branch: b }
checkpoints: { week2: { name: Week 2, at: 2026-02-25 16:00 } }
${more}`),
    [KIND],
  ).program as Program
const program = programOf()

const SINCE = '2026-02-23T09:00:00Z'
const AT = '2026-02-25T09:00:00Z'

const measured = (at: string, values: Readonly<Record<string, number>>): Measured => ({
  at,
  snapshot: {
    subjects: {},
    evidence: Object.entries(values).map(([metric, value]): Evidence => ({
      subject: 'stream:reader',
      metric: `count.${metric}`,
      status: 'observed',
      unit: metric === 'lines' ? 'lines' : 'tests',
      value,
      provenance: 'measured',
      observedAt: at,
      source: 'count',
    })),
  },
})

let commits = 0
const commit = (name: string, email: string, parents: readonly string[] = ['p']): CommitInfo => ({
  commit: `c${(commits += 1)}`,
  tree: 't',
  parents,
  committedAt: AT,
  author: { name, email },
  subject: 's',
})

const SAID = { stream: 'reader', done: [], next: [], risks: [], claims: {}, at: SINCE, actor: 'lead-a' } as const

const stateOf = (...events: readonly (EventBody & { readonly at: string })[]) =>
  foldEvents(
    events.map(({ at, ...event }, index): LedgerEvent => ({
      id: `e${index}`,
      seq: index + 1,
      previous: '',
      schema: '',
      hash: '',
      at,
      actor: 'lead-a',
      ...event,
    })),
  )

const digestOf = (more: Partial<StandUpInput> = {}) =>
  standUp({ program, since: SINCE, at: AT, state: stateOf(), checkIns: [], before: {}, commits: {}, ...more })
const reader = (more: Partial<StandUpInput> = {}) => digestOf(more).streams[0]

describe('a stand-up', () => {
  it('counts commits by what their author is to the stream, merges left out', () => {
    const made = [
      commit('somebody else', 'A@example.org'),
      commit('Lead A', 'a@home'),
      commit('help a', ''),
      commit('B', 'boss@example.org'),
      commit('Lead B', ''),
      commit('Lead A', 'a@example.org', ['p', 'q']),
      commit('Stranger', 'x@y'),
      commit('?', '12+Boss-Hub@users.noreply.github.com'),
    ]
    expect(reader({ commits: { reader: made, writer: { reason: 'there is no branch b' } } })?.commits).toEqual([
      { role: 'phase-lead', person: 'boss', name: 'B', count: 2 },
      { role: 'lead', person: 'lead-a', name: 'Lead A', count: 2 },
      { role: 'support', person: 'help-a', name: 'Help A', count: 1 },
      { role: 'lead of another stream', person: 'lead-b', name: 'Lead B', count: 1 },
      { role: 'unknown', name: 'Stranger', count: 1 },
    ])
    expect(digestOf({ commits: { writer: { reason: 'there is no branch b' } } }).streams.map((one) => one.commitsUnknown)).toEqual([
      'they were not looked at',
      'there is no branch b',
    ])
  })

  it('shows a number that moved, was planned, is claimed otherwise, or fails; nothing else', () => {
    const before = measured(SINCE, { lines: 100, passed: 5, failed: 0 })
    const now = measured(AT, { lines: 150, passed: 5, failed: 0 })
    expect(reader({ measuredBefore: before, measured: now })?.numbers).toEqual([
      { metric: 'count.lines', title: 'Code', unit: 'lines', before: 100, now: 150, full: 400 },
    ])
    expect(reader({ measuredBefore: before, measured: before })?.numbers).toEqual([])
    const planned = { reader: { ...SAID, plan: { code: 200, 'count.passed': 8 } } }
    expect(reader({ measuredBefore: before, measured: before, before: planned })?.numbers).toMatchObject([
      { metric: 'count.lines', now: 100, planned: 200 },
      { metric: 'count.passed', now: 5, planned: 8 },
    ])
    expect(reader({ measured: before, measuredBefore: before, checkIns: [{ ...SAID, claims: { code: 120 } }] })?.numbers).toMatchObject([
      { now: 100, claimed: 120 },
    ])
    const failing = measured(AT, { passed: 3, failed: 2 })
    const still = { source: 'count', before: { passed: 3, failed: 2 }, now: { passed: 3, failed: 2 } }
    expect(reader({ measuredBefore: failing, measured: failing })?.tests).toEqual([still])
    expect(reader({ measuredBefore: before, measured: before })?.tests).toEqual([])
    expect(reader({ measuredBefore: before, measured: measured(AT, {}) })?.tests).toEqual([
      { source: 'count', before: { passed: 5, failed: 0 } },
    ])
  })

  it('takes what is not measured any more for not known, never for zero', () => {
    expect(reader({ measuredBefore: measured(SINCE, { lines: 100 }), measured: measured(AT, {}) })?.numbers).toEqual([
      { metric: 'count.lines', title: 'Code', unit: 'lines', before: 100, full: 400 },
    ])
  })

  it('parts blockers into opened, resolved and open, and says who has not checked in', () => {
    const blocker = { stream: 'reader', title: 'T', severity: 'high', impact: 'I', owner: 'lead-a', deadline: AT } as const
    const state = stateOf(
      { at: '2026-02-22T09:00:00Z', type: 'blocker-opened', body: { ...blocker, blocker: 'b-1' } },
      { at: '2026-02-22T09:00:00Z', type: 'blocker-opened', body: { ...blocker, blocker: 'b-2' } },
      { at: '2026-02-24T09:00:00Z', type: 'blocker-opened', body: { ...blocker, blocker: 'b-3' } },
      { at: '2026-02-24T10:00:00Z', type: 'blocker-resolved', body: { blocker: 'b-1', outcome: 'resolved', note: 'n' } },
    )
    const digest = digestOf({ state, checkIns: [SAID, { ...SAID, done: ['later'] }] })
    const [stream] = digest.streams
    expect([stream?.opened, stream?.resolved, stream?.open].map((list) => list?.map((one) => one.blocker))).toEqual([
      ['b-3'],
      ['b-1'],
      ['b-2', 'b-3'],
    ])
    expect(stream?.checkIn?.done).toEqual(['later'])
    expect(digest.silent).toEqual([{ stream: 'writer', who: ['lead-b'] }])
  })

  it('names the checkpoint that comes next as the ledger has moved it', () => {
    expect(digestOf().next).toEqual({ checkpoint: 'week2', name: 'Week 2', at: '2026-02-25T15:00:00Z' })
    const cancelled = stateOf({ at: SINCE, type: 'checkpoint-cancelled', body: { checkpoint: 'week2', reason: 'r' } })
    expect(digestOf({ state: cancelled }).next).toBeUndefined()
  })
})

describe('the last stand-up', () => {
  const daily = programOf('schedule: { standUp: { days: [monday, tuesday, wednesday], time: "09:45" } }')

  it.each([
    ['in the afternoon, that of the morning', daily, '2026-02-25T14:00:00Z', '2026-02-25T08:45:00Z'],
    ['while it is held, the one before; holidays have none', daily, '2026-02-25T09:00:00Z', '2026-02-23T08:45:00Z'],
    ['just before, the one before', daily, '2026-02-25T08:44:00Z', '2026-02-23T08:45:00Z'],
    ['without any, the start of the work day before', program, '2026-02-25T14:00:00Z', '2026-02-23T08:00:00Z'],
  ])('is %s', (_name, one, at, since) => expect(lastStandUp(one, at)).toBe(since))

  it.each([
    ['24h', '2026-02-24T09:00:00Z'],
    ['2 days', '2026-02-23T09:00:00Z'],
    ['2026-02-23 09:45', '2026-02-23T08:45:00Z'],
    ['2026-02-25T09:00:00Z', undefined],
    ['soon', undefined],
    ['-2h', undefined],
  ])('or %s', (text, at) => {
    const read = readSince(text, AT, 'Europe/Berlin')
    expect(read.ok ? read.at : undefined).toBe(at)
  })
})
