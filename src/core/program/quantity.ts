import type { Unit } from '#core/evidence/evidence.ts'

/**
 * Natural amounts of the program file: `40%`, `2h`, `150 of 400`, `150 lines`, `5-15%`, `12 MB`,
 * `yes`. Parsing gives numbers in base units (ratio 0-1, seconds, bytes); formatting gives them
 * back, the same on every machine and in every locale.
 */
export interface Quantity {
  readonly low: number
  /** Equal to `low` unless a range was written. */
  readonly high: number
  /** Absent for a bare number, which takes the unit of whatever it is held against. */
  readonly unit?: Unit
  /** The whole in `150 of 400`. */
  readonly of?: number
}

export type QuantityResult = { readonly ok: true; readonly quantity: Quantity } | { readonly ok: false; readonly reason: string }

/** What an amount of each unit is called in a finding. */
export const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  boolean: 'yes or no',
  ratio: 'a share such as 80%',
  change: 'a change such as 5%',
  count: 'a number',
  lines: 'a number of lines',
  tests: 'a number of tests',
  files: 'a number of files',
  bytes: 'a size such as 2 MB',
  seconds: 'a duration such as 2h',
}

const SCALE: Readonly<Record<string, readonly [Unit, number]>> = {
  '%': ['ratio', 0.01],
  s: ['seconds', 1],
  sec: ['seconds', 1],
  second: ['seconds', 1],
  seconds: ['seconds', 1],
  ms: ['seconds', 0.001],
  us: ['seconds', 0.000001],
  µs: ['seconds', 0.000001],
  m: ['seconds', 60],
  min: ['seconds', 60],
  minute: ['seconds', 60],
  minutes: ['seconds', 60],
  h: ['seconds', 3600],
  hour: ['seconds', 3600],
  hours: ['seconds', 3600],
  d: ['seconds', 86400],
  day: ['seconds', 86400],
  days: ['seconds', 86400],
  w: ['seconds', 604800],
  week: ['seconds', 604800],
  weeks: ['seconds', 604800],
  B: ['bytes', 1],
  byte: ['bytes', 1],
  bytes: ['bytes', 1],
  kB: ['bytes', 1000],
  KB: ['bytes', 1000],
  MB: ['bytes', 1e6],
  GB: ['bytes', 1e9],
  KiB: ['bytes', 1024],
  MiB: ['bytes', 1048576],
  GiB: ['bytes', 1073741824],
  line: ['lines', 1],
  lines: ['lines', 1],
  LOC: ['lines', 1],
  loc: ['lines', 1],
  test: ['tests', 1],
  tests: ['tests', 1],
  file: ['files', 1],
  files: ['files', 1],
}

const NUMBER = String.raw`[+-]?\d+(?:\.\d+)?`
const PATTERN = new RegExp(String.raw`^(${NUMBER})(?:\s*(?:-|–|\.\.|to)\s*(\d+(?:\.\d+)?))?(?:\s*of\s*(\d+(?:\.\d+)?))?\s*([%A-Za-zµ]+)?$`)
const COMPOUND = /^(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+)\s*s)?$/

/** Reads one amount. Refuses NaN, infinities, `0 of 0`, a part above its whole and reversed ranges. */
export function parseQuantity(input: string | number): QuantityResult {
  if (typeof input === 'number') {
    return Number.isFinite(input) ? { ok: true, quantity: { low: input, high: input } } : no(`${input} is not a finite number`)
  }
  const text = input.trim()
  if (text.length > 60) return no('the amount is longer than 60 characters')
  const match = PATTERN.exec(text)
  if (!match) return compound(text)
  const [, first, second, whole, suffix] = match
  const scale = suffix === undefined ? undefined : SCALE[suffix]
  if (suffix !== undefined && !scale) return no(`"${suffix}" is not a unit; write %, s, m, h, days, weeks, lines, tests, files, kB or MB`)
  const factor = scale?.[1] ?? 1
  const low = round(Number(first) * factor)
  const high = second === undefined ? low : round(Number(second) * factor)
  if (!Number.isFinite(low) || !Number.isFinite(high)) return no(`"${text}" is not a finite number`)
  if (high < low) return no(`the range ${text} runs backwards`)
  const of = whole === undefined ? undefined : round(Number(whole) * factor)
  if (of === 0) return no(`"${text}" has nothing as its whole`)
  if (of !== undefined && high > of) return no(`"${text}" is more than its whole`)
  return { ok: true, quantity: { low, high, ...(scale && { unit: scale[0] }), ...(of !== undefined && { of }) } }
}

