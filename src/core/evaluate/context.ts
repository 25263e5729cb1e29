import { PROVENANCES, streamSubject, type Evidence, type Provenance, type Snapshot, type Subject, type Unit } from '#core/evidence/evidence.ts'
import type { RawStatus } from '#core/evaluate/model.ts'
import { deriveMetric } from '#core/evaluate/derived.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Criterion, DeliverableKind, Metric, Program, Stream } from '#core/program/model.ts'
import { DERIVED_METRICS, HEALTH_METRICS, VERDICT_METRICS } from '#core/program/metrics.ts'
import { epoch } from '#core/schedule/time.ts'

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
  /** What a derived metric was made from. */
  readonly parts?: readonly { readonly title: string; readonly observation: Observation; readonly unit?: Unit; readonly share?: number }[]
}

type Cell = Evidence | Evidence[]

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
  readonly #cells = new Map<string, Map<string, Cell>>()
  readonly #streams: ReadonlyMap<string, Stream>
  readonly #derived = new Map<string, Observation>()
  readonly #roles = new Map<string, ReadonlySet<string>>()
  #extra: ReadonlyMap<string, Observation> = new Map()

  constructor(program: Program, checkpoint: Checkpoint, snapshot: Snapshot, ledger: LedgerState, at: string) {
    this.program = program
    this.checkpoint = checkpoint
    this.snapshot = snapshot
    this.ledger = ledger
    this.at = at
    this.now = epoch(at)
    this.#streams = new Map(program.streams.map((stream) => [stream.id, stream]))
    this.previousAt = program.checkpoints.filter((one) => epoch(one.at) < epoch(checkpoint.at)).at(-1)?.at
    for (const evidence of snapshot.evidence) this.#index(evidence)
  }

  #index(evidence: Evidence): void {
    let bySubject = this.#cells.get(evidence.subject)
    if (!bySubject) this.#cells.set(evidence.subject, (bySubject = new Map()))
    const cell = bySubject.get(evidence.metric)
    if (cell === undefined) bySubject.set(evidence.metric, evidence)
    else if (Array.isArray(cell)) cell.push(evidence)
    else bySubject.set(evidence.metric, [cell, evidence])
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

  /** A view that also answers for metrics which exist only at one stage: health, counts of statuses. */
  with(extra: ReadonlyMap<string, Observation>): Context {
    const view = new Context(this.program, this.checkpoint, { subjects: this.snapshot.subjects, evidence: [] }, this.ledger, this.at)
    for (const [subject, cells] of this.#cells) view.#cells.set(subject, cells)
    view.#extra = extra
    return view
  }

  observe(subject: Subject, name: string, least: Provenance): Observation {
    const extra = this.#extra.get(name)
    if (extra) return extra
    const metric = this.program.metrics[name]
    if (metric?.source === undefined) return this.#observeDerived(subject, name)
    const cell = this.#cells.get(subject)?.get(name)
    if (cell === undefined) return { status: 'missing', reason: `${metric.source} brought nothing for ${name}` }
    const evidence = Array.isArray(cell) ? this.#best(cell, least, metric) : cell
    return this.#judgeEvidence(evidence, metric, least)
  }

  #observeDerived(subject: Subject, name: string): Observation {
    const key = `${subject} ${name}`
    const known = this.#derived.get(key)
    if (known) return known
    const made = deriveMetric(this, subject, name)
    this.#derived.set(key, made)
    return made
  }

  #judgeEvidence(evidence: Evidence, metric: Metric, least: Provenance): Observation {
    if (least !== 'claimed' && rank(evidence.provenance) < rank(least)) {
      return { status: 'missing', evidence, reason: `it is only ${evidence.provenance}; ${least} evidence is asked for` }
    }
    if (evidence.status !== 'observed') return { status: evidence.status, evidence, ...(evidence.reason !== undefined && { reason: evidence.reason }) }
    const wrong = impossible(evidence, metric)
    if (wrong !== undefined) return { status: 'errored', evidence, reason: wrong }
    const stale = this.#staleness(evidence, metric)
    if (stale !== undefined) return { status: 'stale', evidence, reason: stale }
    const value = evidence.value as number | boolean
    return evidence.interval ? { status: 'observed', value, interval: evidence.interval, evidence } : { status: 'observed', value, evidence }
  }

  #staleness(evidence: Evidence, metric: Metric): string | undefined {
    if (metric.boundToTree) {
      const state = this.snapshot.subjects[evidence.subject]
      if (state?.state !== 'present') return `the branch is gone: ${state?.reason ?? 'nothing is known of it'}`
      if (evidence.tree !== state.tree) {
        return evidence.tree === undefined
          ? `it does not say which commit it is about; the branch is at tree ${short(state.tree)}`
          : `it is about tree ${short(evidence.tree)}, the branch is at tree ${short(state.tree)}`
      }
    }
    if (metric.maxAgeSeconds !== undefined && this.now - epoch(evidence.observedAt) > metric.maxAgeSeconds * 1000) return `it was observed at ${evidence.observedAt}, longer ago than the source allows`
    if (metric.host !== undefined && evidence.host !== metric.host) return `it comes from ${evidence.host ?? 'an unnamed machine'}, ${metric.host} is asked for`
    return undefined
  }

  /**
   * Of several pieces about one fact: fresh before stale, measured before reported before claimed,
   * the later before the earlier. The last tie is broken by content, so order never matters.
   */
  #best(cell: readonly Evidence[], least: Provenance, metric: Metric): Evidence {
    const usable = cell.filter((one) => rank(one.provenance) >= rank(least))
    const from = usable.length > 0 ? usable : cell
    return from.reduce((best, one) => (this.#order(one, best, metric) < 0 ? one : best))
  }

  #order(a: Evidence, b: Evidence, metric: Metric): number {
    const stale = (one: Evidence): number => (this.#staleness(one, metric) === undefined ? 0 : 1)
    return (
      stale(a) - stale(b) ||
      rank(b.provenance) - rank(a.provenance) ||
      epoch(b.observedAt) - epoch(a.observedAt) ||
      compareText(JSON.stringify(entriesOf(a)), JSON.stringify(entriesOf(b)))
    )
  }

  /** The latest claim of a lead about a metric or deliverable of a stream. */
  claim(streamId: string, ...names: readonly (string | undefined)[]): { readonly value: number; readonly by: string; readonly at: string } | undefined {
    const checkIn = Object.hasOwn(this.ledger.checkIns, streamId) ? this.ledger.checkIns[streamId] : undefined
    for (const name of names) {
      const value = checkIn && name !== undefined && Object.hasOwn(checkIn.claims, name) ? checkIn.claims[name] : undefined
      if (checkIn && value !== undefined) return { value, by: checkIn.actor, at: checkIn.at }
    }
    return undefined
  }

  /** Targets due at this checkpoint for a subject, of these kinds. */
  targets(subject: Subject, kinds: readonly DeliverableKind[]): readonly Criterion[] {
    return this.checkpoint.criteria.filter((one) => one.target && kinds.includes(one.target.kind) && (subject === 'program' || one.subjects.includes(subject)))
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

const entriesOf = (evidence: Evidence): readonly unknown[] => Object.entries(evidence).toSorted(([a], [b]) => compareText(a, b))
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const rank = (provenance: Provenance): number => PROVENANCES.indexOf(provenance)
export const short = (oid: string): string => oid.slice(0, 7)

/** Why a value cannot be true, or undefined. */
function impossible(evidence: Evidence, metric: Metric): string | undefined {
  const { value, interval } = evidence
  if (evidence.unit !== metric.unit) return `it is in ${evidence.unit}, the metric is in ${metric.unit}`
  if (metric.unit === 'boolean') return typeof value === 'boolean' ? undefined : 'it is neither yes nor no'
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'its value is not a finite number'
  if (metric.unit === 'ratio' && (value < 0 || value > 1)) return `a share of ${String(value * 100)} % is not possible`
  if (metric.unit !== 'change' && metric.unit !== 'ratio' && metric.unit !== 'count' && value < 0) return `${value} ${metric.unit} are not possible`
  if (interval && !(interval.low <= value && value <= interval.high)) return 'its confidence interval does not hold its value'
  return undefined
}
