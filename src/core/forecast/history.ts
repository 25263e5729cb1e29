import type { Evidence, Snapshot, Unit } from '#core/evidence/evidence.ts'
import type { BlockerChanged, BlockerOpened, EventType, LedgerEvent } from '#core/ledger/events.ts'
import type { Calendar, Program } from '#core/program/model.ts'
import type { Move } from '#core/ledger/state.ts'
import { epoch } from '#core/schedule/time.ts'
import { workDayFinder } from '#core/forecast/work-days.ts'

/** What the ledger says of how work went: small, however long the ledger is. */
export interface History {
  /** Instant in UTC; nothing later is in it. */
  readonly at: string
  readonly series: readonly Series[]
  /** Times in which a blocker stopped a stream, in the order in which they began. */
  readonly stops: readonly Stop[]
  readonly confidences: readonly Stated[]
  /** Programs as they were recorded, oldest first. */
  readonly programs: readonly { readonly at: string; readonly program: Program }[]
  /** Checkpoints that were moved or cancelled, oldest first. */
  readonly moves: readonly (readonly [string, Move])[]
}

/** What was moved by an instant, as the effective program asks for it. */
export const movesBy = ({ moves }: Pick<History, 'moves'>, at: string): Readonly<Record<string, Move>> =>
  Object.fromEntries(moves.filter(([, move]) => epoch(move.at) <= epoch(at)))

/** One metric of one stream, the last value of each work day on which it was measured, oldest first. */
export interface Series {
  readonly stream: string
  readonly metric: string
  readonly unit: Unit
  readonly days: readonly { readonly date: string; readonly value: number }[]
}

export interface Stop {
  readonly blocker: string
  readonly stream: string
  readonly title: string
  readonly deadline: string
  readonly from: string
  /** Absent while it lasts. */
  readonly to?: string
}

export interface Stated {
  readonly stream: string
  readonly by: string
  readonly at: string
  readonly week?: number
  readonly program?: number
}

/** Events that `remembering` reads; a store need not bring others. */
export const HISTORY_EVENTS: readonly EventType[] = [
  'program',
  'evidence',
  'check-in',
  'blocker-opened',
  'blocker-changed',
  'blocker-resolved',
  'checkpoint-moved',
  'checkpoint-cancelled',
]

/** Units of what can accumulate. */
const UNITS: ReadonlySet<Unit> = new Set<Unit>(['lines', 'tests', 'files', 'count', 'ratio'])

