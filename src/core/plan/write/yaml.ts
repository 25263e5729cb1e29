import { stringify } from 'yaml'
import type { Comparison } from '#core/program/model.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import type { Fact, Plan } from '#core/plan/model.ts'
import { oneLine } from '#core/plan/read/text.ts'
import { round } from '#core/program/quantity.ts'
import type { Place } from '#core/problems.ts'

/** What every part of the writer has at hand. */
export interface Writing {
  readonly plan: Plan
  readonly notices: readonly Fact<string>[]
  /** Says that something is written otherwise than the plan has it. */
  readonly say: (place: Place, value: string) => void
}

/** A text as a YAML scalar in one line. */
export const q = (text: string): string => {
  const line = oneLine(text)
  return stringify(line, { lineWidth: 0, defaultStringType: 'PLAIN', singleQuote: true }).trim()
}

/** A list of texts in flow style. */
export const flow = (texts: readonly string[]): string =>
  `[${texts.map((text) => (/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(text) && !/^(?:\d|true$|false$|null$|yes$|no$|on$|off$)/i.test(text) ? text : JSON.stringify(oneLine(text)))).join(', ')}]`

/** Data as YAML in one line. */
export const inline = (value: unknown): string =>
  stringify(value, { lineWidth: 0, collectionStyle: 'flow', aliasDuplicateObjects: false, defaultStringType: 'PLAIN', singleQuote: true })
    .trim()
    .replace(/\s*\n\s*/g, ' ')

export const comment = (text: string, indent = 0): string => `${' '.repeat(indent)}# ${oneLine(text, 300)}`

/** What a literal block cannot hold: leading white space, control characters, halves of a character. */
// oxlint-disable-next-line no-control-regex -- YAML refuses exactly these
const NOT_IN_A_BLOCK = /^\s|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff\t\ufffe\uffff]/

/** Text of several lines: a literal block where YAML can hold it so, else one quoted line. */
export function block(text: string, indent: number): readonly string[] {
  const lines = text.split('\n')
  const whole = text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')
  const plain = text.trim() !== '' && !NOT_IN_A_BLOCK.test(whole) && lines.at(-1)?.trim() !== ''
  return plain
    ? ['|-', ...lines.map((line) => (line.trim() === '' ? '' : `${' '.repeat(indent)}${line}`))]
    : [JSON.stringify(text.toWellFormed())]
}

/** A number of a unit as the program file writes it. */
export function amountText(value: number, unit: Unit): string {
  if (unit === 'ratio' || unit === 'change') return `${trim(value * 100)}%`
  if (unit === 'lines' || unit === 'tests' || unit === 'files') return `${trim(value)} ${unit}`
  if (unit === 'seconds') return durationText(value)
  return trim(value)
}

/** Never in exponents, which no amount of a program file has. */
function trim(value: number): string {
  const text = String(round(value))
  return /e/i.test(text)
    ? round(value)
        .toFixed(6)
        .replace(/\.?0+$/, '')
    : text
}

export function durationText(seconds: number): string {
  if (seconds % 86_400 === 0 && seconds > 0) return `${seconds / 86_400} ${seconds === 86_400 ? 'day' : 'days'}`
  if (seconds % 3600 === 0 && seconds > 0) return `${seconds / 3600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${trim(seconds)}s`
}

/** `atLeast: 50%`, the key and the value of a comparison. */
export function comparisonText(comparison: Comparison, unit: Unit): { readonly key: string; readonly value: string } {
  if (comparison.op === 'equals')
    return { key: 'equals', value: typeof comparison.value === 'boolean' ? String(comparison.value) : amountText(comparison.value, unit) }
  if (comparison.op !== 'between') return { key: comparison.op, value: amountText(comparison.value, unit) }
  if (comparison.low === comparison.high) return { key: 'atLeast', value: amountText(comparison.low, unit) }
  return { key: 'between', value: rangeText(comparison.low, comparison.high, unit) }
}

export function rangeText(low: number, high: number, unit: Unit): string {
  if (low === high) return amountText(low, unit)
  if (unit === 'seconds') return `${trim(low)}-${trim(high)}s`
  const [from, to] = [amountText(low, unit), amountText(high, unit)]
  return `${/^-?[\d.]+/.exec(from)?.[0] ?? from}-${to}`
}
