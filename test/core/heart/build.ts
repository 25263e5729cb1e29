import { Context } from '#core/evaluate/context.ts'
import type { Evidence, Snapshot, Subject, SubjectState, Unit } from '#core/evidence/evidence.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { foldEvents, type LedgerState } from '#core/ledger/state.ts'
import { DEFAULT_ESCALATION, DEFAULT_POLICY, DERIVED_METRICS } from '#core/program/metrics.ts'
import type { Checkpoint, Comparison, Condition, Criterion, Metric, Program, Stream } from '#core/program/model.ts'

/** Clock of the checks in these tests: the time of their checkpoint, a Wednesday. */
export const AT = '2026-02-25T15:00:00Z'

export const metricOf = (unit: Unit, better: Metric['better'], extra: Partial<Metric> = {}): Metric => ({
  unit,
  better,
  title: 'a metric',
  source: 'tests',
  boundToTree: true,
  ...extra,
})

export const METRICS: Program['metrics'] = {
  ...DERIVED_METRICS,
  'git.lines': metricOf('lines', 'higher', { source: 'git' }),
  'git.merged': metricOf('boolean', 'higher', { source: 'git' }),
  'tests.passed': metricOf('tests', 'higher'),
  'tests.failed': metricOf('tests', 'lower'),
  'tests.ratio': metricOf('ratio', 'higher'),
  'speed.change': metricOf('change', 'none', { source: 'speed' }),
  'speed.reduction': metricOf('ratio', 'higher', { source: 'speed', signed: true }),
}

export const streamOf = (id: string, extra: Partial<Stream> = {}): Stream => ({
  id,
  name: `Stream ${id}`,
  lead: `lead-${id}`,
  support: [],
  reviewers: [],
  branch: `feature/${id}`,
  paths: [],
  exclusive: [],
  deliverables: [],
  integrationPoints: [],
  dependsOn: [],
  ...extra,
})

export const criterionOf = (id: string, condition: Condition, extra: Partial<Criterion> = {}): Criterion => ({
  id,
  title: id,
  tier: 'critical',
  subjects: ['stream:a'],
  condition,
  ...extra,
})

export const leaf = (metric: string, op: Exclude<Comparison['op'], 'between' | 'equals'>, value: number): Condition => ({
  metric,
  comparison: { op, value },
  provenance: 'measured',
})

export const checkpointOf = (criteria: readonly Criterion[], extra: Partial<Checkpoint> = {}): Checkpoint => ({
  id: 'week-2',
  name: 'Week 2',
  at: AT,
  durationSeconds: 3600,
  agenda: [],
  attendees: [],
  criteria,
  decision: 'Go on?',
  merge: true,
  go: { actions: [] },
  noGo: { actions: [] },
  signOff: [],
  ...extra,
})

export function programOf(checkpoint: Checkpoint, extra: Partial<Program> = {}): Program {
  const streams = extra.streams ?? [streamOf('a')]
  return {
    schemaVersion: 1,
    id: 'demo',
    name: 'Demo',
    repository: '.',
    target: 'main',
    calendar: {
      zone: 'Europe/Berlin',
      workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      hours: { start: '09:00', end: '17:00' },
      holidays: [],
    },
    people: [
      ...streams.map((one) => ({ id: one.lead, name: `Lead of ${one.name}`, roles: [] })),
      { id: 'boss', name: 'Boss', roles: ['phase-lead', 'quality'] },
    ],
    streams,
    sources: ['git', 'tests', 'speed'].map((id) => ({ id, collect: id, for: 'streams' as const, options: {}, timeLimitSeconds: 60 })),
    metrics: METRICS,
    checkpoints: [checkpoint],
    syncs: [],
    policy: DEFAULT_POLICY,
    escalation: DEFAULT_ESCALATION.filter((one) => one.id !== 'coverage'),
    templates: [],
    merge: { perDay: 2, time: '09:00', exceptions: [] },
    schedule: { openSeconds: 3600, remindSeconds: [] },
    channels: [],
    notify: { routes: {} },
    ...extra,
  }
}

export const presentAt = (tree: string): SubjectState => ({
  state: 'present',
  ref: 'refs/heads/feature',
  commit: `commit-of-${tree}`,
  tree,
  committedAt: AT,
})

/** Measured at the tree that `snapshotOf` gives the subject. */
export const evidenceOf = (
  subject: Subject,
  metric: string,
  value: number | boolean | undefined,
  extra: Partial<Evidence> = {},
): Evidence => ({
  subject,
  metric,
  status: value === undefined ? 'missing' : 'observed',
  unit: METRICS[metric]?.unit ?? 'count',
  ...(value !== undefined && { value }),
  provenance: 'measured',
  tree: `tree-${subject}`,
  observedAt: AT,
  source: 'a report',
  ...extra,
})

export const snapshotOf = (program: Program, evidence: readonly Evidence[]): Snapshot => ({
  subjects: Object.fromEntries(
    ['program', ...program.streams.map((one) => `stream:${one.id}`)].map((subject) => [subject, presentAt(`tree-${subject}`)]),
  ),
  evidence,
})

/** Events without a seal: what the fold reads. */
export const eventsOf = (bodies: readonly (EventBody & { readonly at: string; readonly actor: string })[]): LedgerEvent[] =>
  bodies.map((one, index) => ({ ...one, id: `event-${index}`, seq: index + 1, previous: '', schema: '', hash: '' }))

export const ledgerOf = (bodies: Parameters<typeof eventsOf>[0] = []): LedgerState => foldEvents(eventsOf(bodies))

export const contextOf = (program: Program, evidence: readonly Evidence[], ledger = ledgerOf(), at = AT): Context =>
  new Context(program, program.checkpoints.find((one) => one.id === 'week-2') as Checkpoint, snapshotOf(program, evidence), ledger, at)
