import { describe, expect, test } from 'vitest'
import type { Evidence, Snapshot, Subject, SubjectState } from '#core/evidence/evidence.ts'
import type { Source } from '#core/program/model.ts'
import { unmoved } from '#engine/unmoved.ts'

const AT = '2026-02-25T10:00:00Z'
const NOW = '2026-02-25T11:00:00Z'
const source = (id: string, more: Partial<Source> = {}): Source => ({
  id,
  collect: 'junit',
  for: 'streams',
  options: {},
  timeLimitSeconds: 60,
  ...more,
})
const RUN = source('run', { collect: 'command' })
const READ = source('tests', { from: 'run' })
const job = (one: Source, subject: Subject = 'stream:a') => ({ source: one, subject })
const head = (commit: string): SubjectState => ({ state: 'present', ref: 'r', commit, tree: 't', committedAt: AT })
const HEADS = { program: head('main'), 'stream:a': head('one'), 'stream:b': head('two') }

const measured = (metric: string, more: Partial<Evidence> = {}): Evidence => ({
  subject: 'stream:a',
  metric,
  status: 'observed',
  value: 1,
  unit: 'tests',
  source: metric.split('.')[0] ?? '',
  provenance: 'measured',
  observedAt: AT,
  host: 'here',
  ...more,
})
const BOTH = [measured('run.passed'), measured('tests.passed')]

/** Ids of the sources that need not be asked again. */
const kept = (evidence: readonly Evidence[], subjects: Snapshot['subjects'] = HEADS, jobs = [job(RUN), job(READ)]): readonly string[] => {
  const found = unmoved(jobs, { snapshots: [{ subjects: HEADS, evidence }] }, { subjects, at: NOW, host: 'here' })
  return [...found.keys()].map((one) => one.source.id)
}

describe('what commands brought', () => {
  test('is kept, with all that was read of it, while branch and target have not moved', () => {
    expect(kept(BOTH)).toEqual(['run', 'tests'])
    expect(kept(BOTH, { ...HEADS, 'stream:b': head('three') })).toEqual(['run', 'tests'])
  })

  test.each([
    ['the branch moved', { ...HEADS, 'stream:a': head('three') }],
    ['the target moved', { ...HEADS, program: head('three') }],
    ['the branch is gone', { ...HEADS, 'stream:a': { state: 'absent', reason: 'r' } as const }],
    ['nobody knows where the branch is', { program: HEADS.program }],
  ])('is asked for again when %s', (_, subjects) => {
    expect(kept(BOTH, subjects)).toEqual([])
  })

  test('of a branch that was not there before either is asked for again', () => {
    const absent = { ...HEADS, 'stream:a': { state: 'absent', reason: 'r' } as const }
    expect([
      ...unmoved([job(RUN)], { snapshots: [{ subjects: absent, evidence: BOTH }] }, { subjects: absent, at: NOW, host: 'here' }),
    ]).toEqual([])
  })

  test.each([
    ['failed to be observed', { status: 'errored' }],
    ['came from another machine', { host: 'there' }],
    ['was reported', { provenance: 'reported' }],
    ['is of another stream', { subject: 'stream:b' }],
  ] as const)('is asked for again as a whole when a part of it %s', (_, more) => {
    for (const index of [0, 1]) expect(kept(BOTH.map((one, each) => (each === index ? { ...one, ...more } : one)))).toEqual([])
  })

  test('is asked for again when one of several values failed to be observed', () => {
    expect(kept([...BOTH, measured('tests.failed', { status: 'errored' })])).toEqual([])
  })

  test('is asked for again once it is as old as it may be', () => {
    const jobs = (maxAgeSeconds: number) => [job(RUN), job({ ...READ, maxAgeSeconds })]
    expect(kept(BOTH, HEADS, jobs(3601))).toEqual(['run', 'tests'])
    expect(kept(BOTH, HEADS, jobs(3600))).toEqual([])
  })

  test('is kept for each stream by itself, and of what is no command nothing is', () => {
    const jobs = [job(RUN), job(READ), job(RUN, 'stream:b'), job(source('git', { collect: 'git' }))]
    expect(kept([...BOTH, measured('git.lines')], HEADS, jobs)).toEqual(['run', 'tests'])
  })

  test('is the newest that there is, and none from before what is asked for', () => {
    const snapshot = (observedAt: string): Snapshot => ({ subjects: HEADS, evidence: BOTH.map((one) => ({ ...one, observedAt })) })
    const times = ['2026-02-25T10:10:00Z', '2026-02-25T10:30:00Z', '2026-02-25T10:20:00Z']
    const ofRun = (since?: string) => {
      const run = job(RUN)
      const before = { snapshots: times.map(snapshot), ...(since !== undefined && { since }) }
      return unmoved([run, job(READ)], before, { subjects: HEADS, at: NOW, host: 'here' })
        .get(run)
        ?.map((one) => one.observedAt)
    }
    expect(ofRun()).toEqual(['2026-02-25T10:30:00Z'])
    expect(ofRun('2026-02-25T10:30:00Z')).toEqual(['2026-02-25T10:30:00Z'])
    expect(ofRun('2026-02-25T10:30:01Z')).toBe(undefined)
  })
})
