/**
 * Findings: mistakes of users as data. Every code has a page, `docs/problems/<code>.md`; a test
 * keeps this catalogue and the pages equal.
 */

export type Severity = 'error' | 'warning'

/** A place in a user's file; line and column count from 1, columns in UTF-16 code units. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Problem extends Place {
  readonly code: ProblemCode
  readonly severity: Severity
  readonly message: string
  readonly remedy: string
  /** Other places that disagree with this one. */
  readonly related: readonly (Place & { readonly message: string })[]
}

/** Code -> one line that says what is wrong. */
export const PROBLEMS = {
  'file-not-found': 'There is no program file where one was looked for.',
  'file-unreadable': 'The file cannot be read as UTF-8 text.',
  'yaml-syntax': 'The text is not well-formed YAML.',
  'yaml-alias': 'Anchors, aliases and merge keys are not allowed in a program file.',
  'yaml-tag': 'Explicit YAML tags are not allowed in a program file.',
  'yaml-documents': 'A program file holds exactly one YAML document.',
  'duplicate-key': 'A key stands twice in one mapping.',
  'unknown-key': 'A key that no program file has.',
  'missing-key': 'A key that must be there is not.',
  'wrong-type': 'A value has another type than the key takes.',
  'invalid-value': 'A value is outside what the key takes.',
  'invalid-quantity': 'An amount cannot be read, or is not a possible amount.',
  'invalid-date': 'A date or time that the calendar does not have.',
  'unknown-zone': 'A time zone that the IANA database does not have.',
  'weekday-mismatch': 'The weekday written beside a date is not the weekday of that date.',
  'unknown-person': 'A person who is not under people.',
  'unknown-role': 'A role that nobody holds.',
  'unknown-stream': 'A stream that is not under streams.',
  'unknown-deliverable': 'A deliverable that the stream does not have.',
  'unknown-checkpoint': 'A checkpoint that is not under checkpoints.',
  'unknown-channel': 'A channel that is not under channels.',
  'unknown-source': 'A source of evidence that is not under sources.',
  'unknown-collector': 'A kind of source that Muster does not have.',
  'unknown-metric': 'A metric that no source brings.',
  'unknown-rule': 'A rule or option that the policy does not have.',
  'unit-mismatch': 'A threshold in another unit than the metric it is held against.',
  'claim-not-proof': 'A critical criterion that only a claim would satisfy.',
  'invalid-branch': 'A branch name that git does not allow.',
  'dependency-cycle': 'Streams that wait for each other.',
  'quorum-too-large': 'A quorum larger than the number of people who hold the role.',
  'self-escalation': 'Someone who escalates to themselves.',
  'agenda-too-long': 'An agenda longer than its meeting.',
  'duplicate-branch': 'Two streams on one branch.',
  'day-off': 'A checkpoint on a holiday, or on a day on which nobody works.',
  'outside-hours': 'A checkpoint outside the working hours.',
  'meetings-overlap': 'Two meetings at one time that somebody should attend both.',
  'target-below-criterion': 'A target that leaves its stream below a criterion of the same checkpoint.',
  'gate-out-of-reach': 'A decision asks for more than the targets before it add up to.',
  'target-falls': 'A target lower than the one due before it.',
  'amount-above-whole': 'A part larger than its whole.',
  'empty-whole': 'A part of nothing.',
  'impossible-range': 'A range that runs backwards, or a share that no work can reach.',
  'nothing-measures': 'A criterion or deliverable that nothing can bring evidence for.',
  'threshold-direction': 'A limit on the side on which there should be none.',
  'criteria-contradict': 'Criteria of one checkpoint that cannot all decide as they say.',
  'late-dependency': 'A stream that waits for something that is due after its own last target.',
  'undeclared-dependency': 'Streams that meet at one component while no dependencies are declared.',
  'lookalike-names': 'Two streams with one name, or with names that look the same.',
  'over-allocated': 'Somebody who gives more than their whole time.',
  'facts-disagree': 'One fact with two values.',
  'paths-overlap': 'A path that belongs to two streams.',
  'branch-not-found': 'A branch that the repository does not have.',
  'exit-code-hidden': 'A command whose exit code says nothing of what it runs.',
  'nothing-guards': 'Streams decide themselves what is run to judge them, and nobody would notice.',
  'template-syntax': 'A template of a message that cannot be read.',
  'template-unknown-name': 'A template that uses data which its message does not have.',
  'template-unused': 'A template that no message is written by.',
  'waiver-without-expiry': 'A criterion that is waived for ever.',
} as const

export type ProblemCode = keyof typeof PROBLEMS

export const bySeverityThenPlace = (a: Problem, b: Problem): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)

/** A bug of ours, never a mistake of the user's: carries what a report needs. */
export class InternalError extends Error {
  override readonly name = 'InternalError'
}
