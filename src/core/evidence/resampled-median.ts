/**
 * Draws medians of resamples (as many draws with replacement as there are samples) without drawing
 * the resamples: which sample becomes the median has a distribution in closed form (Maritz and
 * Jarrett, 1978; Efron, 1979), so that a draw costs the same however many samples there are.
 *
 * Of n draws of a rank, the k-th smallest is at most i when k draws or more are: a binomial tail.
 * An even resample has two middle ranks; given the lower one, the upper is above j when none of the
 * other n / 2 draws is at most j.
 *
 * `sorted` ascends and holds at least one sample; `next` gives uniform numbers from 0 to below 1.
 * Only the four arithmetic operations are used, so that every machine draws the same.
 */
export function resampledMedian(sorted: Float64Array, next: () => number): () => number {
  const size = sorted.length
  const half = (size + 1) >> 1
  const isOdd = size % 2 === 1
  /** By rank from 0: chance that the (lower) middle rank is at most that, and that the upper is above it when it is that. */
  const atMost = new Float64Array(size).fill(1)
  const apart = new Float64Array(size)
  /** By rank: chance that none of the other half of the draws is at that rank, when none is below it. */
  const passed = new Float64Array(size)
  /** Twelve standard deviations of the middle rank: nothing is ever drawn beyond. */
  const reach = 6 / Math.sqrt(size)
  let exactlyBefore = 0
  for (let rank = 0; rank < size - 1; rank += 1) {
    const share = (rank + 1) / size
    if (Math.abs(share - 0.5) > reach) {
      atMost[rank] = share < 0.5 ? 0 : 1
      exactlyBefore = 0
      continue
    }
    const { atLeast, exactly } = binomial(size, share, half)
    atMost[rank] = atLeast
    const here = atLeast - (rank === 0 ? 0 : (atMost[rank - 1] ?? 0))
    passed[rank] = power((size - rank - 1) / (size - rank), half)
    const above = exactly - exactlyBefore * (passed[rank] ?? 0)
    apart[rank] = here > 0 ? Math.min(1, Math.max(0, above / here)) : 0
    exactlyBefore = exactly
  }
  const at = (rank: number): number => sorted[rank] ?? Number.NaN

  return () => {
    const lower = firstAbove(atMost, next())
    if (isOdd) return at(lower)
    const chance = next()
    let upper = lower
    let above = apart[lower] ?? 0
    while (chance < above && upper < size - 1) {
      upper += 1
      above *= passed[upper] ?? 0
    }
    return midpoint(at(lower), at(upper))
  }
}

/** Halved before the sum, which could overflow. */
export const midpoint = (a: number, b: number): number => a / 2 + b / 2

/** Of `draws` with this chance each: the chance of `least` or more, and of exactly `least`. Summed outward from the likeliest number. */
function binomial(draws: number, chance: number, least: number): { readonly atLeast: number; readonly exactly: number } {
  const odds = chance / (1 - chance)
  const mode = Math.min(draws, Math.floor((draws + 1) * chance))
  let all = 0
  let atLeast = 0
  let exactly = 0
  const add = (count: number, weight: number): void => {
    all += weight
    if (count >= least) atLeast += weight
    if (count === least) exactly = weight
  }
  let weight = 1
  for (let count = mode; count <= draws && weight > NEGLIGIBLE; count += 1) {
    add(count, weight)
    weight *= ((draws - count) / (count + 1)) * odds
  }
  weight = mode / (draws - mode + 1) / odds
  for (let count = mode - 1; count >= 0 && weight > NEGLIGIBLE; count -= 1) {
    add(count, weight)
    weight *= count / (draws - count + 1) / odds
  }
  return { atLeast: atLeast / all, exactly: exactly / all }
}

const NEGLIGIBLE = 1e-20

function power(base: number, exponent: number): number {
  let result = 1
  let factor = base
  for (let left = exponent; left > 0; left >>= 1) {
    if (left % 2 === 1) result *= factor
    factor *= factor
  }
  return result
}

/** Index of the first figure above a value in ascending figures of which the last is. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
