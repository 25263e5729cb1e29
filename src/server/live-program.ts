import { createHash } from 'node:crypto'
import { checkpointDocument } from '#core/api/checkpoint.ts'
import type { CheckpointDocument, StreamDocument } from '#core/api/documents.ts'
import { recordFold, type ProgramRecord } from '#core/api/record.ts'
import { stateDocument } from '#core/api/state.ts'
import { streamDocument } from '#core/api/stream.ts'
import { judgeCheck } from '#core/check.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { foldEvents } from '#core/ledger/state.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { DELIVERY_STATES, type DeliveryState } from '#core/notify/outbox.ts'
import type { Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import type { ServedProgram } from '#server/ports.ts'
import { readKeyedId, written, type WrittenEvent } from '#server/written.ts'

/** A ledger without a record has no moves either. */
const NEVER = '1970-01-01T00:00:00Z'

/** Bytes that are ready to be sent, and their strong ETag. */
export interface Ready {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

/**
 * A program with its ledger folded, kept current: every document is made once for each head, and
 * whoever listens is told of each new one.
 */
export class LiveProgram {
  readonly served: ServedProgram
  readonly #fold = recordFold()
  readonly #reports = new Map<string, CheckReport>()
  readonly #listeners = new Set<(seq: number) => void>()
  readonly #documents = new Map<string, Ready>()
  readonly #written = new Map<string, { readonly said: string; readonly events: WrittenEvent[] }>()
  #seq = 0
  #program: Program
  #refreshing: Promise<void> | undefined

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

  /** As it stands now: moves and cancellations applied. */
  get program(): Program {
    const { state, head } = this.record
    return effectiveProgram(this.#program, state.moves, head?.at ?? NEVER)
  }

  /** Called with the number of the newest record after each change; gives back how to stop. */
  listen(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in what is new: after a write of our own, and from time to time for those of others. One at a time. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#takeIn().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  async #takeIn(): Promise<void> {
    const planned = this.served.program()
    const head = await this.served.ledger.head(this.id)
    if ((head?.seq ?? 0) === this.#seq && planned === this.#program) return
    for await (const event of this.served.ledger.read(this.id, { after: this.#seq })) {
      this.#fold.take(event)
      this.#remember(event)
      this.#seq = event.seq
    }
    this.#program = planned
    this.#documents.clear()
    for (const listener of this.#listeners) listener(this.#seq)
  }

  #remember(event: LedgerEvent): void {
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

  async state(): Promise<Ready> {
    return this.#ready('state', async () => {
      const reports = new Map<string, CheckReport>()
      for (const { checkpoint, id } of this.#newest()) {
        const report = await this.report(id)
        if (report) reports.set(checkpoint, report)
      }
      return stateDocument({
        program: this.program,
        planned: this.#program,
        record: this.record,
        reports,
        deliveries: await this.#deliveries(),
      })
    })
  }

  /** Undefined where there is no such checkpoint. */
  async checkpoint(id: string): Promise<Ready | undefined> {
    const planned = this.#program.checkpoints.find((one) => one.id === id)
    if (!planned) return undefined
    return this.#ready(`checkpoint ${id}`, async (): Promise<CheckpointDocument> => {
      const [newest, before] = this.record.decisions.filter((one) => one.checkpoint === id && one.streams === undefined).toReversed()
      const now = this.program.checkpoints.find((one) => one.id === id) ?? planned
      return checkpointDocument({
        program: this.program,
        checkpoint: now,
        planned,
        record: this.record,
        reports: [newest && (await this.report(newest.id)), before && (await this.report(before.id))],
      })
    })
  }

  async stream(id: string): Promise<Ready | undefined> {
    const stream = this.#program.streams.find((one) => one.id === id)
    if (!stream) return undefined
    return this.#ready(`stream ${id}`, async (): Promise<StreamDocument> => {
      const reports = await Promise.all(this.#newest().map((one) => this.report(one.id)))
      return streamDocument(
        this.program,
        stream,
        this.record,
        reports.filter((one) => one !== undefined),
      )
    })
  }

  async decisions(): Promise<Ready> {
    return this.#ready('decisions', async () => ({ decisions: this.record.decisions }))
  }

  /** The report of one decision; undefined where there is no such decision, or the ledger no longer holds what it was made from. */
  async decision(id: string): Promise<Ready | undefined> {
    const report = await this.report(id)
    return report && this.#ready(`decision ${id}`, async () => report)
  }

  /** The newest decision about all streams of each checkpoint, in the order in which they were taken. */
  #newest() {
    const last = new Map(this.record.decisions.filter((one) => one.streams === undefined).map((one) => [one.checkpoint, one]))
    return this.record.decisions.filter((one) => last.get(one.checkpoint) === one)
  }

  /** The report of a recorded decision, recomputed once from what the ledger holds. */
  async report(decision: string): Promise<CheckReport | undefined> {
    const known = this.#reports.get(decision)
    if (known) return known
    const made = await this.#recompute(decision)
    if (made) this.#reports.set(decision, made)
    return made
  }

  async #recompute(decision: string): Promise<CheckReport | undefined> {
    const event = await this.served.ledger.find(this.id, decision)
    if (event?.type !== 'decision') return undefined
    const { inputs, checkpoint: id, clock, streams } = event.body
    let plan: Program | undefined
    let snapshot
    const known: LedgerEvent[] = []
    for await (const one of this.served.ledger.read(this.id)) {
      if (one.seq > event.seq) break
      if (one.type === 'program' && one.body.digest === inputs.program) plan = one.body.program
      else if (one.type === 'evidence' && one.body.digest === inputs.evidence) snapshot = one.body.snapshot
      else if (one.type !== 'decision' && one.type !== 'evidence' && one.seq < inputs.ledgerBefore) known.push(one)
    }
    const ledger = foldEvents(known)
    const program = plan && effectiveProgram(plan, ledger.moves, clock)
    const checkpoint = program?.checkpoints.find((one) => one.id === id)
    if (!program || !checkpoint || !snapshot) return undefined
    const { report } = judgeCheck({ program, checkpoint, snapshot, ledger, at: clock, ...(streams && { streams }) })
    return { ...report, record: { id: event.id, seq: event.seq, hash: event.hash } }
  }

  async #deliveries(): Promise<Readonly<Record<DeliveryState, number>>> {
    const counts = Object.fromEntries(DELIVERY_STATES.map((one) => [one, 0])) as Record<DeliveryState, number>
    for (const { state } of await this.served.ledger.messages(this.id)) counts[state] += 1
    return counts
  }

  async #ready(key: string, make: () => Promise<unknown>): Promise<Ready> {
    const known = this.#documents.get(key)
    if (known) return known
    const bytes = new TextEncoder().encode(JSON.stringify(await make()))
    const made = { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
    this.#documents.set(key, made)
    return made
  }
}
