import type { LogRecord } from '../record.ts'
import { containing } from '../search.ts'
import { Lru } from './lru.ts'

/** How much work a cached search did. */
export interface Work {
  readonly hits: number
  readonly misses: number
  /** Records that were looked at. */
  readonly read: number
}

/** A search over one log that keeps the results of the last `capacity` queries. */
export class CachedSearch {
  readonly #records: readonly LogRecord[]
  readonly #results: Lru<readonly LogRecord[]>
  #hits = 0
  #misses = 0

  constructor(records: readonly LogRecord[], capacity: number) {
    this.#records = records
    this.#results = new Lru(capacity)
  }

  find(query: string): readonly LogRecord[] {
    const key = query.trim()
    const known = this.#results.get(key)
    if (known) {
      this.#hits += 1
      return known
    }
    this.#misses += 1
    const match = containing(key)
    const found = this.#records.filter(match)
    this.#results.set(key, found)
    return found
  }

  get work(): Work {
    return { hits: this.#hits, misses: this.#misses, read: this.#misses * this.#records.length }
  }
}
