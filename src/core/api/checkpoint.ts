import type { CheckpointDocument, CheckpointHead, CheckpointState } from '#core/api/documents.ts'
import type { ProgramRecord } from '#core/api/record.ts'
import { overrideOf, standingOf } from '#core/api/standing.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { signOffRules } from '#core/ledger/signable.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { attendeesOf } from '#core/schedule/answers.ts'

/** Newest decision about all streams of a checkpoint; one about some of them decides nothing for the rest. */
export const latestDecision = (record: ProgramRecord, checkpoint: string) =>
  record.decisions.findLast((one) => one.checkpoint === checkpoint && one.streams === undefined)

/** @param checkpoint As it stands now, moves applied. @param planned As the program file has it. @param program Says who may override. */
export function checkpointHead(
  checkpoint: Checkpoint,
  planned: Checkpoint | undefined,
  record: ProgramRecord,
  program: Program,
): CheckpointHead {
  const decision = latestDecision(record, checkpoint.id)
  const override = overrideOf(program, checkpoint.id, record.state)
  return {
    id: checkpoint.id,
    name: checkpoint.name,
    at: checkpoint.at,
    ...(planned && planned.at !== checkpoint.at && { movedFrom: planned.at }),
    durationSeconds: checkpoint.durationSeconds,
    state: stateOf(checkpoint.id, record),
    ...(decision && { verdict: override?.verdict ?? decision.verdict, decision: decision.id }),
    question: checkpoint.decision,
  }
}

function stateOf(checkpoint: string, record: ProgramRecord): CheckpointState {
  const move = record.state.moves?.[checkpoint]
  if (move && 'cancelled' in move) return 'cancelled'
  if (record.held.has(checkpoint)) return 'held'
  return record.opened.has(checkpoint) ? 'open' : 'upcoming'
}

export interface CheckpointInput {
  readonly program: Program
  /** As it stands now, moves applied, and as the program file has it. */
  readonly checkpoint: Checkpoint
  readonly planned: Checkpoint
  readonly record: ProgramRecord
  /** Of the newest decision and of the one before it, recomputed. */
  readonly reports: readonly [newest?: CheckReport | undefined, before?: CheckReport | undefined]
}

/** The run sheet of a checkpoint. */
export function checkpointDocument({ program, checkpoint, planned, record, reports }: CheckpointInput): CheckpointDocument {
  const [report, before] = reports
  const of = <T extends { readonly checkpoint: string }>(list: readonly T[]): readonly T[] =>
    list.filter((one) => one.checkpoint === checkpoint.id)
  return {
    ...checkpointHead(checkpoint, planned, record, program),
    agenda: checkpoint.agenda,
    attendees: attendeesOf(checkpoint, record.state, (id) => program.people.find((one) => one.id === id)?.name ?? id),
    ...(report && { report }),
    decisions: of(record.decisions),
    flips: report && before ? flipsOf(before, report) : [],
    ...(report && { standing: standingOf(program, checkpoint, record, report) }),
    signable: checkpoint.criteria.flatMap(({ id, subjects, condition }) => {
      const roles = [...new Set(signOffRules(condition).flatMap((one) => one.roles))]
      return roles.length === 0 ? [] : subjects.map((subject) => ({ criterion: id, subject, roles }))
    }),
    signOffs: of(record.state.signOffs),
    overrides: of(record.state.overrides),
    chosen: of(record.chosen),
    matrices: program.policy.matrices,
  }
}

/** What came out otherwise; a criterion that is new or gone is no flip. */
export function flipsOf(before: CheckReport, after: CheckReport): CheckpointDocument['flips'] {
  const known = new Map(before.criteria.map((one) => [`${one.subject} ${one.id}`, one.status]))
  return after.criteria.flatMap((one) => {
    const from = known.get(`${one.subject} ${one.id}`)
    return from === undefined || from === one.status
      ? []
      : [{ criterion: one.id, subject: one.subject, title: one.title, from, to: one.status }]
  })
}