function compound(text: string): QuantityResult {
  const match = text === '' ? null : COMPOUND.exec(text)
  if (!match) return no(`"${text}" is not an amount; write for example 40%, 150 of 400, 2h, 1h30m or 5-15%`)
  const seconds = Number(match[1] ?? 0) * 86400 + Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0)
  return { ok: true, quantity: { low: seconds, high: seconds, unit: 'seconds' } }
}

const no = (reason: string): QuantityResult => ({ ok: false, reason })

/** Takes the noise of decimal scaling away (0.07 * 100): twelve significant digits. */
export const round = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(12)))

/** `0.375` -> `37.5`: at most two decimals, no trailing zeros, digits grouped by a comma from 10,000. */
export function formatNumber(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return String(value)
  const fixed = Math.abs(value) >= 1e21 ? value.toPrecision(6) : value.toFixed(decimals)
  const [whole = '0', fraction = ''] = fixed.split('.')
  const trimmed = fraction.replace(/0+$/, '')
  const digits = whole.replace('-', '')
  const grouped = digits.length > 4 ? digits.replace(/\B(?=(?:\d{3})+$)/g, ',') : digits
  const sign = whole.startsWith('-') && (Number(digits) !== 0 || trimmed !== '') ? '-' : ''
  return trimmed === '' ? `${sign}${grouped}` : `${sign}${grouped}.${trimmed}`
}

/** A value with its unit, for people: `37.5 %`, `150 lines`, `1 h 30 min`, `yes`. */
export function formatValue(value: number | boolean, unit: Unit | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  switch (unit) {
    case 'boolean':
      return value ? 'yes' : 'no'
    case 'ratio':
      return `${formatNumber(value * 100)} %`
    case 'change':
      return `${value > 0 ? '+' : ''}${formatNumber(value * 100)} %`
    case 'lines':
    case 'tests':
    case 'files':
      return `${formatNumber(value)} ${value === 1 ? unit.slice(0, -1) : unit}`
    case 'bytes':
      return formatBytes(value)
    case 'seconds':
      return formatDuration(value)
    case 'count':
    case undefined:
      return formatCount(value)
  }
}

/** A median of nanoseconds, which two decimals would not show, is no zero; the noise of arithmetic is. */
function formatCount(value: number): string {
  const size = Math.abs(value)
  let decimals = 2
  if (size < 0.01 && size > 1e-12) for (let digit = size; digit < 1; digit *= 10) decimals += 1
  return formatNumber(value, decimals)
}

function formatBytes(value: number): string {
  for (const [suffix, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1000],
  ] as const) {
    if (Math.abs(value) >= size) return `${formatNumber(value / size)} ${suffix}`
  }
  return `${formatNumber(value)} B`
}

/** Seconds for people: `45 s`, `1 min 30 s`, `1 h 30 min`, `2 d 4 h`; below a second `12.5 ms`. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? '-' : ''
  const size = Math.abs(seconds)
  // Below half of the last digit that is shown.
  if (size < 0.000005) return '0 s'
  if (size < 1) return `${sign}${formatNumber(size * 1000)} ms`
  if (size < 60) return `${sign}${formatNumber(size)} s`
  const total = size < 3600 ? Math.round(size) : Math.round(size / 60) * 60
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor((total % 86_400) / 3600), 'h'],
    [Math.floor((total % 3600) / 60), 'min'],
    [total % 60, 's'],
  ]
  return (
    sign +
    parts
      .filter(([count]) => count > 0)
      .slice(0, 2)
      .map(([count, name]) => `${count} ${name}`)
      .join(' ')
  )
}

/** How far away a moment is, no more exactly than a reader cares: `42 s`, `11 min`, `1 h 5 min`, `2 d 3 h`. */
export function formatAway(seconds: number): string {
  const unit = Math.abs(seconds) < 60 ? 1 : 60
  return formatDuration(Math.round(seconds / unit) * unit)
}
