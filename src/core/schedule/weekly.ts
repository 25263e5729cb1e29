import type { Calendar, Weekday } from '#core/program/model.ts'
import { addDays, epoch, instantOf, wallOf, wallToInstant, weekdayOf } from '#core/schedule/time.ts'

/** Further away than any row of holidays; nothing is looked for beyond it. */
const FARTHEST_DAYS = 62

/**
 * A wall time on days of the week, holidays left out. A time that the clocks skip comes once, at
 * the shifted instant; one that they repeat, at the first.
 */
export class Weekly {
  readonly #calendar: Calendar
  readonly #days: ReadonlySet<Weekday>
  readonly #time: string
  // Between two occurrences the answer stays the same, so that most looks need no calendar.
  #from = Number.POSITIVE_INFINITY
  #until = Number.NEGATIVE_INFINITY
  #text = ''

  constructor(calendar: Calendar, days: readonly Weekday[], time: string) {
    this.#calendar = calendar
    this.#days = new Set(days)
    this.#time = time
  }

  /** The last occurrence at or before an instant; minus infinity if there is none. */
  latest(at: number): number {
    this.#around(at)
    return this.#from
  }

  /** `latest` as text. */
  latestText(at: number): string {
    this.#around(at)
    return this.#text
  }

  /** The last occurrence before an instant. */
  before(at: number): number {
    return this.#find(at - 1, -1) ?? Number.NEGATIVE_INFINITY
  }

  /** The first occurrence after an instant; infinity if there is none. */
  following(at: number): number {
    this.#around(at)
    return this.#until
  }

  #around(at: number): void {
    if (at >= this.#from && at < this.#until) return
    this.#from = this.#find(at, -1) ?? Number.NEGATIVE_INFINITY
    this.#until = this.#find(at, 1) ?? Number.POSITIVE_INFINITY
    this.#text = Number.isFinite(this.#from) ? instantOf(this.#from) : ''
  }

  #find(at: number, step: 1 | -1): number | undefined {
    const { zone, holidays } = this.#calendar
    const today = wallOf(instantOf(at), zone).date
    // A day early: a shifted time may lie on the day after its date.
    for (let days = -1; days <= FARTHEST_DAYS; days += 1) {
      const date = addDays(today, step * days)
      if (!this.#days.has(weekdayOf(date)) || holidays.includes(date)) continue
      const instant = wallToInstant(`${date} ${this.#time}`, zone)
      if (instant === undefined) continue
      const found = epoch(instant)
      if (step === 1 ? found > at : found <= at) return found
    }
    return undefined
  }
}
