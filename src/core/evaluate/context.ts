import { streamSubject, type Evidence, type Provenance, type Snapshot, type Subject, type Unit } from '#core/evidence/evidence.ts'
import type { RawStatus } from '#core/evaluate/model.ts'
import { deriveMetric } from '#core/evaluate/derived.ts'
import type { Blocker, LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Criterion, DeliverableKind, Metric, Program, Stream } from '#core/program/model.ts'
import { CLAIMED_METRICS, DERIVED_METRICS, HEALTH_METRICS, VERDICT_METRICS } from '#core/program/metrics.ts'
import { formatNumber } from '#core/program/quantity.ts'
import { epoch, timesIn } from '#core/schedule/time.ts'

/** Statuses of something that proves nothing either way. */
export type Undecided = Exclude<RawStatus, 'satisfied' | 'unsatisfied'>

/** What is known of one metric for one subject, before it is held against anything. */
export interface Observation {
  readonly status: 'observed' | Undecided
  readonly value?: number | boolean
  readonly interval?: Evidence['interval']
  readonly evidence?: Evidence
  /** Why it is not observed, or a remark. */
  readonly reason?: string
  /** The value in words, where the number alone would not say of what; the remark lists it. */
  readonly words?: string
  /** What a derived metric was made from. */
  readonly parts?: readonly ObservedPart[]
}

/** A deliverable held against its whole; for the program, the same metric of a stream. */
export interface ObservedPart {
  readonly title: string
  readonly metric: string
  readonly subject: Subject
  readonly observation: Observation
  readonly unit?: Unit
  /** What `share` is a share of: the full amount, or what of it is due. Absent for a stream's value. */
  readonly whole?: { readonly low: number; readonly high: number }
  /** How much of it is done, 0-1; absent while it is not known. */
  readonly share?: number
}

type Cell = Evidence | Evidence[]

/**
 * The evidence of a snapshot by subject and metric, in flat arrays: `row * width + slot`. What can
 * be held against a bound as it is (one piece, observed, possible, fresh, exact) has its value
 * beside it, because that is nearly all of it and a program may have half a million.
 */
interface Table {
  readonly width: number
  readonly slots: ReadonlyMap<string, number>
  readonly metrics: readonly Metric[]
  readonly rows: ReadonlyMap<string, number>
  /** Tree of each row's head; undefined when the branch is not there. */
  readonly trees: readonly (string | undefined)[]
  readonly cells: (Cell | undefined)[]
  /** 0: look at the cell. Otherwise the value is plain, and this is 1 + the rank of its provenance. */
  readonly plain: Uint8Array
  /** Not a typed array: that would box each number anew where it is read. */
  readonly values: (number | undefined)[]
}

/**
 * Everything a judgement may look at: the evidence indexed by subject and metric, the ledger, the
 * clock. One context serves evaluation and explanation, so both always say the same.
 */
export class Context {
  readonly program: Program
  readonly checkpoint: Checkpoint
  readonly snapshot: Snapshot
  readonly ledger: LedgerState
  readonly at: string
  readonly now: number
  /** Instant of the checkpoint before this one; what leads said before it says nothing of today. */
  readonly previousAt: string | undefined
  readonly #table: Table
  readonly #streams: ReadonlyMap<string, Stream>
  readonly #targets: ReadonlyMap<string, readonly Criterion[]>
  readonly #derived = new Map<string, Map<Subject, Observation>>()
  readonly #roles = new Map<string, ReadonlySet<string>>()
  #extra: ReadonlyMap<string, Observation> = new Map()

  constructor(program: Program, checkpoint: Checkpoint, snapshot: Snapshot, ledger: LedgerState, at: string, shared?: Context) {
    this.program = program
    this.checkpoint = checkpoint
    this.snapshot = snapshot
    this.ledger = ledger
    this.at = at
    this.now = epoch(at)
    this.previousAt = program.checkpoints.findLast((one) => epoch(one.at) < epoch(checkpoint.at))?.at
    this.#streams = shared ? shared.#streams : new Map(program.streams.map((stream) => [stream.id, stream]))
    this.#targets = shared ? shared.#targets : targetsBySubject(checkpoint)
    this.#table = shared ? shared.#table : emptyTable(program, snapshot)
    if (!shared) this.#index(snapshot.evidence)
  }

