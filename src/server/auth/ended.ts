import type { LiveProgram } from '#server/live-program.ts'

const KIND = 'session'

/**
 * Sessions that were signed out: what somebody still holds of them lets nobody in, also after a
 * restart, and in every process that shares a store. Those of other processes are heard of by
 * `refresh`, so that no request waits for the store.
 */
export class Ended {
  readonly #lives: ReadonlyMap<string, LiveProgram>
  readonly #seconds: number
  #ids: ReadonlySet<string> = new Set()
  /** Of this process, until they are heard of. */
  readonly #own = new Set<string>()

  /** @param seconds For so long a cookie of theirs could have been good. */
  constructor(lives: ReadonlyMap<string, LiveProgram>, seconds: number) {
    this.#lives = lives
    this.#seconds = seconds
  }

  has(session: string): boolean {
    return this.#ids.has(session) || this.#own.has(session)
  }

  /** Resolves when it is on the disk. */
  async end(session: string): Promise<void> {
    this.#own.add(session)
    for (const { id, served } of this.#lives.values()) await served.ledger.spend(id, KIND, session, this.#seconds)
  }

  async refresh(): Promise<void> {
    const lists = await Promise.all([...this.#lives.values()].map(({ id, served }) => served.ledger.spent(id, KIND)))
    this.#ids = new Set(lists.flat())
    for (const session of this.#own) if (this.#ids.has(session)) this.#own.delete(session)
  }
}