/** Folds events one at a time, oldest first, up to an instant. A program is kept once, however often it comes back unchanged. */
export function remembering(calendar: Calendar, at: string) {
  const now = epoch(at)
  const series: Gathered[] = []
  /** By subject, then by unit and metric. */
  const known = new Map<string, Map<string, Gathered>>()
  const blockers = new Map<string, Standing>()
  const stops: Stop[] = []
  const confidences: Stated[] = []
  const programs: { at: string; digest: string; program: Program }[] = []
  const moves: [string, Move][] = []
  const workDayAt = workDayFinder(calendar)

  function seriesOf({ subject, metric, unit }: Evidence): Gathered {
    let own = known.get(subject)
    if (!own) known.set(subject, (own = new Map()))
    const key = `${unit} ${metric}`
    let found = own.get(key)
    if (!found) {
      found = { stream: subject.slice('stream:'.length), metric, unit, days: new Map() }
      own.set(key, found)
      series.push(found)
    }
    return found
  }

  function observe({ snapshot }: { readonly snapshot: Snapshot }): void {
    for (const one of snapshot.evidence) {
      if (!isAmount(one) || isOfAnotherTree(one, snapshot)) continue
      const observed = epoch(one.observedAt)
      if (observed > now) continue
      const { days } = seriesOf(one)
      const date = workDayAt(observed)
      const last = days.get(date)
      if (!last || last.at <= observed) days.set(date, { at: observed, value: one.value })
    }
  }

  /** A stop begins when a blocker begins to stop its stream, and ends with the blocker, with a workaround, or with a lower severity. */
  function settle(standing: Standing, when: string, isOver = false): void {
    const { blocker, stream, title } = standing.body
    const stopping = !isOver && isStopping(standing.body)
    if (stopping && standing.since === undefined) standing.since = when
    if (!stopping && standing.since !== undefined) {
      stops.push({ blocker, stream, title, deadline: standing.body.deadline, from: standing.since, to: when })
      standing.since = undefined
    }
  }

  function block(event: Extract<LedgerEvent, { type: 'blocker-changed' | 'blocker-resolved' }>): void {
    const standing = blockers.get(event.body.blocker)
    if (!standing) return
    if (event.type === 'blocker-changed') standing.body = { ...standing.body, ...event.body }
    settle(standing, event.at, event.type === 'blocker-resolved')
    if (event.type === 'blocker-resolved') blockers.delete(event.body.blocker)
  }

  function remember({ digest, program }: { readonly digest: string; readonly program: Program }, recorded: string): void {
    if (programs.at(-1)?.digest === digest) return
    const known = programs.find((one) => one.digest === digest)
    programs.push({ at: recorded, digest, program: known?.program ?? program })
  }

  /** Other events say nothing of how work went. */
  function take(event: LedgerEvent): void {
    if (epoch(event.at) > now) return
    const dated = { at: event.at, actor: event.actor }
    if (event.type === 'evidence') observe(event.body)
    else if (event.type === 'program') remember(event.body, event.at)
    else if (event.type === 'check-in') {
      const { stream, confidence } = event.body
      if (confidence) confidences.push({ stream, by: event.actor, at: event.at, ...confidence })
    } else if (event.type === 'blocker-opened') {
      const standing: Standing = { body: event.body, since: undefined }
      blockers.set(event.body.blocker, standing)
      settle(standing, event.at)
    } else if (event.type === 'blocker-changed' || event.type === 'blocker-resolved') block(event)
    else if (event.type === 'checkpoint-moved')
      moves.push([event.body.checkpoint, { to: event.body.to, reason: event.body.reason, ...dated }])
    else if (event.type === 'checkpoint-cancelled')
      moves.push([event.body.checkpoint, { cancelled: true, reason: event.body.reason, ...dated }])
  }

  return {
    take,
    history: (): History => ({
      at,
      series: series.map(({ stream, metric, unit, days }) => ({
        stream,
        metric,
        unit,
        days: [...days].map(([date, { value }]) => ({ date, value })).toSorted((a, b) => (a.date < b.date ? -1 : 1)),
      })),
      stops: [...stops, ...[...blockers.values()].flatMap(openStop)].toSorted((a, b) => epoch(a.from) - epoch(b.from)),
      confidences,
      moves,
      programs: programs.map(({ at: recorded, program }) => ({ at: recorded, program })),
    }),
  }
}

interface Gathered {
  readonly stream: string
  readonly metric: string
  readonly unit: Unit
  readonly days: Map<string, { readonly at: number; readonly value: number }>
}

interface Standing {
  body: BlockerOpened & Partial<BlockerChanged>
  since: string | undefined
}

/** Work goes on beside what is less severe, and where there is a workaround. */
const isStopping = ({ severity, workaround }: BlockerOpened): boolean =>
  (severity === 'critical' || severity === 'high') && (workaround === undefined || workaround === '')

const openStop = ({ body: { blocker, stream, title, deadline }, since }: Standing): readonly Stop[] =>
  since === undefined ? [] : [{ blocker, stream, title, deadline, from: since }]

const isAmount = (one: Evidence): one is Evidence & { readonly value: number } =>
  one.status === 'observed' &&
  one.provenance !== 'claimed' &&
  one.subject !== 'program' &&
  UNITS.has(one.unit) &&
  typeof one.value === 'number' &&
  Number.isFinite(one.value)

/** Evidence about another tree than the branch stood at says nothing of that day. */
function isOfAnotherTree({ subject, tree }: Evidence, { subjects }: Snapshot): boolean {
  const state = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined
  return tree !== undefined && state?.state === 'present' && state.tree !== tree
}