  #index(evidence: readonly Evidence[]): void {
    const { slots, rows, cells, width, metrics, trees, plain, values } = this.#table
    // Collectors bring evidence subject by subject, so the last row is nearly always the right one.
    let subject: Subject | undefined
    let row: number | undefined
    for (const one of evidence) {
      const slot = slots.get(one.metric)
      if (slot === undefined) continue
      if (subject !== one.subject) {
        subject = one.subject
        row = rows.get(subject)
      }
      if (row === undefined) continue
      const place = row * width + slot
      const cell = cells[place]
      if (cell !== undefined) {
        plain[place] = 0
        if (Array.isArray(cell)) cell.push(one)
        else cells[place] = [cell, one]
        continue
      }
      cells[place] = one
      const metric = metrics[slot] as Metric
      if (typeof one.value === 'number' && one.interval === undefined && this.#fault(one, metric, 'claimed', trees[row]) === undefined) {
        values[place] = one.value
        plain[place] = 1 + RANK[one.provenance]
      }
    }
  }

  stream(id: string): Stream | undefined {
    return this.#streams.get(id)
  }

  /** The stream a subject is, or undefined for the program. */
  streamOf(subject: Subject): Stream | undefined {
    return subject === 'program' ? undefined : this.#streams.get(subject.slice('stream:'.length))
  }

  metric(name: string): Metric | undefined {
    return this.program.metrics[name] ?? DERIVED_METRICS[name] ?? HEALTH_METRICS[name] ?? VERDICT_METRICS[name]
  }

  /** A person's name by id; the id itself for a role, or someone who has left the program. */
  name(id: string): string {
    return this.program.people.find((one) => one.id === id)?.name ?? id
  }

  /** An instant as people read it. What is said of a criterion is read by itself, so it names the zone. */
  when(instant: string): string {
    return this.times()(instant)
  }

  /** The same for a sentence with several. */
  times(): (instant: string) => string {
    return timesIn(this.program.calendar.zone)
  }

  /** A view that also answers for metrics which exist only at one stage: health, counts of statuses. */
  with(extra: ReadonlyMap<string, Observation>): Context {
    const view = new Context(this.program, this.checkpoint, this.snapshot, this.ledger, this.at, this)
    view.#extra = extra
    return view
  }

  /**
   * Values of one metric for many subjects: `undefined` where it takes `observe` to know. For
   * metrics that a source brings; undefined for derived ones.
   */
  column(name: string, least: Provenance): ((row: number) => number | undefined) | undefined {
    const { slots, plain, values, width, metrics } = this.#table
    const slot = slots.get(name)
    if (slot === undefined || metrics[slot]?.source === undefined) return undefined
    const enough = 1 + RANK[least]
    return (row) => {
      const place = row * width + slot
      return (plain[place] ?? 0) >= enough ? values[place] : undefined
    }
  }

  /** Number of a subject, for `column`; -1 for one that the program does not have. */
  rowOf(subject: Subject): number {
    return this.#table.rows.get(subject) ?? -1
  }

  observe(subject: Subject, name: string, least: Provenance): Observation {
    const extra = this.#extra.get(name)
    if (extra) return extra
    const metric = this.program.metrics[name]
    if (metric?.source === undefined) {
      if (CLAIMED_METRICS.has(name) && least !== 'claimed')
        return { status: 'missing', reason: `it is only claimed; ${least} evidence is asked for` }
      return this.#observeDerived(subject, name)
    }
    const { slots, width, cells, trees } = this.#table
    const row = this.rowOf(subject)
    const cell = row < 0 ? undefined : cells[row * width + (slots.get(name) ?? 0)]
    if (cell === undefined) return { status: 'missing', reason: `${metric.source} brought nothing for ${name}` }
    const tree = trees[row]
    const evidence = Array.isArray(cell) ? this.#best(cell, least, metric, tree) : cell
    const fault = this.#fault(evidence, metric, least, tree)
    if (fault !== undefined) return { status: fault, evidence, ...this.#reason(evidence, fault, metric, least, subject) }
    const value = evidence.value as number | boolean
    return evidence.interval
      ? { status: 'observed', value, interval: evidence.interval, evidence }
      : { status: 'observed', value, evidence }
  }

  #observeDerived(subject: Subject, name: string): Observation {
    const known = this.#derived.get(name)
    const before = known?.get(subject)
    if (before) return before
    const observation = deriveMetric(this, subject, name)
    // Only what was made from parts costs enough to be worth keeping.
    if (observation.parts === undefined) return observation
    if (known) known.set(subject, observation)
    else this.#derived.set(name, new Map([[subject, observation]]))
    return observation
  }

  /** Why a piece of evidence proves nothing, or undefined when it does. Words come on demand: `#reason`. */
  #fault(evidence: Evidence, metric: Metric, least: Provenance, tree: string | undefined): Undecided | undefined {
    if (least !== 'claimed' && RANK[evidence.provenance] < RANK[least]) return 'missing'
    if (evidence.status !== 'observed') return evidence.status
    if (impossible(evidence, metric) !== undefined) return 'errored'
    return this.#isStale(evidence, metric, tree) ? 'stale' : undefined
  }

  #reason(evidence: Evidence, fault: Undecided, metric: Metric, least: Provenance, subject: Subject): Pick<Observation, 'reason'> {
    if (least !== 'claimed' && RANK[evidence.provenance] < RANK[least])
      return {
        reason: `it is only ${evidence.provenance}; ${least} evidence is asked for${evidence.reason === undefined ? '' : `; ${evidence.reason}`}`,
      }
    if (evidence.status !== 'observed') return evidence.reason === undefined ? {} : { reason: evidence.reason }
    return { reason: fault === 'stale' ? this.#staleness(evidence, metric, subject) : (impossible(evidence, metric) ?? 'it cannot be') }
  }

  #isStale(evidence: Evidence, metric: Metric, tree: string | undefined): boolean {
    if (metric.boundToTree && (tree === undefined || evidence.tree !== tree)) return true
    if (metric.maxAgeSeconds !== undefined && this.now - epoch(evidence.observedAt) > metric.maxAgeSeconds * 1000) return true
    return metric.host !== undefined && evidence.host !== metric.host
  }

  #staleness(evidence: Evidence, metric: Metric, subject: Subject): string {
    const state = this.snapshot.subjects[subject]
    if (metric.boundToTree && state?.state !== 'present') return `the branch is gone: ${state?.reason ?? 'nothing is known of it'}`
    if (metric.boundToTree && state?.state === 'present' && evidence.tree !== state.tree) {
      if (evidence.tree !== undefined) return `it is about tree ${short(evidence.tree)}, the branch is at tree ${short(state.tree)}`
      return evidence.commit === undefined
        ? `it does not say which commit it is about; the branch is at tree ${short(state.tree)}`
        : `it is about commit ${short(evidence.commit)}, the branch is at ${short(state.commit)}`
    }
    if (metric.host !== undefined && evidence.host !== metric.host)
      return `it comes from ${evidence.host ?? 'an unnamed machine'}, ${metric.host} is asked for`
    return `it was observed on ${this.when(evidence.observedAt)}, longer ago than the source allows`
  }

  /**
   * Of several pieces about one fact: fresh before stale, measured before reported before claimed,
   * the later before the earlier. The last tie is broken by content, so order never matters.
   */
  #best(cell: readonly Evidence[], least: Provenance, metric: Metric, tree: string | undefined): Evidence {
    const usable = cell.filter((one) => RANK[one.provenance] >= RANK[least])
    const from = usable.length > 0 ? usable : cell
    return from.reduce((best, one) => (this.#order(one, best, metric, tree) < 0 ? one : best))
  }

  #order(a: Evidence, b: Evidence, metric: Metric, tree: string | undefined): number {
    const stale = (one: Evidence): number => (this.#isStale(one, metric, tree) ? 1 : 0)
    return (
      stale(a) - stale(b) ||
      RANK[b.provenance] - RANK[a.provenance] ||
      epoch(b.observedAt) - epoch(a.observedAt) ||
      compareText(contentOf(a), contentOf(b))
    )
  }

  /** What was last said for a stream by the time of the clock. */
  checkIn(streamId: string): LedgerState['checkIns'][string] | undefined {
    const checkIn = Object.hasOwn(this.ledger.checkIns, streamId) ? this.ledger.checkIns[streamId] : undefined
    return checkIn && epoch(checkIn.at) <= this.now ? checkIn : undefined
  }

  /** Blockers of a stream that were open at the time of the clock. */
  openBlockers(streamId: string): readonly Blocker[] {
    if (this.ledger.blockers.length === 0) return NONE
    return this.ledger.blockers.filter(
      (one) =>
        one.stream === streamId && epoch(one.openedAt) <= this.now && (one.resolvedAt === undefined || epoch(one.resolvedAt) > this.now),
    )
  }

  /** The latest claim of a lead about a metric or deliverable of a stream. */
  claim(
    streamId: string,
    ...names: readonly (string | undefined)[]
  ): { readonly value: number; readonly by: string; readonly at: string } | undefined {
    const checkIn = this.checkIn(streamId)
    for (const name of names) {
      const value = checkIn && name !== undefined && Object.hasOwn(checkIn.claims, name) ? checkIn.claims[name] : undefined
      if (checkIn && value !== undefined) return { value, by: checkIn.actor, at: checkIn.at }
    }
    return undefined
  }

  /** Targets due at this checkpoint for a subject, of these kinds. */
  targets(subject: Subject, kinds: readonly DeliverableKind[]): readonly Criterion[] {
    return this.#targets.get(subject)?.filter((one) => one.target !== undefined && kinds.includes(one.target.kind)) ?? NONE
  }

  /** People who hold a role; `lead` is the lead of the subject's stream, or of any for the program. */
  holders(role: string, subject: Subject): ReadonlySet<string> {
    if (role === 'lead') {
      const stream = this.streamOf(subject)
      return new Set(stream ? [stream.lead] : this.program.streams.map((one) => one.lead))
    }
    let known = this.#roles.get(role)
    if (!known) {
      known = new Set(this.program.people.filter((one) => one.roles.includes(role)).map((one) => one.id))
      this.#roles.set(role, known)
    }
    return known
  }

  get subjects(): readonly Subject[] {
    return this.program.streams.map((stream) => streamSubject(stream.id))
  }
}

