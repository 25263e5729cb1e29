import { beside, finding, type Rule } from '#core/lint/rule.ts'
import type { PlanUnit } from '#core/plan/model.ts'

/** Two units that readers will take for one: the same name, or one whose letters only look the same. */
export const lookalikeNames: Rule = ({ units }) => {
  const seen = new Map<string, { readonly name: string; readonly unit: PlanUnit }>()
  return units.flatMap((unit) => {
    const keyed = [...new Set([unit.name, unit.id])].flatMap((name) => keysOf(name, unit.word).map((key) => ({ key, name, unit })))
    const hit = keyed.map((mine) => ({ mine, other: seen.get(mine.key) })).find(({ other }) => other !== undefined && other.unit !== unit)
    for (const one of keyed) if (!seen.has(one.key)) seen.set(one.key, one)
    if (!hit?.other || !hasWork(unit) || !hasWork(hit.other.unit)) return []
    const { mine, other } = hit
    const same = mine.name.trim() === other.name.trim()
    const message = same
      ? `there are two streams called ${mine.name}`
      : `"${mine.name}"${foreign(mine.name)} and "${other.name}"${foreign(other.name)} look like one name`
    return [
      finding(unit, 'lookalike-names', 'warning', message, 'give one of them another name', [
        beside(other.unit, `${other.name} stands here`),
      ]),
    ]
  })
}

/** Whether the plan says more of it than its name: what is only spoken of twice is one and the same. */
const hasWork = (unit: PlanUnit): boolean =>
  unit.lead !== undefined ||
  unit.branch !== undefined ||
  unit.deliverables.length + unit.paths.length + unit.dependsOn.length + unit.integrationPoints.length > 0

/**
 * What a name looks like, twice: by its shapes (0 and O, 1, I and l are one), and read without
 * regard to case. Kept apart, because I looks like l and L reads like l, but I is not L.
 */
function keysOf(name: string, word: string): readonly string[] {
  const plain = latin(name.normalize('NFKC'))
    .replace(/[\s_.-]+/gu, '-')
    .replace(/^-|-$/g, '')
  if (plain === '' || plain.toLowerCase() === word.toLowerCase()) return []
  return [`shape:${plain.replace(/[Il|]/g, '1').replaceAll('O', '0')}`, `case:${plain.toLowerCase()}`]
}

/** Letters of Cyrillic and Greek whose common forms are those of a Latin letter (Unicode's table of confusables, UTS 39). */
const TWINS: ReadonlyMap<string, string> = new Map(
  [
    ['АВСЕНІЈКМОРЅТХУԚԜ', 'ABCEHIJKMOPSTXYQW'],
    ['асеіјорѕхуһԁԛԝ', 'aceijopsxyhdqw'],
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
    ['ονιαρυ', 'oviapu'],
  ].flatMap(([from = '', to = '']) => [...from].map((letter, index) => [letter, [...to][index] ?? letter] as const)),
)

const latin = (text: string): string => Array.from(text, (letter) => TWINS.get(letter) ?? letter).join('')

/** Says what cannot be seen: that a name has letters of another alphabet. */
function foreign(name: string): string {
  const plain = name.normalize('NFKC')
  const odd = [...new Set(Array.from(plain).filter((letter) => TWINS.has(letter)))]
  if (odd.length > 0)
    return ` (with ${odd.map((letter) => `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`).join(', ')})`
  return plain === name ? '' : ' (with full-width or other compatibility letters)'
}
