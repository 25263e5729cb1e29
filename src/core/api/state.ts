import { attentionOf, rank } from '#core/api/attention.ts'
import { checkpointHead } from '#core/api/checkpoint.ts'
import type { BlockerDocument, GridCell, StateDocument, StreamHead } from '#core/api/documents.ts'
import type { ProgramRecord } from '#core/api/record.ts'
import { verdictRules } from '#core/decide/verdict-rules.ts'
import type { CheckReport, CriterionReport } from '#core/decide/report.ts'
import type { Status } from '#core/evaluate/model.ts'
import type { Snapshot } from '#core/evidence/evidence.ts'
import type { DeliveryState } from '#core/notify/outbox.ts'
import type { Program, Stream, Verdict } from '#core/program/model.ts'

export interface StateInput {
  /** As it stands now: moves and cancellations applied. */
  readonly program: Program
  /** As the file has it. */
  readonly planned: Program
  readonly record: ProgramRecord
  /** Checkpoint id -> report of its newest decision, recomputed. */
  readonly reports: ReadonlyMap<string, CheckReport>
  /** Of the decision that was taken last: whether what an earlier one left open is met since. */
  readonly snapshot?: Snapshot
  readonly deliveries: Readonly<Record<DeliveryState, number>>
  /** Whether the process that answers does what is due by itself. */
  readonly running: boolean
  /** Why the program file as it is now is not in force. */
  readonly trouble?: string
}

/** All that the overview needs. Pure, and without a clock: one head of the ledger, one document. */
export function stateDocument(input: StateInput): StateDocument {
  const { program, planned, record, reports, deliveries } = input
  const newest = newestReport(input)
  return {
    schemaVersion: 1,
    program: {
      id: program.id,
      name: program.name,
      zone: program.calendar.zone,
      target: program.target,
      people: program.people.map(({ id, name, roles }) => ({ id, name, roles })),
      authority: program.policy.authority,
      rules: verdictRules(program).map(({ id, title }) => ({ id, title })),
    },
    ...(record.head && { head: record.head }),
    streams: program.streams.map((one) => streamHead(one, record, newest)),
    checkpoints: planned.checkpoints.map((one) =>
      checkpointHead(program.checkpoints.find(({ id }) => id === one.id) ?? one, one, record, program),
    ),
    grid: [...reports.values()].flatMap(gridOf),
    attention: attentionOf(input, newest),
    blockers: blockersOf(record),
    escalations: record.escalations,
    deliveries,
    syncs: program.syncs,
    running: input.running,
  }
}

/** Of the decision that was taken last. */
function newestReport({ record, reports }: StateInput): CheckReport | undefined {
  const last = record.decisions.findLast((one) => one.streams === undefined)
  return last && reports.get(last.checkpoint)
}

export function streamHead(stream: Stream, record: ProgramRecord, report: CheckReport | undefined): StreamHead {
  const judged = report?.streams.find((one) => one.id === stream.id)
  const checkIn = record.state.checkIns[stream.id]
  const confidence = checkIn?.confidence?.program ?? checkIn?.confidence?.week
  return {
    id: stream.id,
    name: stream.name,
    lead: stream.lead,
    support: stream.support,
    branch: stream.branch,
    ...(judged && { health: judged.health, because: judged.healthRule.because, ready: judged.ready }),
    ...(judged?.progress !== undefined && { progress: judged.progress }),
    ...(checkIn && { checkedInAt: checkIn.at }),
    ...(confidence !== undefined && { confidence }),
  }
}

const UNDECIDED: ReadonlySet<Status> = new Set(['missing', 'stale', 'errored', 'inconclusive'])

/** The standing verdict rules over the criteria of one stream: a breach outranks missing evidence, both outrank conditions. */
export function verdictOf(criteria: readonly Pick<CriterionReport, 'tier' | 'status'>[]): Verdict {
  const [critical, supporting] = (['critical', 'supporting'] as const).map((tier) => criteria.filter((one) => one.tier === tier))
  if (critical?.some((one) => one.status === 'unsatisfied') === true) return 'NO-GO'
  if (!critical || critical.every((one) => one.status === 'not-applicable') || critical.some((one) => UNDECIDED.has(one.status)))
    return 'INCONCLUSIVE'
  const isConditional =
    critical.some((one) => one.status === 'waived' || one.status === 'overridden') ||
    supporting?.some((one) => one.status === 'unsatisfied' || UNDECIDED.has(one.status)) === true
  return isConditional ? 'CONDITIONAL GO' : 'GO'
}

const gridOf = (report: CheckReport): readonly GridCell[] =>
  report.streams.map((one) => {
    const counts: Partial<Record<Status, number>> = {}
    for (const { status } of one.criteria) counts[status] = (counts[status] ?? 0) + 1
    return { stream: one.id, checkpoint: report.checkpoint.id, verdict: verdictOf(one.criteria), health: one.health, counts }
  })

export function blockersOf(record: ProgramRecord): readonly BlockerDocument[] {
  const all = record.state.blockers.map((one): BlockerDocument => ({
    ...one,
    ...record.outcomes.get(one.blocker),
    told: record.told
      .filter(({ timer, dropped }) => dropped === undefined && timer.startsWith(`blocker:${one.blocker}/`))
      .map(({ at, timer }) => ({ at, to: record.reached.get(timer) ?? [], action: stageOf(timer) })),
  }))
  const open = all.filter((one) => one.resolvedAt === undefined).toSorted(worstFirst)
  const over = all.filter((one) => one.resolvedAt !== undefined).toSorted((a, b) => ((a.resolvedAt ?? '') < (b.resolvedAt ?? '') ? 1 : -1))
  return [...open, ...over]
}

/** `deadline` of `blocker:keys/deadline@2026-02-27T12:00:00Z`. */
const stageOf = (timer: string): string => timer.slice(timer.lastIndexOf('/') + 1, timer.lastIndexOf('@'))

const worstFirst = (a: BlockerDocument, b: BlockerDocument): number =>
  rank(a.severity) - rank(b.severity) || (a.deadline < b.deadline ? -1 : 1)
