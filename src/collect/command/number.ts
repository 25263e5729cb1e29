import type { Unit } from '#core/evidence/evidence.ts'
import { parseQuantity, round } from '#core/program/quantity.ts'
import type { NumberOption } from './kind.ts'

export type NumberResult =
  | { readonly status: 'observed'; readonly value: number }
  /** `missing`: not in the output. `errored`: in the output, and no number that the unit can have. */
  | { readonly status: 'missing' | 'errored'; readonly reason: string }

/**
 * Finds the number that is evidence in the output of a command (plain text, its last 64 KiB).
 * `after`: the number that follows the last place of a literal text, with `,` or `_` between groups
 * of digits and a unit behind it. `json`: a number in the last JSON document, which stands alone on
 * its lines.
 */
export function numberIn(output: string, option: NumberOption, unit: Unit): NumberResult {
  return 'after' in option
    ? afterText(output, option.after, unit)
    : inJson(output, typeof option.json === 'string' ? option.json.split('.') : option.json, unit)
}

const BEHIND = /^[\s:=]{0,100}([+-]?(?:\d{1,3}(?:[,_]\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\d.,_]*\d)\s{0,10}([%A-Za-zµ]+)?/

function afterText(output: string, text: string, unit: Unit): NumberResult {
  const at = output.lastIndexOf(text)
  if (at < 0) return missing(`the output does not hold "${text}"`)
  const rest = output.slice(at + text.length, at + text.length + 300)
  const match = BEHIND.exec(rest)
  if (!match) return errored(`behind "${text}" stands no number but "${firstLine(rest)}"`)
  // The first number of `1/4` or `1 of 4` is no share, and would be read as all of it.
  const isFraction = match[2] === 'of' || /^\s{0,10}\//.test(rest.slice(match[0].length))
  if (isFraction && (unit === 'ratio' || unit === 'change'))
    return errored(`behind "${text}" stands the fraction "${firstLine(rest)}"; the command must print the share itself`)
  const value = Number((match[1] ?? '').replace(/[,_]/g, ''))
  const scale = scaleOf(match[2], unit)
  if (typeof scale === 'string') return errored(`behind "${text}" stands ${match[1]} ${match[2]}: ${scale}`)
  return checked(round(value * scale), unit, `"${text}" ${match[0].replace(/^[\s:=]+/, '').trim()}`)
}

/** Plain counts may be followed by any word; a unit of size, time or share must be the one that is meant. */
function scaleOf(suffix: string | undefined, unit: Unit): number | string {
  if (suffix === undefined) return 1
  const known = parseQuantity(`1 ${suffix}`)
  const scale = known.ok ? known.quantity : undefined
  const dimension = unit === 'change' ? 'ratio' : unit
  if (scale?.unit === dimension) return scale.low
  if (dimension === 'ratio' || dimension === 'seconds' || dimension === 'bytes') return `that is not in ${unit}`
  if (scale?.unit === 'ratio' || scale?.unit === 'seconds' || scale?.unit === 'bytes')
    return `that is in ${scale.unit}, and the source says ${unit}`
  return 1
}

function inJson(output: string, path: readonly string[], unit: Unit): NumberResult {
  const document = lastJson(output)
  if (document === undefined) return missing('the output ends with no whole JSON document')
  let at: unknown = document.value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return missing(`the JSON of the output has no ${path.join('.')}`)
    at = (at as Readonly<Record<string, unknown>>)[key]
  }
  if (typeof at !== 'number')
    return errored(`${path.join('.')} is ${at === null ? 'null' : Array.isArray(at) ? 'a list' : `of type ${typeof at}`}, not a number`)
  return checked(at, unit, path.join('.'))
}

/** So many line ends are looked at; a document followed by more text than that is not found. */
const MAX_ENDS = 100

/** The last JSON object or list that begins and ends with a line. */
function lastJson(output: string): { readonly value: unknown } | undefined {
  let end = output.length
  for (let tries = 0; tries < MAX_ENDS; tries += 1) {
    end = lastLineEndingIn(output, end)
    if (end < 0) return undefined
    const start = openingOf(output, end)
    // Its beginning was cut off: what stands inside must not be taken for the whole.
    if (start === 'beyond') return undefined
    const value = beginsLine(output, start) ? parsed(output.slice(start, end + 1)) : undefined
    if (value !== undefined) return { value }
  }
  return undefined
}

/** Index of a bracket that ends a line before `before`; -1 where there is none. */
function lastLineEndingIn(output: string, before: number): number {
  for (let at = before - 1; at >= 0; at -= 1) {
    const character = output[at]
    if ((character === '}' || character === ']') && /^[ \t]{0,80}(?:\n|$)/.test(output.slice(at + 1, at + 82))) return at
  }
  return -1
}

/** Walks back to the bracket that the one at `end` closes, over strings. */
function openingOf(output: string, end: number): number | 'beyond' {
  let depth = 0
  let inString = false
  for (let at = end; at >= 0; at -= 1) {
    const character = output[at]
    if (character === '"' && !escaped(output, at)) inString = !inString
    else if (inString) continue
    else if (character === '}' || character === ']') depth += 1
    else if ((character === '{' || character === '[') && --depth === 0) return at
  }
  return 'beyond'
}

function escaped(output: string, at: number): boolean {
  let slashes = 0
  while (output[at - 1 - slashes] === '\\') slashes += 1
  return slashes % 2 === 1
}

const beginsLine = (output: string, start: number): boolean => output.slice(output.lastIndexOf('\n', start - 1) + 1, start).trim() === ''

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checked(value: number, unit: Unit, where: string): NumberResult {
  if (!Number.isFinite(value)) return errored(`${where} is not a finite number`)
  if (unit === 'ratio' && (value < 0 || value > 1)) return errored(`${where} is no share: it lies outside 0 to 1 (0 % to 100 %)`)
  if (unit !== 'change' && unit !== 'count' && value < 0) return errored(`${where} is negative, which ${unit} cannot be`)
  return { status: 'observed', value }
}

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, 40)
const missing = (reason: string): NumberResult => ({ status: 'missing', reason })
const errored = (reason: string): NumberResult => ({ status: 'errored', reason })
