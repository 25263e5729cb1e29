import type { StateInput } from '#core/api/state.ts'
import type { Attention } from '#core/api/documents.ts'
import { overrideOf, standingOf } from '#core/api/standing.ts'
import { judgeCheck } from '#core/check.ts'
import type { DueCondition } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { SEVERITIES, type BlockerSeverity } from '#core/ledger/events.ts'
import { epoch } from '#core/schedule/time.ts'

export const rank = (severity: BlockerSeverity): number => SEVERITIES.indexOf(severity)

/** What needs a person, the worst first, then by when it is due. */
export function attentionOf(input: StateInput, report: CheckReport | undefined): readonly Attention[] {
  const { program, record, deliveries, trouble: broken } = input
  const lead = (stream: string): string[] => program.streams.filter((one) => one.id === stream).map((one) => one.lead)
  const blockers = record.state.blockers
    .filter((one) => one.resolvedAt === undefined)
    .toSorted((a, b) => rank(a.severity) - rank(b.severity))
    .map((one): Attention => ({
      kind: 'blocker',
      text: one.workaround === undefined ? `${one.title}: no workaround yet` : one.title,
      who: [one.owner],
      due: one.deadline,
      subject: streamSubject(one.stream),
      blocker: one.blocker,
    }))
  const escalations = record.escalations
    .filter((one) => one.clearedAt === undefined)
    .map((one): Attention => ({
      kind: 'escalation',
      text: one.scenario,
      who: [one.owner, one.escalateTo],
      ...(one.subject.startsWith('stream:') && { subject: one.subject as `stream:${string}` }),
    }))
  const standing = standingReports(input, report)
  const asked = standing.flatMap((one) => signaturesOf(input, one)).toSorted(soonestFirst)
  const conditions = standing
    .filter((one) => standsOnConditions(input, one))
    .flatMap((one) => (one === report ? one.decision.conditions : stillOpen(input, one, report)).map((each) => conditionOf(one, each)))
    .toSorted(soonestFirst)
  const waivers = (report?.waivers ?? [])
    .filter((one) => one.state === 'lapses-soon' || one.state === 'lapsed' || one.state === 'without-expiry')
    .map((one): Attention => ({
      kind: 'waiver',
      text: `${one.criterion}: ${one.note}`,
      who: [],
      ...(report && { checkpoint: report.checkpoint.id }),
    }))
  const silent =
    record.decisions.length === 0 && record.checkIns.size === 0 ? [] : program.streams.filter((one) => !record.checkIns.has(one.id))
  const checkIns = silent.map((one): Attention => ({
    kind: 'check-in',
    text: `${one.name} has not checked in`,
    who: lead(one.id),
    subject: streamSubject(one.id),
  }))
  const failed = deliveries.failed + deliveries.uncertain
  const troubles = [
    ...(broken === undefined ? [] : ['The program file cannot be used; the program as it was before is in force']),
    ...(failed === 0 ? [] : [`${failed} ${failed === 1 ? 'message' : 'messages'} may not have arrived`]),
  ]
  const trouble = troubles.map((text): Attention => ({ kind: 'trouble', text, who: [] }))
  return [...blockers, ...escalations, ...asked, ...conditions, ...trouble, ...waivers, ...checkIns]
}

const soonestFirst = (a: Attention, b: Attention): number => ((a.due ?? '') < (b.due ?? '') ? -1 : 1)

/** The decision that was taken last, and those of earlier checkpoints: what they left open is open until it is done. A look ahead at a checkpoint to come is none. */
const standingReports = ({ program, reports }: StateInput, newest: CheckReport | undefined): readonly CheckReport[] =>
  [...reports.values()].filter(
    (one) =>
      program.checkpoints.some(({ id }) => id === one.checkpoint.id) && (one === newest || epoch(one.at) >= epoch(one.checkpoint.at)),
  )

function signaturesOf({ program, record }: StateInput, report: CheckReport): readonly Attention[] {
  const checkpoint = program.checkpoints.find((one) => one.id === report.checkpoint.id)
  const signOffs = checkpoint ? standingOf(program, checkpoint, record, report).signOffs : []
  return signOffs
    .filter((one) => one.waitingFor.length > 0)
    .map((one) => ({
      kind: 'sign-off',
      text: `${report.checkpoint.name}: signature of ${one.role}, ${one.approved.length} of ${one.quorum}`,
      who: one.waitingFor,
      due: report.checkpoint.at,
      checkpoint: report.checkpoint.id,
    }))
}

/** Whoever set another verdict since asks for none of its conditions. */
const standsOnConditions = ({ program, record }: StateInput, { checkpoint, verdict }: CheckReport): boolean =>
  (overrideOf(program, checkpoint.id, record.state)?.verdict ?? verdict) === 'CONDITIONAL GO'

const conditionOf = ({ checkpoint }: CheckReport, { text, owner, due, subject }: DueCondition): Attention => ({
  kind: 'condition',
  text,
  who: [owner],
  due,
  subject: subject as `stream:${string}`,
  checkpoint: checkpoint.id,
})

/** Conditions of an earlier decision that what was found last does not meet, or says nothing of. */
function stillOpen(
  { program, record, snapshot }: StateInput,
  earlier: CheckReport,
  newest: CheckReport | undefined,
): readonly DueCondition[] {
  const { conditions } = earlier.decision
  const checkpoint = program.checkpoints.find(({ id }) => id === earlier.checkpoint.id)
  if (conditions.length === 0 || !checkpoint || !snapshot || !newest) return conditions
  const { report, decision } = judgeCheck({ program, checkpoint, snapshot, ledger: record.state, at: newest.at })
  return conditions.flatMap((one) => {
    const now = report.criteria.find(({ id, subject }) => id === one.criterion && subject === one.subject)
    const isMet = now?.rawStatus === 'satisfied' || now?.rawStatus === 'not-applicable'
    const again = decision.conditions.find(({ criterion, subject }) => criterion === one.criterion && subject === one.subject)
    return isMet ? [] : [{ ...one, text: again?.text ?? one.text }]
  })
}
