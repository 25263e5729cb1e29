import { forecast } from '#core/forecast/forecast.ts'
import { remembering } from '#core/forecast/history.ts'
import type { ForecastReport } from '#core/forecast/report.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import type { Checkpoint, Criterion, Deliverable, Program, Stream } from '#core/program/model.ts'
import { addDays, isWorkDay } from '#core/schedule/time.ts'
import { checkpointOf, METRICS, metricOf, programOf, streamOf } from '../heart/build.ts'

/** A forecast is asked here: a Monday evening. */
export const NOW = '2026-03-02T18:00:00Z'

export const LINES: Deliverable = {
  id: 'code',
  title: 'Code',
  kind: 'code',
  measure: 'git.lines',
  full: { low: 100, high: 100, unit: 'lines' },
}

export const targetOf = (stream: string, deliverable: string, value: number, metric = 'git.lines'): Criterion => ({
  id: `target.${deliverable}`,
  title: deliverable,
  tier: 'supporting',
  subjects: [`stream:${stream}`],
  condition: { metric, comparison: { op: 'atLeast', value }, provenance: 'measured' },
  target: { stream, deliverable, kind: 'code' },
})

export const codeStream = (id: string, extra: Partial<Stream> = {}): Stream => streamOf(id, { deliverables: [LINES], ...extra })

/** A checkpoint in the afternoon of a date. */
export const dueOn = (date: string, criteria: readonly Criterion[], extra: Partial<Checkpoint> = {}): Checkpoint =>
  checkpointOf(criteria, { id: `on-${date}`, name: `On ${date}`, at: `${date}T15:00:00Z`, merge: false, ...extra })

/** Works in UTC, from Monday to Friday, 9 to 17. */
export function programWith(streams: readonly Stream[], checkpoints: readonly Checkpoint[], extra: Partial<Program> = {}): Program {
  return programOf(checkpoints[0] ?? dueOn('2026-03-06', []), {
    streams,
    checkpoints,
    metrics: { ...METRICS, 'docs.complete': metricOf('ratio', 'higher'), 'reviews.approved': metricOf('count', 'higher') },
    calendar: {
      zone: 'UTC',
      workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      hours: { start: '09:00', end: '17:00' },
      holidays: [],
    },
    ...extra,
  })
}

let number = 0

export const event = (at: string, body: EventBody, actor = 'muster'): LedgerEvent => ({
  id: `e-${(number += 1)}`,
  at,
  actor,
  seq: number,
  previous: '',
  schema: '',
  hash: '',
  ...body,
})

export const measurement = (at: string, stream: string, value: number | boolean, more: Partial<Evidence> = {}): LedgerEvent =>
  event(at, {
    type: 'evidence',
    body: {
      digest: '',
      snapshot: {
        subjects: { [`stream:${stream}`]: { state: 'present', ref: 'r', commit: 'c', tree: 't', committedAt: at } },
        evidence: [
          {
            subject: `stream:${stream}`,
            metric: 'git.lines',
            status: 'observed',
            unit: 'lines',
            value,
            provenance: 'measured',
            tree: 't',
            observedAt: at,
            source: 'git',
            ...more,
          },
        ],
      },
    },
  })

/** The work days up to a date, the last of so many, oldest first. */
export function workDatesUntil(last: string, many: number, program: Program): string[] {
  const dates: string[] = []
  for (let date = last; dates.length < many; date = addDays(date, -1)) if (isWorkDay(date, program.calendar)) dates.unshift(date)
  return dates
}

/** One measurement in the evening of each work day until NOW: zero, and then the sum of the gains so far. */
export function grown(program: Program, stream: string, gains: readonly number[], more: Partial<Evidence> = {}): LedgerEvent[] {
  const dates = workDatesUntil('2026-03-02', gains.length + 1, program)
  let sum = 0
  return dates.map((date, index) => measurement(`${date}T16:30:00Z`, stream, (sum += index === 0 ? 0 : (gains[index - 1] ?? 0)), more))
}

export const stopped = (stream: string, blocker: string, from: string, to?: string): LedgerEvent[] => [
  event(from, {
    type: 'blocker-opened',
    body: { blocker, stream, title: blocker, severity: 'critical', impact: '', owner: 'p', deadline: '2026-03-04T12:00:00Z' },
  }),
  ...(to === undefined ? [] : [event(to, { type: 'blocker-resolved', body: { blocker, outcome: 'resolved', note: '' } })]),
]

export function ask(
  program: Program,
  events: readonly LedgerEvent[],
  { at = NOW, seed = 1, runs = 2000, checkpoint }: { at?: string; seed?: number; runs?: number; checkpoint?: string } = {},
): ForecastReport {
  const memory = remembering(program.calendar, at)
  for (const one of events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) memory.take(one)
  return forecast({ program, history: memory.history(), seed, runs, ...(checkpoint !== undefined && { checkpoint }) })
}
