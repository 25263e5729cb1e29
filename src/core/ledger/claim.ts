import { nearest } from '#core/program/nearest.ts'
import type { Amount, Metric, Program, Stream } from '#core/program/model.ts'
import { formatValue, parseQuantity, round, type Quantity } from '#core/program/quantity.ts'

export type ClaimResult = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly reason: string }

/**
 * Reads what a lead claims of a deliverable of the stream, or of a metric: an amount in natural
 * units to a number in the unit of the measure (yes is 1, no is 0). `60%` and `240 of 400` of a
 * deliverable that is counted are taken from its full amount.
 */
export function readClaim(program: Program, stream: Stream, name: string, amount: string | number | boolean): ClaimResult {
  const deliverable = stream.deliverables.find((one) => one.id === name)
  if (deliverable?.measure === undefined && deliverable)
    return no(`${name} has no measure, so no amount of it can be claimed; once it is done, sign target.${name} with muster sign`)
  const measure = deliverable?.measure ?? name
  const metric = Object.hasOwn(program.metrics, measure) ? program.metrics[measure] : undefined
  if (!metric) return no(unknownName(program, stream, name))
  if (measure.startsWith('confidence.')) return no('confidence is not claimed; write --confidence-week or --confidence')
  if (measure.startsWith('blockers.')) return no('blockers are not claimed; record each with muster blocker open')
  return metric.unit === 'boolean' ? readYesNo(name, amount) : readAmount(name, amount, metric, deliverable?.full)
}

const no = (reason: string): ClaimResult => ({ ok: false, reason })

function unknownName(program: Program, stream: Stream, name: string): string {
  const own = stream.deliverables.map((one) => one.id)
  const near = nearest(name, [...own, ...Object.keys(program.metrics)])
  const list = own.length === 0 ? `stream ${stream.id} owes no deliverables; name a metric` : `stream ${stream.id} owes: ${own.join(', ')}`
  return `${name} is neither a deliverable of stream ${stream.id} nor a metric${near === undefined ? '' : `; did you mean ${near}?`} (${list})`
}

function readYesNo(name: string, amount: string | number | boolean): ClaimResult {
  const text = String(amount).trim().toLowerCase()
  if (['yes', 'true', 'done'].includes(text)) return { ok: true, value: 1 }
  if (['no', 'false'].includes(text)) return { ok: true, value: 0 }
  return no(`${name} is yes or no, not ${text}`)
}

function readAmount(name: string, amount: string | number | boolean, metric: Metric, full: Amount | undefined): ClaimResult {
  if (typeof amount === 'boolean') return no(`${name} is counted in ${metric.unit}, it is not yes or no`)
  const parsed = parseQuantity(amount)
  if (!parsed.ok) return no(`${name}: ${parsed.reason}`)
  const { quantity } = parsed
  if (quantity.low !== quantity.high) return no(`${name}: ${amount} is a range; claim one amount`)
  if (quantity.of !== undefined && full && metric.unit !== 'ratio' && quantity.of !== full.high) {
    return no(`${name}: the whole is ${formatValue(full.high, full.unit)}, not ${formatValue(quantity.of, full.unit)}`)
  }
  const value = inUnit(quantity, metric, full)
  if (value === undefined) return no(unitReason(name, amount, quantity, metric))
  if (metric.unit === 'ratio' && (value < 0 || value > 1)) return no(`${name}: ${amount} is not a possible share; write 0% to 100%`)
  if (metric.unit !== 'change' && value < 0) return no(`${name}: ${amount} is negative`)
  return { ok: true, value }
}

/** The amount in the unit of the metric; undefined where it is in one that cannot stand for it. */
function inUnit(quantity: Quantity, metric: Metric, full: Amount | undefined): number | undefined {
  const { low, of, unit } = quantity
  if (metric.unit === 'ratio' && of !== undefined) return unit === 'seconds' || unit === 'bytes' ? undefined : round(low / of)
  // A bare number where a share or a duration is meant is a slip: 80 for 80 %.
  if (unit === undefined) return metric.unit === 'ratio' || metric.unit === 'change' || metric.unit === 'seconds' ? undefined : low
  if (unit === metric.unit) return low
  if (unit === 'ratio' && metric.unit === 'change') return low
  if (unit === 'ratio' && full) return of === undefined ? round(low * full.low) : undefined
  return metric.unit === 'count' && (unit === 'lines' || unit === 'tests' || unit === 'files') ? low : undefined
}

function unitReason(name: string, amount: string | number, { unit }: Quantity, metric: Metric): string {
  const meant = metric.unit === 'ratio' || metric.unit === 'change' ? 'percent' : metric.unit
  return unit === undefined
    ? `${name}: ${amount} has no unit; ${name} is in ${meant}`
    : `${name}: ${amount} is in ${unit === 'ratio' ? 'percent' : unit}; ${name} is in ${meant}`
}