/**
 * One text for one content: a piece that was on record has its keys in another order, also those of
 * its interval. Numbers that JSON does not have are all null to it, and differ.
 */
const contentOf = (evidence: Evidence): string =>
  JSON.stringify(evidence, (_, value: unknown) => {
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => compareText(a, b)))
      : value
  })
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const NONE: readonly never[] = []
const RANK: Readonly<Record<Provenance, number>> = { claimed: 0, reported: 1, measured: 2 }
export const short = (oid: string): string => oid.slice(0, 7)

function emptyTable(program: Program, snapshot: Snapshot): Table {
  const names = Object.keys(program.metrics)
  const subjects: readonly Subject[] = ['program', ...program.streams.map((stream) => streamSubject(stream.id))]
  const size = names.length * subjects.length
  return {
    width: names.length,
    slots: new Map(names.map((name, slot) => [name, slot])),
    metrics: Object.values(program.metrics),
    rows: new Map(subjects.map((subject, row) => [subject, row])),
    trees: subjects.map((subject) => {
      const state = snapshot.subjects[subject]
      return state?.state === 'present' ? state.tree : undefined
    }),
    cells: new Array<Cell | undefined>(size).fill(undefined),
    plain: new Uint8Array(size),
    values: new Array<number | undefined>(size).fill(undefined),
  }
}

