import { DEFAULT_ESCALATION } from '#core/program/metrics.ts'
import type { ChannelConfig, Checkpoint, EscalationRule, Person, Program, Stream } from '#core/program/model.ts'
import { addDays, addSeconds, wallToInstant } from '#core/schedule/time.ts'
import { checkpointOf, leaf, metricOf, programOf, streamOf, METRICS } from '../core/heart/build.ts'
import type { Chance } from './random.ts'

/** A month in which the clocks change, in a zone that changes them then. */
const MONTHS = [
  { zone: 'Europe/Berlin', from: '2026-03-09' },
  { zone: 'America/New_York', from: '2026-02-16' },
  { zone: 'Europe/Berlin', from: '2026-10-05' },
  { zone: 'Australia/Lord_Howe', from: '2026-03-16' },
  { zone: 'Asia/Kolkata', from: '2026-05-04' },
] as const

/** Mostly few streams, now and then as many as forty. */
const STREAMS = [2, 2, 2, 2, 3, 3, 4, 5]

export interface World {
  readonly program: Program
  readonly beginsAt: string
  readonly endsAt: string
}

export function worldOf(chance: Chance): World {
  const month = chance.of(MONTHS)
  const at = (day: number, time: string): string => wallToInstant(`${addDays(month.from, day)} ${time}`, month.zone) ?? ''
  const count = chance.is(0.01) ? chance.int(9, 40) : chance.of(STREAMS)
  const streams = Array.from({ length: count }, (_, index) => stream(`s${index}`))
  const people: Person[] = [
    ...streams.map((one) => ({ id: one.lead, name: `Lead of ${one.name}`, roles: [], email: `${one.lead}@example.org` })),
    { id: 'boss', name: 'Boss', roles: ['phase-lead', 'quality'], email: 'boss@example.org' },
    { id: 'chief', name: 'Chief', roles: ['architect'], email: 'chief@example.org' },
  ]
  const checkpoints = checkpointsOf(chance, streams, at)
  const program = programOf(checkpoints[0] as Checkpoint, {
    calendar: {
      zone: month.zone,
      workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      hours: { start: '09:00', end: '17:00' },
      holidays: [addDays(month.from, 10)],
    },
    people,
    streams,
    sources: [{ id: 'git', collect: 'git', for: 'streams', options: {}, timeLimitSeconds: 60 }],
    metrics: { ...METRICS, 'git.lines': metricOf('lines', 'higher', { source: 'git' }) },
    checkpoints,
    escalation: escalations(chance),
    syncs: chance.is(0.3)
      ? [
          {
            id: 'weekly',
            name: 'Weekly',
            days: ['tuesday'],
            time: chance.of(['02:30', '10:00']),
            durationSeconds: 1800,
            format: '',
            attendees: ['boss', 'chief'],
            topics: [],
          },
        ]
      : [],
    schedule: {
      openSeconds: chance.of([600, 3600, 7200]),
      remindSeconds: chance.of([[], [3600], [86_400, 3600]]),
      ...(chance.is(0.5) && { claimsSeconds: 7200 }),
      ...(chance.is(0.5) && { watchSeconds: chance.of([24, 48, 96]) * 3600 }),
      ...(chance.is(0.3) && { stallDays: 3 }),
      ...(chance.is(0.1) && {
        standUp: { days: ['monday', 'thursday'] as const, time: chance.of(['02:30', '09:00']), nudgeSeconds: 1800 },
      }),
    },
    channels: channels(chance),
    notify: {
      routes: {},
      ...(chance.is(0.4) && { quiet: { from: '20:00', until: '08:00' } }),
      ...(chance.is(0.3) && { perPersonHour: chance.int(1, 3) }),
      ...(chance.is(0.3) && { digest: chance.of(['08:30', '12:00']) }),
    },
  })
  return { program, beginsAt: at(0, '00:10'), endsAt: at(29, '00:00') }
}

const stream = (id: string): Stream =>
  streamOf(id, {
    name: id.toUpperCase(),
    deliverables: [{ id: 'code', title: 'Code', kind: 'code', measure: 'git.lines', full: { low: 100, high: 100, unit: 'lines' } }],
  })

function checkpointsOf(chance: Chance, streams: readonly Stream[], at: (day: number, time: string) => string): Checkpoint[] {
  const days = chance.of([
    [6, 20],
    [4, 13, 27],
    [7, 14, 21, 28],
  ])
  const list = days.map((day, index) =>
    checkpointOf(
      [
        {
          id: 'done',
          title: 'What is due is done',
          tier: 'critical',
          subjects: streams.map((one) => `stream:${one.id}` as const),
          condition: leaf('git.lines', 'atLeast', (100 * (index + 1)) / (days.length + 1)),
        },
      ],
      {
        id: `week-${index + 1}`,
        name: `Week ${index + 1}`,
        // The clocks change at two or three in the night: some meet then.
        at: at(day, chance.of(['16:00', '16:00', '02:30', '09:15'])),
        attendees: ['boss', ...streams.slice(0, 2).map((one) => one.lead)],
        merge: false,
        ...(chance.is(0.2) && { signOff: [{ role: 'phase-lead', quorum: 1 }] }),
      },
    ),
  )
  return list.map((one, index) => ({
    ...one,
    ...(list[index + 1] && { next: list[index + 1]?.id ?? '' }),
    noGo: { actions: [], ...(chance.is(0.3) && { reevaluateAt: addSeconds(one.at, chance.int(2, 40) * 3600) }) },
  }))
}

function escalations(chance: Chance): EscalationRule[] {
  const ladder = {
    steps: [0, 3600, 4 * 3600].map((afterSeconds, index) => ({
      afterSeconds,
      to: index === 2 ? 'chief' : 'boss',
      action: `Step ${index}`,
    })),
  }
  const rules = DEFAULT_ESCALATION.filter((one) => one.id === 'behind' || one.id === 'blocker')
  return rules.map((one) => ({
    ...one,
    escalateTo: 'boss',
    ...(chance.is(0.7) && ladder),
    ...(chance.is(0.3) && { afterSeconds: 1800 }),
    ...(chance.is(0.2) && { repeatSeconds: 86_400 }),
  }))
}

/** The log carries everything and is never muted, so that whatever is told can be found there. */
function channels(chance: Chance): ChannelConfig[] {
  return [
    { id: 'log', send: 'file', to: 'log.jsonl' },
    { id: 'calendar', send: 'calendar', from: 'muster@example.org' },
    ...(chance.is(0.25) ? [{ id: 'mail', send: 'email', from: 'muster@example.org' } as const] : []),
    ...(chance.is(0.25) ? [{ id: 'hook', send: 'webhook', to: 'https://example.org/' } as const] : []),
    ...(chance.is(0.25) ? [{ id: 'room', send: 'slack-webhook', secret: 'ROOM' } as const] : []),
  ]
}
