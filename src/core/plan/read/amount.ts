import type { Comparison, DeliverableKind } from '#core/program/model.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import type { PlanAmount, SubjectMatter } from '#core/plan/model.ts'
import { round } from '#core/program/quantity.ts'

/** An amount found in a sentence, with the comparison that the words around it make. */
export interface Found {
  readonly amount: Omit<PlanAmount, 'file' | 'line' | 'column'>
  readonly comparison?: Comparison
  /** Where its words stand in the text. */
  readonly start: number
  readonly end: number
  /** `points`, `x`: the author's own unit where Muster has none. */
  readonly word?: string
}

const UNIT_WORDS: readonly (readonly [RegExp, Unit, number])[] = [
  [/^(?:%|percent|prozent|por ciento)/i, 'ratio', 0.01],
  [/^(?:loc|sloc|lines?|zeilen|l[ií]neas|lignes|linhas|行)(?![\p{L}])/iu, 'lines', 1],
  [/^(?:(?:[\p{L}-]{1,20} ){0,2}tests?|testf[äa]lle|pruebas)(?![\p{L}])|^[项个]?测试/iu, 'tests', 1],
  [/^(?:files?|dateien|archivos|文件)(?![\p{L}])/iu, 'files', 1],
  [/^(?:ms|milliseconds?)(?![\p{L}])/iu, 'seconds', 0.001],
  [/^(?:µs|us)(?![\p{L}])/iu, 'seconds', 0.000001],
  [/^(?:s|secs?|seconds?|sekunden|segundos|秒)(?![\p{L}])/iu, 'seconds', 1],
  [/^(?:m|mins?|minutes?|minuten|minutos|分钟)(?![\p{L}])/iu, 'seconds', 60],
  [/^(?:h|hrs?|hours?|stunden?|horas?|小时)(?![\p{L}])/iu, 'seconds', 3600],
  [/^(?:d|days?|tagen?|d[ií]as?|天)(?![\p{L}])/iu, 'seconds', 86400],
  [/^(?:weeks?|wochen?|semanas?|周)(?![\p{L}])/iu, 'seconds', 604800],
  [/^(?:kb|kib)(?![\p{L}])/iu, 'bytes', 1000],
  [/^(?:mb|mib)(?![\p{L}])/iu, 'bytes', 1_000_000],
  [/^(?:gb|gib)(?![\p{L}])/iu, 'bytes', 1_000_000_000],
]

const NUMBER = String.raw`\d{1,12}(?:,\d{3})*(?:\.\d{1,6})?`
const FRACTION = new RegExp(String.raw`(?<![\d/.:-])(${NUMBER})\s?\/\s?(${NUMBER})(?![\d/])`)
const RANGE = new RegExp(String.raw`(?<![\d/.:-])(${NUMBER})\s?%?\s?(?:-|–|—|\.\.|to|bis)\s?(${NUMBER})(?![\d/:-])`)
const COMPARED = new RegExp(
  String.raw`(<=|>=|≤|≥|=<|=>|<|>|at least|at most|no more than|not more than|more than|less than|fewer than|under|below|over|above|min(?:imum)?\.?|max(?:imum)?\.?|mindestens|höchstens|unter|über|al menos|como máximo|más de|menos de|至少|不超过|低于|超过)\s?~?(${NUMBER})`,
  'i',
)
const SINGLE = new RegExp(String.raw`(~|≈|about |around |ca\. |circa )?(?<![\d/.:\p{L}-])(${NUMBER})(?![\d/:]|\.\d)(?:\s?\+)?`, 'iu')

const OPS: Readonly<Record<string, 'atLeast' | 'atMost' | 'above' | 'below'>> = {
  '<=': 'atMost',
  '≤': 'atMost',
  '=<': 'atMost',
  '>=': 'atLeast',
  '≥': 'atLeast',
  '=>': 'atLeast',
  '<': 'below',
  '>': 'above',
  'at least': 'atLeast',
  'at most': 'atMost',
  'no more than': 'atMost',
  'not more than': 'atMost',
  'more than': 'above',
  'less than': 'below',
  'fewer than': 'below',
  under: 'below',
  below: 'below',
  over: 'above',
  above: 'above',
  min: 'atLeast',
  minimum: 'atLeast',
  max: 'atMost',
  maximum: 'atMost',
  mindestens: 'atLeast',
  höchstens: 'atMost',
  unter: 'below',
  über: 'above',
  'al menos': 'atLeast',
  'como máximo': 'atMost',
  'más de': 'above',
  'menos de': 'below',
  至少: 'atLeast',
  不超过: 'atMost',
  低于: 'below',
  超过: 'above',
}

/** The first amount in a text: `8/15`, `40-50%`, `<2%`, `15+`, `~350 LOC`; undefined when there is none. */
export function findAmount(text: string): Found | undefined {
  if (!/\d/.test(text)) return undefined
  return fraction(text) ?? compared(text) ?? range(text) ?? single(text)
}

