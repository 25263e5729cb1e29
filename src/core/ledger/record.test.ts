import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeCheck } from '#core/check.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { canonical } from '#core/ledger/canonical.ts'
import { seal } from '#core/ledger/chain.ts'
import type { DecisionRecord, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import type { REPLAY_STAGES } from '#core/ledger/record.ts'
import { recordEvents, replay, type Replay } from '#core/ledger/record.ts'
import { foldEvents } from '#core/ledger/state.ts'
import type { Program } from '#core/program/model.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const CLOCK = '2026-02-25T15:00:00Z'

const criterion = { title: 'Tests pass', tier: 'critical', subjects: ['stream:z', 'stream:10', 'stream:9'] } as const
const nothing = { actions: [] }

/** Streams whose ids sort in one way as written, in another as keys: the record must not depend on it. */
const program: Program = {
  schemaVersion: 1,
  id: 'p',
  name: 'Program',
  repository: '.',
  target: 'main',
  calendar: {
    zone: 'Europe/Berlin',
    workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    hours: { start: '09:00', end: '17:00' },
    holidays: [],
  },
  people: [{ id: 'lead-a', name: 'Lead of A', roles: ['lead', 'quality'] }],
  streams: ['z', '10', '9'].map((id) => ({
    id,
    name: `Stream ${id}`,
    lead: 'lead-a',
    support: [],
    reviewers: [],
    branch: `feature/${id}`,
    paths: [],
    exclusive: [],
    deliverables: [],
    integrationPoints: [],
    dependsOn: [],
  })),
  sources: [],
  metrics: {
    'tests.passed': { unit: 'tests', better: 'higher', title: 'tests that pass', source: 'tests', boundToTree: false },
    'tests.failed': { unit: 'tests', better: 'lower', title: 'tests that fail', source: 'tests', boundToTree: false },
  },
  checkpoints: [
    {
      id: 'week-2',
      name: 'Week 2',
      at: CLOCK,
      durationSeconds: 3600,
      agenda: [],
      attendees: ['lead-a'],
      criteria: [
        {
          id: 'passed',
          ...criterion,
          condition: { metric: 'tests.passed', comparison: { op: 'atLeast', value: 10 }, provenance: 'measured' },
        },
        {
          id: 'signed',
          ...criterion,
          tier: 'supporting',
          subjects: ['program'],
          condition: { signOff: { roles: ['quality'], quorum: 1 } },
        },
      ],
      merge: true,
      decision: 'Go on?',
      go: nothing,
      noGo: nothing,
      signOff: [],
    },
  ],
  syncs: [],
  policy: {
    verdict: [
      {
        id: 'breach',
        title: 'A critical criterion is unsatisfied',
        when: { metric: 'criteria.critical.unsatisfied', comparison: { op: 'above', value: 0 }, provenance: 'measured' },
        verdict: 'NO-GO',
      },
    ],
    health: [],
    matrices: [],
    authority: { waive: [], override: [] },
  },
  escalation: [],
  templates: [],
  merge: { perDay: 1, time: '10:00', exceptions: [] },
  schedule: { openSeconds: 3600, remindSeconds: [] },
  channels: [],
  notify: { routes: {} },
}

const snapshotOf = (values: readonly number[]): Snapshot => ({
  subjects: Object.fromEntries(
    ['program', 'stream:z', 'stream:10', 'stream:9'].map((id) => [
      id,
      {
        state: 'present',
        ref: `refs/heads/${id}`,
        commit: hash(id).slice(0, 40),
        tree: hash(id).slice(0, 40),
        committedAt: '2026-02-24T10:00:00Z',
      },
    ]),
  ),
  evidence: values.map((value, i) => ({
    subject: `stream:${['z', '10', '9'][i % 3] ?? ''}`,
    metric: 'tests.passed',
    status: 'observed',
    unit: 'tests',
    value,
    provenance: 'measured',
    observedAt: '2026-02-25T14:00:00Z',
    source: 'reports/junit.xml',
  })),
})

const signOff = (id: string): NewEvent => ({
  id,
  at: '2026-02-25T14:30:00Z',
  actor: 'lead-a',
  type: 'sign-off',
  body: { checkpoint: 'week-2', criterion: 'signed', role: 'quality', approve: true, reason: 'read them' },
})

/** Appends as a store does: what is read later went through canonical JSON. */
function append(ledger: readonly LedgerEvent[], events: readonly NewEvent[]): LedgerEvent[] {
  const all = [...ledger]
  for (const event of events) all.push(JSON.parse(canonical(seal(event, all.at(-1), hash))) as LedgerEvent)
  return all
}

interface Held {
  readonly ledger: readonly LedgerEvent[]
  readonly record: DecisionRecord
}

function hold(
  before: readonly LedgerEvent[],
  snapshot: Snapshot,
  change: { readonly recordedProgram?: string; readonly streams?: readonly string[] } = {},
): Held {
  const checkpoint = program.checkpoints[0]
  if (!checkpoint) throw new Error('the program of the test has a checkpoint')
  const state = foldEvents(before)
  const only = change.streams && { streams: change.streams }
  const checked = judgeCheck({ program, checkpoint, snapshot, ledger: state, at: CLOCK, ...only })
  let made = 0
  const events = recordEvents({
    ...checked,
    ...change,
    program,
    snapshot,
    clock: CLOCK,
    at: '2026-02-25T15:00:07Z',
    version: '0.1.0',
    state,
    ledgerBefore: before.length + 1,
    actor: 'muster',
    ids: () => `${before.length}-${made++}`,
    hash,
  })
  const ledger = append(before, events)
  const last = ledger.at(-1)
  if (last?.type !== 'decision') throw new Error('the decision is the last event of a check')
  return { ledger, record: last.body }
}

const replayed = (held: Held, recompute = judgeCheck, version?: string): Promise<Replay> =>
  replay(held.record, { events: held.ledger, ...(version !== undefined && { version }) }, recompute, hash)

describe('the events of a check', () => {
  test('are the program, the evidence and the decision, with a time and an id each', () => {
    const { ledger } = hold([], snapshotOf([12, 12, 12]))
    expect(ledger.map((event) => [event.type, event.id, event.at, event.actor])).toEqual([
      ['program', '0-0', '2026-02-25T15:00:07Z', 'muster'],
      ['evidence', '0-1', '2026-02-25T15:00:07Z', 'muster'],
      ['decision', '0-2', '2026-02-25T15:00:07Z', 'muster'],
    ])
  })

  test('leave the program out while it is the one recorded last, and only then', () => {
    const first = hold([], snapshotOf([12]))
    const digest = first.record.inputs.program
    expect(
      hold(first.ledger, snapshotOf([13]), { recordedProgram: digest })
        .ledger.slice(3)
        .map((event) => event.type),
    ).toEqual(['evidence', 'decision'])
    expect(
      hold(first.ledger, snapshotOf([13]), { recordedProgram: hash('another') })
        .ledger.slice(3)
        .map((event) => event.type),
    ).toEqual(['program', 'evidence', 'decision'])
  })

  test('say what was decided, by which rule, when, and from what', () => {
    const { record, ledger } = hold(append([], [signOff('s1')]), snapshotOf([12, 12, 3]))
    expect(record).toMatchObject({ checkpoint: 'week-2', clock: CLOCK, version: '0.1.0', verdict: 'NO-GO', rule: 'breach' })
    expect(record.inputs.ledgerBefore).toBe(2)
    expect(ledger.find((event) => event.type === 'evidence')?.body.digest).toBe(record.inputs.evidence)
    expect(record.stages.policy).toBe(hash(canonical(program.policy)))
  })
})

describe('replay', () => {
  test('of any record is identical, whatever was recorded after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 7 }),
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.subarray(['z', '10', '9'], { minLength: 1 }), { nil: undefined }),
        async (values, signedBefore, signedAfter, streams) => {
          const before = signedBefore ? append([], [signOff('s1')]) : []
          const held = hold(before, snapshotOf(values), streams && { streams })
          const later = signedAfter ? append(held.ledger, [signOff('s2')]) : held.ledger
          const again = hold(later, snapshotOf([...values, 1]), { recordedProgram: held.record.inputs.program })
          const same = { same: true, stages: held.record.stages }
          expect(await replayed({ ...held, ledger: again.ledger })).toEqual(same)
          expect(await replayed(again)).toMatchObject({ same: true })
          expect(await replay(held.record, { events: stream(again.ledger) }, judgeCheck, hash)).toEqual(same)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('a report that says where it was recorded has the digest of the one that did not yet', async () => {
    const held = hold([], snapshotOf([12, 12, 12]))
    const recompute: typeof judgeCheck = (input) => {
      const checked = judgeCheck(input)
      return { ...checked, report: { ...checked.report, record: { id: 'x', seq: 3, hash: hash('x') } } }
    }
    expect(await replayed(held, recompute)).toMatchObject({ same: true })
  })

  const held = hold(append([], [signOff('s1')]), snapshotOf([12, 12, 12]))
  const events = (change: (event: LedgerEvent) => unknown): Held => ({
    ...held,
    ledger: held.ledger.flatMap((event) => (change(event) ?? []) as LedgerEvent[]),
  })
  const stages = (change: Partial<DecisionRecord['stages']>): Held => ({
    ...held,
    record: { ...held.record, stages: { ...held.record.stages, ...change } },
  })
  const other = hash('other')

  const divergences: readonly (readonly [string, (typeof REPLAY_STAGES)[number], () => Promise<Replay>])[] = [
    [
      'the program was edited',
      'program',
      () =>
        replayed(
          events((event) =>
            event.type === 'program' ? { ...event, body: { ...event.body, program: { ...program, target: 'x' } } } : event,
          ),
        ),
    ],
    ['the program is gone', 'program', () => replayed(events((event) => (event.type === 'program' ? undefined : event)))],
    ['the policy is said to be another', 'policy', () => replayed(stages({ policy: other, evaluation: other }))],
    [
      'the evidence was edited',
      'evidence',
      () =>
        replayed(
          events((event) => (event.type === 'evidence' ? { ...event, body: { ...event.body, snapshot: snapshotOf([99]) } } : event)),
        ),
    ],
    ['the evidence is gone', 'evidence', () => replayed(events((event) => (event.type === 'evidence' ? undefined : event)))],
    ['a sign-off is gone', 'ledger', () => replayed(events((event) => (event.type === 'sign-off' ? undefined : event)))],
    ['a sign-off was edited', 'ledger', () => replayed(events((event) => (event.type === 'sign-off' ? { ...event, actor: 'x' } : event)))],
    [
      'a later sign-off is counted',
      'ledger',
      () =>
        replayed({
          ledger: append(held.ledger, [signOff('s2')]),
          record: { ...held.record, inputs: { ...held.record.inputs, ledgerBefore: 99 } },
        }),
    ],
    ['evaluation comes out otherwise', 'evaluation', () => replayed(stages({ evaluation: other, decision: other }))],
    ['the decision comes out otherwise', 'decision', () => replayed(stages({ decision: other, report: other }))],
    ['the verdict was edited', 'decision', () => replayed({ ...held, record: { ...held.record, verdict: 'NO-GO' } })],
    ['the report comes out otherwise', 'report', () => replayed(stages({ report: other }))],
    ['the clock was edited', 'evaluation', () => replayed({ ...held, record: { ...held.record, clock: '2026-02-25T15:00:01Z' } })],
    ['the checkpoint is not in the program', 'evaluation', () => replayed({ ...held, record: { ...held.record, checkpoint: 'week-9' } })],
    ['other streams were looked at', 'evaluation', () => replayed({ ...held, record: { ...held.record, streams: ['z'] } })],
  ]

  test.each(divergences)('%s: the first stage that diverges is %s', async (_, stage, work) => {
    const result = await work()
    expect(result).toMatchObject({ same: false, stage })
    if (!result.same && result.detail === undefined) expect(result.recomputed).not.toBe(result.recorded)
  })

  test('that another version recomputes it is said wherever it comes out otherwise', async () => {
    for (const [stage, other] of [
      ['ledger', { ...held.record, inputs: { ...held.record.inputs, ledger: 'f'.repeat(64) } }],
      ['decision', { ...held.record, stages: { ...held.record.stages, decision: 'f'.repeat(64) } }],
    ] as const)
      expect(await replayed({ ...held, record: other }, judgeCheck, '9.0.0')).toMatchObject({
        same: false,
        stage,
        detail: expect.stringMatching(/decided by version 0\.1\.0, recomputed by 9\.0\.0/),
      })
  })

  test('what cannot be recomputed is a divergence that says why, and by which version', async () => {
    const result = await replayed(
      held,
      () => {
        throw new TypeError('policy.health is not iterable')
      },
      '9.0.0',
    )
    expect(result).toMatchObject({
      same: false,
      stage: 'evaluation',
      detail: expect.stringMatching(/policy\.health is not iterable.*0\.1\.0.*9\.0\.0/),
    })
  })
})

async function* stream(events: readonly LedgerEvent[]): AsyncGenerator<LedgerEvent> {
  yield* events
}
