import type { ServedProgram } from '#server/ports.ts'

const KIND = 'session'

/**
 * Sessions that were signed out: what somebody still holds of them lets nobody in, also after a
 * restart, and in every process that shares the store. Those of other processes are heard of by
 * `refresh`, so that no request waits for the store.
 */
export class Ended {
  readonly #keeper: Pick<ServedProgram, 'id' | 'ledger'> | undefined
  readonly #seconds: number
  #ids: ReadonlySet<string> = new Set()
  /** Of this process, until they are heard of. */
  readonly #own = new Set<string>()

  /**
   * @param keeper Program in whose store they are kept: the first, beside which the secret of the sessions lies.
   * @param seconds For so long a cookie of theirs could have been good.
   */
  constructor(keeper: Pick<ServedProgram, 'id' | 'ledger'> | undefined, seconds: number) {
    this.#keeper = keeper
    this.#seconds = seconds
  }

  has(session: string): boolean {
    return this.#ids.has(session) || this.#own.has(session)
  }

  /** Resolves when it is on the disk. */
  async end(session: string): Promise<void> {
    this.#own.add(session)
    await this.#keeper?.ledger.spend(this.#keeper.id, KIND, session, this.#seconds)
  }

  async refresh(): Promise<void> {
    this.#ids = new Set(await this.#keeper?.ledger.spent(this.#keeper.id, KIND))
    for (const session of this.#own) if (this.#ids.has(session)) this.#own.delete(session)
  }
}
