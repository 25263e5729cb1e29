import type { Comparison, Tier } from '#core/program/model.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import type { PlanCriterion, SubjectMatter } from '#core/plan/model.ts'
import { findAmount, matterOf, type Found } from '#core/plan/read/amount.ts'
import { oneLine, slug } from '#core/plan/read/text.ts'
import type { CheckpointDraft } from '#core/plan/read/draft.ts'
import { pick } from '#core/plan/read/draft.ts'
import type { Place } from '#core/problems.ts'

interface Meaning {
  readonly about: SubjectMatter
  readonly comparison?: Comparison
  readonly unit?: Unit
  readonly metric?: string
  readonly tier?: Tier
}

const NONE = /(?<![\p{sc=Latn}])(?:no|zero|0|without|keine?r?|null|sin|ningún|ninguno|cero)(?![\p{sc=Latn}\d])|没有|无|零/iu
const ALL =
  /(?<![\p{sc=Latn}])(?:all|every|full|complete[d]?|fully|100\s?%|alle[rs]?|vollständig|tod[oa]s?|complet[oa]s?)(?![\p{sc=Latn}])|全部|所有|完成/iu

/** Adds a condition to a checkpoint: what it is about, the threshold in it, and the metric that can measure it. */
export function addCriterion(
  checkpoint: CheckpointDraft,
  text: string,
  list: string,
  place: Place,
  more: Partial<PlanCriterion> = {},
): PlanCriterion {
  const meaning = meaningOf(text)
  const criterion: PlanCriterion = {
    ...pick(place),
    id: checkpoint.criterionIds.take(
      slug(text.replace(/\([^()]*\)/g, ' '))
        .split('-')
        .slice(0, 6)
        .join('-'),
      'criterion',
    ),
    text: oneLine(text),
    list,
    ...meaning,
    // Of lists that nobody calls decisive only what is measured is more than a hope.
    tier: meaning.tier ?? (list === 'topics' ? 'advisory' : list === 'success' ? 'supporting' : 'critical'),
    ...more,
  }
  checkpoint.criteria.push(criterion)
  return criterion
}

/** What a condition in words says; without a comparison only a person can tell. */
export function meaningOf(text: string): Meaning {
  const about = matterOf(text)
  const found = findAmount(text)
  switch (about) {
    case 'blockers':
      return NONE.test(text) || /resolved|mitigated|workaround|gelöst|resuelt|解决/i.test(text)
        ? { about, comparison: { op: 'atMost', value: 0 }, unit: 'count', metric: blockerMetric(text) }
        : { about }
    case 'confidence':
      return { about, ...shareOf(found), ...(found?.amount.unit === 'ratio' && { metric: 'confidence.week' }), tier: 'supporting' }
    case 'coverage':
      return { about, ...shareOf(found), ...(found?.amount.unit === 'ratio' && { metric: 'coverage.lines' }) }
    case 'documentation':
      if (found?.amount.unit === 'ratio') return { about, ...shareOf(found), metric: 'progress.documentation' }
      return /^\W*(?:all |full |the )?(?:docs?|documentation|dokumentation|documentaci[oó]n|文档)\s*(?:is |are |ist |está )?(?:100\s?% )?(?:complete[d]?|done|finished|fertig|vollständig|complet[oa]|完成)\W*$/i.test(
        text,
      )
        ? { about, comparison: { op: 'atLeast', value: 1 }, unit: 'ratio', metric: 'progress.documentation' }
        : { about }
    case 'merged':
      // What is merged can be seen; what else the sentence asks for cannot.
      return /\b(?:and|und|y)\b|validat/i.test(text) || NONE.test(text)
        ? { about }
        : { about, comparison: { op: 'equals', value: true }, unit: 'boolean', metric: 'git.merged' }
    case 'tests':
      return testsOf(text, found)
    case 'code':
      if (found?.amount.unit === 'ratio') return { about, ...shareOf(found), metric: 'progress.code' }
      if (found && found.amount.whole === undefined && found.amount.unit === 'lines')
        return { about, ...comparisonOf(found), metric: 'git.lines.code' }
      return { about }
    case 'performance':
    case 'build':
    case 'bugs':
    case 'review':
    case 'other':
      if (about === 'bugs' && NONE.test(text)) return { about, comparison: { op: 'atMost', value: 0 }, unit: 'count' }
      return { about, ...(found && comparisonOf(found)) }
  }
}

function blockerMetric(text: string): string {
  if (/critical|kritisch|crític|严重/i.test(text)) return 'blockers.critical'
  return /workaround|mitigat|umgehung|alternativ|mitigad/i.test(text) ? 'blockers.unmitigated' : 'blockers.open'
}

function testsOf(text: string, found: Found | undefined): Meaning {
  const about = 'tests' as const
  const target = /\b(?:on|in|auf|en)\s+(?:develop|main|master|trunk)\b|full test suite|existing|regression|integration tests?/i.test(text)
  if (found?.amount.unit === 'ratio') return { about, ...shareOf(found), metric: target ? 'suite.ratio' : 'progress.tests' }
  if (found?.amount.whole !== undefined)
    return { about, comparison: { op: 'atLeast', value: found.amount.low / found.amount.whole }, unit: 'ratio', metric: 'progress.tests' }
  if (found?.amount.unit === 'tests') return { about, ...comparisonOf(found), metric: 'tests.passed' }
  const passing = /pass|green|succeed|bestehen|bestanden|grün|laufen durch|pasan|pasando|verde|通过/i.test(text)
  if (passing && (ALL.test(text) || /^\W*(?:integration |unit |e2e |automated )?tests\b/i.test(text)))
    return { about, comparison: { op: 'atLeast', value: 1 }, unit: 'ratio', metric: target ? 'suite.ratio' : 'tests.ratio' }
  return { about }
}

const shareOf = (found: Found | undefined): { readonly comparison?: Comparison; readonly unit?: Unit } =>
  found?.amount.unit === 'ratio' ? comparisonOf(found) : {}

/** A bare share is a floor: "Documentation 80 % done". */
export const comparisonOf = (found: Found): { readonly comparison: Comparison; readonly unit: Unit } => ({
  comparison: found.comparison ?? { op: 'atLeast', value: found.amount.low },
  unit: found.amount.unit,
})
