import type { Change, Conflict } from '#core/plan/merge.ts'
import type { Fact } from '#core/plan/model.ts'
import type { ReadPlan } from '#core/plan/read/read.ts'
import type { Program } from '#core/program/model.ts'
import { terminal } from '#render/encode.ts'

/** What was found in a plan, and what was not understood. */
export interface ImportSummary {
  readonly units: number
  readonly checkpoints: number
  readonly criteria: number
  readonly deliverables: number
  readonly people: number
  /** Decision matrices, escalations and syncs. */
  readonly rules: number
  readonly lines: ReadPlan['lines']
  /** What was repaired, guessed, or written otherwise than the plan says it. */
  readonly notices: readonly { readonly file: string; readonly line: number; readonly text: string }[]
  readonly unplaced: readonly { readonly file: string; readonly line: number; readonly text: string }[]
  /** Of an import on top of another: what the plan changed, and where a hand and the plan both did. */
  readonly changes?: readonly Change[]
  readonly conflicts?: readonly Conflict[]
}

/** Counts are of the plan; of what a document gives as YAML only the program knows. */
export function summaryOf({ plan, lines }: ReadPlan, notices: readonly Fact<string>[], program: Program | undefined): ImportSummary {
  const said = (fact: Fact<string>): { readonly file: string; readonly line: number; readonly text: string } => ({
    file: fact.file,
    line: fact.line,
    text: fact.value,
  })
  const unplaced = plan.unplaced.map(said)
  return {
    units: plan.units.length,
    checkpoints: plan.checkpoints.length,
    criteria: plan.checkpoints.reduce((sum, one) => sum + one.criteria.length, 0),
    deliverables: plan.units.reduce((sum, one) => sum + one.deliverables.length, 0),
    people: plan.people.length,
    rules:
      plan.verbatim?.['policy'] === undefined && plan.verbatim?.['escalation'] === undefined
        ? plan.matrices.length + plan.escalations.length + plan.syncs.length
        : (program?.policy.matrices.length ?? 0) + (program?.escalation.length ?? 0) + plan.syncs.length,
    lines,
    notices: notices.map(said),
    unplaced,
  }
}

const MOST_SHOWN = 40

export function summaryText(summary: ImportSummary, file: string, written = true): string {
  const { lines } = summary
  const several = new Set([...summary.unplaced.slice(0, 500), ...summary.notices].map((one) => one.file)).size > 1
  const line = (one: { readonly file: string; readonly line: number; readonly text: string }): string =>
    `  ${terminal(`${several ? `${one.file}:` : ''}${one.line}: ${one.text}`)}`
  const list = (title: string, entries: readonly string[]): readonly string[] =>
    entries.length === 0
      ? []
      : [
          '',
          title,
          ...entries.slice(0, MOST_SHOWN),
          ...(entries.length > MOST_SHOWN ? [`  and ${entries.length - MOST_SHOWN} more; --format json lists them all`] : []),
        ]
  const counts: readonly (readonly [number, string])[] = [
    [summary.units, 'unit'],
    [summary.checkpoints, 'checkpoint'],
    [summary.criteria, 'criterion'],
    [summary.deliverables, 'deliverable'],
    [summary.people, 'person'],
    [summary.rules, 'rule'],
  ]
  return [
    `${file === '-' ? 'Found' : terminal(file)}${file === '-' ? '' : written ? ' is written' : ' would be written'}: ${counts.map(([count, word]) => `${count} ${count === 1 ? word : plural(word)}`).join(', ')}`,
    `${lines.read} lines read, ${lines.used} used, ${lines.left} left`,
    ...list(
      'What the plan changed:',
      (summary.changes ?? []).map((one) => `  ${terminal(`${one.path.join('.')}: ${brief(one.before)} -> ${brief(one.after)}`)}`),
    ),
    ...list(
      'Changed by hand and by the plan; the hand was kept:',
      (summary.conflicts ?? []).map(
        (one) =>
          `  ${terminal(`${one.path.join('.')}: ${brief(one.yours)} in the file, ${brief(one.after)} in the plan (${brief(one.before)} before)`)}`,
      ),
    ),
    ...list('Repaired, guessed, or written otherwise:', summary.notices.map(line)),
    ...list('Not understood:', summary.unplaced.map(line)),
    '',
  ].join('\n')
}

const plural = (word: string): string => ({ criterion: 'criteria', person: 'people' })[word] ?? `${word}s`

/** A value in a line; a mapping by its keys. */
function brief(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
