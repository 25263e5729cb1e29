import type { Direction, Evidence, Unit } from '#core/evidence/evidence.ts'
import type { Comparison } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'

/**
 * Holds an observed value against a bound. A statistic comes with its confidence interval: it
 * satisfies only when the whole interval lies on the right side, fails only when the whole lies on
 * the wrong one, and is inconclusive astride. `between` on a measure that has a better direction is
 * a goal: met from the nearer bound on, exceeded beyond the farther ("5-15 % less" is met at 20 %).
 */
export function compare(
  comparison: Comparison,
  better: Direction,
  value: number | boolean,
  interval: Evidence['interval'] | undefined,
): 'satisfied' | 'unsatisfied' | 'inconclusive' {
  if (comparison.op === 'equals') {
    if (interval && interval.low !== interval.high) return 'inconclusive'
    return value === comparison.value ? 'satisfied' : 'unsatisfied'
  }
  if (typeof value === 'boolean') return 'unsatisfied'
  const low = interval ? interval.low : value
  const high = interval ? interval.high : value
  switch (comparison.op) {
    case 'atLeast':
      return decide(low >= comparison.value, high < comparison.value)
    case 'above':
      return decide(low > comparison.value, high <= comparison.value)
    case 'atMost':
      return decide(high <= comparison.value, low > comparison.value)
    case 'below':
      return decide(high < comparison.value, low >= comparison.value)
    case 'between':
      if (better === 'higher') return decide(low >= comparison.low, high < comparison.low)
      if (better === 'lower') return decide(high <= comparison.high, low > comparison.high)
      return decide(low >= comparison.low && high <= comparison.high, high < comparison.low || low > comparison.high)
  }
}

const decide = (holds: boolean, fails: boolean): 'satisfied' | 'unsatisfied' | 'inconclusive' =>
  holds ? 'satisfied' : fails ? 'unsatisfied' : 'inconclusive'

/** The bound that decides, in the unit of the metric. */
export function boundOf(comparison: Comparison, better: Direction): number | boolean {
  if (comparison.op !== 'between') return comparison.value
  return better === 'lower' ? comparison.high : comparison.low
}

const WORDS = { atLeast: 'at least', atMost: 'at most', above: 'above', below: 'below' } as const

/** The comparison in words: `at least 15 tests`, `from 5 % to 15 %`. */
export function comparisonText(comparison: Comparison, unit: Unit): string {
  if (comparison.op === 'equals') return `is ${formatValue(comparison.value, unit)}`
  if (comparison.op === 'between') return `from ${formatValue(comparison.low, unit)} to ${formatValue(comparison.high, unit)}`
  return `${WORDS[comparison.op]} ${formatValue(comparison.value, unit)}`
}

/** What would make an unsatisfying value satisfy, in words: `52 lines more`, `from 84 % to at least 100 %`. */
export function gapText(comparison: Comparison, better: Direction, unit: Unit, value: number | boolean): string {
  const bound = boundOf(comparison, better)
  if (comparison.op === 'equals' || typeof value === 'boolean' || typeof bound === 'boolean')
    return `${formatValue(value, unit)} must become ${formatValue(bound, unit)}`
  const above = comparison.op === 'between' && better === 'none' && value > comparison.high
  const limit = above ? comparison.high : bound
  const upward = comparison.op === 'atLeast' || comparison.op === 'above' || (comparison.op === 'between' && better !== 'lower' && !above)
  const strict = comparison.op === 'above' || comparison.op === 'below'
  const word = upward ? (strict ? 'above' : 'at least') : strict ? 'below' : 'at most'
  // A difference of shares would read as a relative change, so both ends are named instead.
  if (strict || unit === 'ratio' || unit === 'change') return `from ${formatValue(value, unit)} to ${word} ${formatValue(limit, unit)}`
  return `${formatValue(Math.abs(limit - value), unit)} ${upward ? 'more' : unit === 'seconds' || unit === 'bytes' ? 'less' : 'fewer'}`
}