function targetsBySubject(checkpoint: Checkpoint): ReadonlyMap<string, readonly Criterion[]> {
  const found = new Map<string, Criterion[]>([['program', []]])
  for (const one of checkpoint.criteria) {
    if (!one.target) continue
    for (const subject of ['program', ...one.subjects]) {
      const list = found.get(subject)
      if (list) list.push(one)
      else found.set(subject, [one])
    }
  }
  return found
}

/** Why a value cannot be true, or undefined. */
function impossible(evidence: Evidence, metric: Metric): string | undefined {
  const { value, interval } = evidence
  if (evidence.unit !== metric.unit) return `it is in ${evidence.unit}, the metric is in ${metric.unit}`
  if (metric.unit === 'boolean') return typeof value === 'boolean' ? undefined : 'it is neither yes nor no'
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'its value is not a finite number'
  if (metric.unit === 'ratio' && metric.signed !== true && (value < 0 || value > 1))
    return `a share of ${formatNumber(value * 100)} % is not possible`
  if (metric.unit !== 'change' && metric.unit !== 'ratio' && metric.unit !== 'count' && value < 0)
    return `${value} ${metric.unit} are not possible`
  if (interval && !(interval.low <= value && value <= interval.high)) return 'its confidence interval does not hold its value'
  return undefined
}
