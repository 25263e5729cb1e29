import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

/** All chance of one simulated world, from its seed. */
export class Chance {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return uniformInt(this.#generator, low, high)
  }

  /** From 0 up to 1. */
  real(): number {
    return this.int(0, 0x7f_ff_ff_fe) / 0x7f_ff_ff_ff
  }

  is(share: number): boolean {
    return this.real() < share
  }

  of<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T
  }
}
