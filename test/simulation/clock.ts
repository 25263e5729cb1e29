import { instantOf } from '#core/schedule/time.ts'

/** What happens at a time; `run` may be asynchronous, and nothing else happens meanwhile. */
interface Planned {
  readonly at: number
  readonly order: number
  readonly run: () => void | Promise<void>
}

/** True time, in milliseconds, that only goes on when nobody has anything to do; and the clock on the wall, which can be set. */
export class Clock {
  /** True time. */
  elapsed: number
  /** How far the wall clock is from true time. */
  offset = 0
  readonly #planned: Planned[] = []
  #order = 0
  #said = { wall: Number.NaN, text: '' }

  constructor(start: number) {
    this.elapsed = start
  }

  wall(): number {
    return this.elapsed + this.offset
  }

  now(): string {
    const wall = this.wall()
    if (this.#said.wall !== wall) this.#said = { wall, text: instantOf(wall) }
    return this.#said.text
  }

  /** At a true time, not before now. */
  plan(at: number, run: Planned['run']): void {
    const planned = { at: Math.max(Math.ceil(at), this.elapsed), order: (this.#order += 1), run }
    // A heap: the earliest first, equal times in the order in which they were planned.
    let index = this.#planned.push(planned) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(planned, this.#planned[parent] as Planned)) break
      this.#planned[index] = this.#planned[parent] as Planned
      index = parent
    }
    this.#planned[index] = planned
  }

  /** Takes the next thing, and goes to its time. */
  next(): Planned | undefined {
    const first = this.#planned[0]
    const last = this.#planned.pop()
    if (!first || !last) return undefined
    if (this.#planned.length > 0) this.#sink(last)
    this.elapsed = Math.max(this.elapsed, first.at)
    return first
  }

  /** Whether something else is to happen at this very time. */
  get isBusy(): boolean {
    const first = this.#planned[0]
    return first !== undefined && first.at <= this.elapsed
  }

  #sink(planned: Planned): void {
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= this.#planned.length) break
      const right = this.#planned[child + 1]
      if (right && isBefore(right, this.#planned[child] as Planned)) child += 1
      if (!isBefore(this.#planned[child] as Planned, planned)) break
      this.#planned[index] = this.#planned[child] as Planned
      index = child
    }
    this.#planned[index] = planned
  }
}

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
