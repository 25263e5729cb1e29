import { recordFold, type ProgramRecord } from '#core/api/record.ts'
import { judgeCheck } from '#core/check.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { recall } from '#engine/recall.ts'
import type { ServedProgram } from '#server/ports.ts'
import { readyJson, readyOf, type Ready } from '#server/ready.ts'
import { readKeyedId, written } from '#server/written.ts'
import type { WrittenEvent } from '#core/api/documents.ts'

/** A ledger without a record has no moves either. */
const NEVER = '1970-01-01T00:00:00Z'

/** Documents of one head that are kept: many more than a dashboard shows. */
const MOST_DOCUMENTS = 2000

/** Reports of decisions that are kept: the newest of each checkpoint, and those that people look at. */
const MOST_REPORTS = 500

/** What listeners are told. */
export interface Told {
  readonly event: 'head' | 'job'
  /** Number of the newest record. */
  readonly seq: number
  readonly data: unknown
}

/**
 * A program with its ledger folded, kept current: every document is made once for each head, and
 * whoever listens is told of each new one.
 */
export class LiveProgram {
  readonly served: ServedProgram
  readonly #fold = recordFold()
  readonly #reports = new Map<string, CheckReport>()
  readonly #listeners = new Set<(told: Told) => void>()
  readonly #documents = new Map<string, Promise<Ready>>()
  readonly #written = new Map<string, { readonly said: string; readonly events: WrittenEvent[] }>()
  readonly #evidence: number[] = []
  #seq = 0
  #program: Program
  #trouble: string | undefined
  #running = false
  #refreshing: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(served: ServedProgram) {
    this.served = served
    this.#program = served.program()
  }

  get id(): string {
    return this.served.id
  }

  get seq(): number {
    return this.#seq
  }

  get record(): ProgramRecord {
    return this.#fold.record()
  }

  /** As the program file has it. */
  get planned(): Program {
    return this.#program
  }

  /** As it stands now: moves and cancellations applied. */
  get program(): Program {
    const { state, head } = this.record
    return effectiveProgram(this.#program, state.moves, head?.at ?? NEVER)
  }

  /** Why the program file as it is now is not in force. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Whether this process does what is due of it by itself. */
  get running(): boolean {
    return this.#running
  }

  /** Numbers of the records that hold evidence, oldest first. */
  get evidence(): readonly number[] {
    return this.#evidence
  }

  /** Called after each change; gives back how to stop. */
  listen(listener: (told: Told) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(event: Told['event'], data: unknown): void {
    for (const listener of this.#listeners) listener({ event, seq: this.#seq, data })
  }

  /** Something beside the ledger is other than it was: documents are made anew. */
  changed(): void {
    this.#documents.clear()
    this.tell('head', { seq: this.#seq })
  }

  /** Takes in what is new: after a write of our own, and from time to time for those of others. One at a time. */
  async refresh(): Promise<void> {
    if (this.#refreshing === undefined) {
      this.#refreshing = this.#takeIn().finally(() => (this.#refreshing = undefined))
      return this.#refreshing
    }
    // What is under way may have begun before the caller's write; whoever asks meanwhile shares the next one.
    this.#next ??= this.#refreshing
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.refresh()
      })
    return this.#next
  }

  async #takeIn(): Promise<void> {
    const planned = this.served.program()
    const trouble = this.served.trouble()
    const running = this.served.running()
    const head = await this.served.ledger.head(this.id)
    const isSame = planned === this.#program && trouble === this.#trouble && running === this.#running
    if (isSame && (head?.seq ?? 0) === this.#seq) return
    for await (const event of this.served.ledger.read(this.id, { after: this.#seq })) {
      this.#fold.take(event)
      this.#remember(event)
      this.#seq = event.seq
    }
    this.#program = planned
    this.#trouble = trouble
    this.#running = running
    this.changed()
  }

  #remember(event: LedgerEvent): void {
    if (event.type === 'evidence' || event.type === 'reported') this.#evidence.push(event.seq)
    const keyed = readKeyedId(event.id)
    if (!keyed) return
    const known = this.#written.get(keyed.key) ?? { said: keyed.said, events: [] }
    known.events.push(written(event))
    this.#written.set(keyed.key, known)
  }

  /** What was written under the digest of an idempotency key. */
  written(key: string): { readonly said: string; readonly events: readonly WrittenEvent[] } | undefined {
    return this.#written.get(key)
  }

  /** A document of this head, made when it is first asked for. */
  async document(key: string, make: () => unknown): Promise<Ready> {
    return this.#ready(key, async () => readyJson(await make()))
  }

  /** A text of this head, as a document is. */
  async text(key: string, make: () => Promise<string>): Promise<Ready> {
    return this.#ready(key, async () => readyOf(await make()))
  }

  async #ready(key: string, make: () => Promise<Ready>): Promise<Ready> {
    const known = this.#documents.get(key)
    if (known) return known
    if (this.#documents.size >= MOST_DOCUMENTS) this.#documents.clear()
    const made = make()
    this.#documents.set(key, made)
    made.catch(() => this.#documents.delete(key))
    return made
  }

  /** The newest decision about all streams of each checkpoint, in the order in which they were taken. */
  newestDecisions(): ProgramRecord['decisions'] {
    const all = this.record.decisions.filter((one) => one.streams === undefined)
    const last = new Map(all.map((one) => [one.checkpoint, one]))
    return all.filter((one) => last.get(one.checkpoint) === one)
  }

  /** Their reports. */
  async newestReports(): Promise<readonly CheckReport[]> {
    const reports = await Promise.all(this.newestDecisions().map((one) => this.report(one.id)))
    return reports.filter((one) => one !== undefined)
  }

  /** The report of a recorded decision, recomputed once from what the ledger holds; undefined where it does not any more. */
  async report(decision: string): Promise<CheckReport | undefined> {
    const known = this.#reports.get(decision)
    if (known) return known
    const made = await this.#recompute(decision)
    if (made) this.#reports.set(decision, made)
    const [oldest] = this.#reports.size > MOST_REPORTS ? this.#reports.keys() : []
    if (oldest !== undefined) this.#reports.delete(oldest)
    return made
  }

  async #recompute(decision: string): Promise<CheckReport | undefined> {
    const event = await this.served.ledger.find(this.id, decision)
    if (event?.type !== 'decision') return undefined
    const input = await recall(this.served.ledger, this.id, event)
    return input && { ...judgeCheck(input).report, record: { id: event.id, seq: event.seq, hash: event.hash } }
  }

  /** The evidence that a decision was made from. */
  async snapshot(decision: string): Promise<{ readonly digest: string; readonly snapshot: Snapshot } | undefined> {
    const event = await this.served.ledger.find(this.id, decision)
    if (event?.type !== 'decision') return undefined
    const input = await recall(this.served.ledger, this.id, event)
    return input && { digest: event.body.inputs.evidence, snapshot: input.snapshot }
  }

  /** The record of a number. */
  async at(seq: number): Promise<LedgerEvent | undefined> {
    for await (const event of this.served.ledger.read(this.id, { after: seq - 1, limit: 1 })) return event
    return undefined
  }
}
