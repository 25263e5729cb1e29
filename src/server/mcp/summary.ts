import type { CheckReport, CriterionReport, StreamReport } from '#core/decide/report.ts'
import { isSettled } from '#core/decide/risk.ts'
import type { Explanation, Status } from '#core/evaluate/model.ts'
import type { Evidence } from '#core/evidence/evidence.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { RENDERERS } from '#render/registry.ts'

/** Widest that the text report gets. */
const COLUMNS = 120

/** What of a report is about one stream and about the program as a whole; all of it for no stream. The verdict stays that of all that was judged. */
export function about(report: CheckReport, stream: string | undefined): CheckReport {
  if (stream === undefined) return report
  const subject = streamSubject(stream)
  const ofIt = <T extends { readonly subject?: string }>(all: readonly T[]): readonly T[] =>
    all.filter((one) => one.subject === undefined || one.subject === subject || one.subject === 'program')
  const { decision } = report
  return {
    ...report,
    streams: report.streams.filter((one) => one.id === stream),
    criteria: ofIt(report.criteria),
    actions: ofIt(report.actions),
    decision: {
      ...decision,
      against: ofIt(decision.against),
      streams: decision.streams.filter((one) => one.stream === stream),
      conditions: ofIt(decision.conditions),
      escalations: ofIt(decision.escalations),
    },
  }
}

/** Without what is for a meeting: options, plans, and what follows from them; `explain` has all of it. */
export const brief = (report: CheckReport): CheckReport => {
  const { merge: _merge, onNoGo: _onNoGo, ...decision } = report.decision
  return {
    ...report,
    streams: report.streams.map(({ matrix: _matrix, ...stream }) => stream),
    actions: report.actions.filter(({ kind }) => kind === 'close' || kind === 'condition'),
    decision: { ...decision, signOffs: [] },
  }
}

/** The report as people read it. */
export const reportLines = async (report: CheckReport): Promise<readonly string[]> => {
  const render = await RENDERERS.text()
  return render(report, { width: COLUMNS }).output.trimEnd().split('\n')
}

/** A report in short, under the names of `muster check --format json`: what is not met with its reason, the rest counted. */
export function summaryOf(report: CheckReport): object {
  const { schemaVersion, verdict, exitCode, program, checkpoint, at, streams, criteria, decision, record } = report
  return {
    schemaVersion,
    verdict,
    exitCode,
    program: { id: program.id, name: program.name },
    checkpoint: { id: checkpoint.id, name: checkpoint.name, at: checkpoint.at, question: checkpoint.question },
    at,
    streams: streams.map(streamSummary),
    criteria: criteria.filter((one) => !isSettled(one.status)).map(criterionSummary),
    counts: countsOf(criteria),
    decision: {
      rule: decision.rule,
      computedVerdict: decision.computedVerdict,
      ...(decision.override && { override: decision.override }),
      conditions: decision.conditions,
      escalations: decision.escalations,
      ...(decision.next && { next: decision.next }),
    },
    ...(record && { record }),
  }
}

function streamSummary(stream: StreamReport): object {
  const { id, name, lead, branch, state, health, healthRule, progress, ready, deliverables, dependsOn, checkIn } = stream
  return {
    id,
    name,
    lead,
    branch,
    state: state.state === 'present' ? { state: state.state, commit: state.commit, tree: state.tree } : state,
    health,
    because: healthRule.because,
    ...(progress !== undefined && { progress }),
    ready,
    deliverables: deliverables.map(({ id, title, unit, due, measured, claimed, status, because }) => ({
      id,
      title,
      unit,
      due,
      measured,
      claimed,
      status,
      because,
    })),
    dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
    checkIn,
  }
}

/** Why it is so, down to the commit; the whole tree is for `explain`. */
function criterionSummary(criterion: CriterionReport): object {
  const { id, subject, title, tier, status, rawStatus, unit, actual, target, explanation, evidence } = criterion
  const { rule, because, claim, flip } = explanation
  return {
    id,
    subject,
    title,
    tier,
    status,
    rawStatus,
    unit,
    actual,
    target,
    explanation: { rule, because, claim, flip: flip ?? firstFlip(explanation) },
    evidence: evidence.slice(0, MOST_EVIDENCE).map(evidenceSummary),
  }
}

const MOST_EVIDENCE = 3

function firstFlip({ flip, children }: Explanation): Explanation['flip'] {
  if (flip) return flip
  for (const child of children) {
    const found = firstFlip(child)
    if (found) return found
  }
  return undefined
}

const evidenceSummary = ({ metric, status, value, provenance, commit, tree, observedAt, source, reason, details }: Evidence): object => ({
  metric,
  status,
  value,
  provenance,
  commit,
  tree,
  observedAt,
  source,
  reason,
  details: details?.slice(0, MOST_EVIDENCE),
})

function countsOf(criteria: readonly CriterionReport[]): Readonly<Partial<Record<Status, number>>> {
  const counts: Partial<Record<Status, number>> = {}
  for (const { status } of criteria) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