function fraction(text: string): Found | undefined {
  const match = FRACTION.exec(text)
  if (!match) return undefined
  const { unit, factor, length } = unitAt(text, match.index + match[0].length)
  const before =
    unit === undefined
      ? /(\btests?|\bloc|\blines?|zeilen|pruebas|测试)[\s:(]*$/i.exec(text.slice(Math.max(0, match.index - 20), match.index))?.[1]
      : undefined
  const counted = before === undefined ? unit : /^(?:tests?|pruebas|测试)$/i.test(before) ? 'tests' : 'lines'
  const value = number(match[1], factor)
  const whole = number(match[2], factor)
  // "Directive 2021/914" is a year and a number, no part of a whole.
  if (counted === undefined && value > whole && value >= 1900 && value < 2100) return undefined
  return found(text, match.index, match[0].length + length, { low: value, high: value, whole, unit: counted ?? 'count', sense: 'exact' })
}

function compared(text: string): Found | undefined {
  const match = COMPARED.exec(text)
  if (!match) return undefined
  // "under 5" in the middle of "founder 5" is no comparison.
  const [word = ''] = [match[1]]
  if (/\p{L}/u.test(word) && /[\p{L}\p{N}]/u.test(text[match.index - 1] ?? ' ') && !/[\u4e00-\u9fff]/.test(word)) return undefined
  const after = match.index + match[0].length
  const second = new RegExp(String.raw`^\s?(?:-|–|to)\s?(${NUMBER})`).exec(text.slice(after, after + 30))
  const { unit, factor, length } = unitAt(text, after + (second?.[0].length ?? 0))
  const low = number(match[2], factor)
  const high = second ? number(second[1], factor) : low
  const op = OPS[word.toLowerCase().replace(/\.$/, '')] ?? 'atLeast'
  const end = (second?.[0].length ?? 0) + match[0].length + length
  return {
    ...found(text, match.index, end, { low, high, unit: unit ?? 'count', sense: 'exact' }),
    comparison: second ? { op: 'between', low, high } : { op, value: low },
  }
}

function range(text: string): Found | undefined {
  const match = RANGE.exec(text)
  if (!match) return undefined
  const { unit, factor, length, word } = unitAt(text, match.index + match[0].length)
  const [low, high] = [number(match[1], factor), number(match[2], factor)]
  // 3-2 is a score or a date, and 2024-2026 are years.
  if (high < low || (unit === undefined && low > 1900)) return undefined
  return {
    ...found(text, match.index, match[0].length + length, { low, high, unit: unit ?? 'count', sense: 'exact' }),
    comparison: { op: 'between', low, high },
    ...(word !== undefined && { word }),
  }
}

function single(text: string): Found | undefined {
  const match = SINGLE.exec(text)
  if (!match) return undefined
  const { unit, factor, length, word } = unitAt(text, match.index + match[0].length)
  const plus =
    match[0].trimEnd().endsWith('+') ||
    /^\s?\+/.test(text.slice(match.index + match[0].length + length, match.index + match[0].length + length + 2))
  if (unit === undefined && word === undefined) return undefined
  const value = number(match[2], factor)
  const base = found(text, match.index, match[0].length + length + (plus && !match[0].trimEnd().endsWith('+') ? 1 : 0), {
    low: value,
    high: value,
    unit: unit ?? 'count',
    sense: plus ? 'at-least' : match[1] ? 'about' : 'exact',
  })
  return { ...base, ...(plus && { comparison: { op: 'atLeast', value } as const }), ...(word !== undefined && { word }) }
}

function unitAt(
  text: string,
  at: number,
): { readonly unit?: Unit; readonly factor: number; readonly length: number; readonly word?: string } {
  const rest = text.slice(at, at + 60)
  const lead = /^[\s+]*/.exec(rest)?.[0].length ?? 0
  const body = rest.slice(lead)
  for (const [pattern, unit, factor] of UNIT_WORDS) {
    const match = pattern.exec(body)
    if (match) return { unit, factor, length: lead + match[0].length }
  }
  const own = /^(x(?![\p{L}])|points?|pts|story points|punkte|puntos|req\/s|rps|qps|fps)(?![\p{L}])/iu.exec(body)
  return own ? { factor: 1, length: lead + own[0].length, word: own[0] } : { factor: 1, length: 0 }
}

const number = (text: string | undefined, factor: number): number => round(Number((text ?? '0').replaceAll(',', '')) * factor)

const found = (text: string, start: number, length: number, parts: Omit<Found['amount'], 'text'>): Found => ({
  amount: { text: text.slice(start, start + length).trim(), ...parts },
  start,
  end: start + length,
})

const ABOUT: readonly (readonly [SubjectMatter, RegExp])[] = [
  ['confidence', /confidence|zuversicht|vertrauen|confianza|信心/i],
  ['coverage', /coverage|abdeckung|cobertura|覆盖率/i],
  ['blockers', /block(?:er|ing issue|ade)|blockaden?|bloque(?:o|ador)|impediment|阻塞/i],
  ['bugs', /\bbugs?\b|defects?|regressions?|fehler\b|errores|缺陷/i],
  ['documentation', /\bdocs?\b|documentation|documented|readme|release notes|dokument|documentaci[oó]n|文档/i],
  ['review', /\bPRs?\b|pull request|code review|reviewed|merge request|revisi[oó]n|评审/i],
  ['merged', /\bmerged\b|zusammengef[üu]hrt|fusionad|合并/i],
  [
    'performance',
    /performance|benchmark|latency|latenz|latencia|throughput|overhead|\bp\d\d\b|speed|faster|slower|smaller|improvement|reduction|memory pressure|durchsatz|rendimiento|性能|延迟/i,
  ],
  ['tests', /\btests?\b|\btested\b|\bsuite\b|testf[äa]lle|pruebas|测试/i],
  ['build', /\bbuilds?\b|building|compil|\blint\b|baut\b|kompilier|构建|编译/i],
  ['code', /\bcode\b|\bLOC\b|\blines\b|implement|functionality|features?\b|zeilen|c[oó]digo|l[ií]neas|代码/i],
]

/** What a sentence is about, by its words; `other` when none of them says. */
export const matterOf = (text: string): SubjectMatter => ABOUT.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other'

/** The kind of a deliverable, by its words and by the unit of its amount. */
export function kindOf(text: string, unit: Unit | undefined): DeliverableKind {
  if (unit === 'lines') return 'code'
  if (unit === 'tests') return 'tests'
  const about = matterOf(text)
  return about === 'documentation' || about === 'performance' || about === 'review' ? about : 'feature'
}
