import type { Job } from '#core/api/documents.ts'
import type { LiveProgram } from '#server/live-program.ts'

/** Kept of each program: what is over is on record, or can be asked for again. */
const MOST_KEPT = 50
const MOST_WAITING = 20

type Report = (part: Pick<Job, 'progress' | 'decision'>) => void

/** Work that takes longer than a request: one at a time for a program, in the order in which it was asked for. */
export class Jobs {
  readonly #live: LiveProgram
  readonly #jobs = new Map<string, Job>()
  #last: Promise<void> = Promise.resolve()

  constructor(live: LiveProgram) {
    this.#live = live
  }

  /** The newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].toReversed()
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id) ?? this.#onRecord(id)
  }

  /** Undefined when too many wait already. The same id again is the same job, unless it failed. */
  start(job: Pick<Job, 'id' | 'kind' | 'checkpoint' | 'streams'>, work: (report: Report) => Promise<void>): Job | undefined {
    const known = this.get(job.id)
    if (known && known.state !== 'failed') return known
    if (this.list().filter((one) => one.state === 'waiting').length >= MOST_WAITING) return undefined
    this.#jobs.delete(job.id)
    const waiting = this.#set({ ...job, state: 'waiting' })
    const run = async (): Promise<void> => {
      const change: Report = (part) => void this.#set({ ...(this.#jobs.get(job.id) ?? waiting), ...part })
      this.#set({ ...waiting, state: 'running' })
      try {
        await work(change)
        this.#set({ ...(this.#jobs.get(job.id) ?? waiting), state: 'done' })
      } catch (error) {
        this.#set({ ...waiting, state: 'failed', reason: error instanceof Error ? error.message : String(error) })
      }
    }
    this.#last = this.#last.then(run)
    return waiting
  }

  /** The job, once it is over, or as it is when the signal says that nobody waits any longer. */
  async ended(id: string, signal: AbortSignal): Promise<Job | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      const job = this.get(id)
      if (!job || job.state === 'done' || job.state === 'failed') resolve()
    }
    const stop = this.#live.listen(look)
    signal.addEventListener('abort', () => resolve(), { once: true })
    look()
    if (signal.aborted) resolve()
    await promise
    stop()
    return this.get(id)
  }

  /** Resolves when nothing runs or waits any more. */
  async idle(): Promise<void> {
    await this.#last
  }

  #set(job: Job): Job {
    this.#jobs.set(job.id, job)
    for (const [id, { state }] of this.#jobs) {
      if (this.#jobs.size <= MOST_KEPT) break
      if (state === 'done' || state === 'failed') this.#jobs.delete(id)
    }
    this.#live.tell('job', job)
    return job
  }

  /** A check that an earlier process made: its decision holds the id of the job. */
  #onRecord(id: string): Job | undefined {
    const decision = this.#live.written(id)?.events.find((one) => one.type === 'decision')
    const head = decision && this.#live.record.decisions.find((one) => one.id === decision.id)
    const streams = head?.streams && { streams: head.streams }
    return head && { id, kind: 'check', checkpoint: head.checkpoint, ...streams, state: 'done', decision: head.id }
  }
}
