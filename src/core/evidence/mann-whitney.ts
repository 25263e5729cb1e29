export interface MannWhitney {
  /** Two-sided chance of samples at least this far apart when both sides are alike, 0-1. */
  readonly p: number
  readonly method: 'exact' | 'normal approximation'
}

/** Larger sides, or ties, take the normal approximation. */
export const EXACT_LIMIT = 50

/**
 * The Mann-Whitney U test, two-sided. Exact while neither side has more than 50 samples and no two
 * samples are equal: the distribution of U by the recurrence of Mann and Whitney (On a test of
 * whether one of two random variables is stochastically larger than the other, 1947). Otherwise the
 * normal approximation with midranks, the variance corrected for ties, and a continuity correction
 * of one half (Lehmann, Nonparametrics, 1975, chapter 1). Both sides hold finite samples, at least one.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const { u, ties } = greaterU(a, b)
  if (ties === 0 && a.length <= EXACT_LIMIT && b.length <= EXACT_LIMIT) {
    return { p: Math.min(1, 2 * shareFrom(u, a.length, b.length)), method: 'exact' }
  }
  const all = a.length + b.length
  const product = a.length * b.length
  const deviation = Math.sqrt((product / 12) * (all + 1 - ties / (all * (all - 1))))
  // All samples are equal: nothing sets the sides apart.
  if (!(deviation > 0)) return { p: 1, method: 'normal approximation' }
  return { p: Math.min(1, erfc((u - product / 2 - 0.5) / deviation / Math.SQRT2)), method: 'normal approximation' }
}

/** The larger U of the two sides, and the sum of t^3 - t over groups of t equal samples. */
function greaterU(a: readonly number[], b: readonly number[]): { readonly u: number; readonly ties: number } {
  const all = [...a.map((value) => ({ value, isA: true })), ...b.map((value) => ({ value, isA: false }))]
  all.sort((one, other) => one.value - other.value)
  let rankSum = 0
  let ties = 0
  for (let start = 0; start < all.length;) {
    let end = start
    let ofA = 0
    while (end < all.length && all[end]?.value === all[start]?.value) {
      if (all[end]?.isA === true) ofA += 1
      end += 1
    }
    rankSum += ofA * ((start + 1 + end) / 2)
    ties += (end - start) ** 3 - (end - start)
    start = end
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2
  return { u: Math.max(u, a.length * b.length - u), ties }
}

/** Share of all orders of m and n distinct samples whose U is at least u. */
function shareFrom(u: number, m: number, n: number): number {
  let from = 0
  let all = 0
  ordersByU(m, n).forEach((count, v) => {
    all += count
    if (v >= u) from += count
  })
  return from / all
}

let lastOrders: { readonly m: number; readonly n: number; readonly byU: Float64Array } | undefined

/** How many orders have each U. Benchmarks of one run mostly have as many samples each, so the last answer is kept. */
function ordersByU(m: number, n: number): Float64Array {
  if (lastOrders?.m === m && lastOrders.n === n) return lastOrders.byU
  // counts[j][v]: orders of i samples of one side and j of the other with U = v, for the i of the round.
  let counts: readonly Float64Array[] = Array.from({ length: n + 1 }, () => Float64Array.of(1))
  for (let i = 1; i <= m; i += 1) {
    const next: Float64Array[] = [Float64Array.of(1)]
    for (let j = 1; j <= n; j += 1) {
      // The largest sample is of the first side and beats all j, or of the second and beats none.
      const row = new Float64Array(i * j + 1)
      counts[j]?.forEach((count, v) => (row[v + j] = count))
      next[j - 1]?.forEach((count, v) => (row[v] = (row[v] ?? 0) + count))
      next.push(row)
    }
    counts = next
  }
  const byU = counts[n] ?? new Float64Array(0)
  lastOrders = { m, n, byU }
  return byU
}

/**
 * Complementary error function, to about 14 digits: its series below 2.5, its continued fraction
 * from there on (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14).
 */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  const scale = Math.exp(-x * x)
  if (x < 2.5) {
    let term = x
    let sum = x
    for (let k = 1; term > sum * 1e-17; k += 1) sum += term *= (2 * x * x) / (2 * k + 1)
    return 1 - (2 / Math.sqrt(Math.PI)) * scale * sum
  }
  let fraction = x
  for (let k = 80; k > 0; k -= 1) fraction = x + k / 2 / fraction
  return scale / fraction / Math.sqrt(Math.PI)
}
