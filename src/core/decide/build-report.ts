import { exitCodeOf } from '#core/decide/decide.ts'
import type { Decision, StreamDecision } from '#core/decide/model.ts'
import type { Action, CheckReport, CriterionReport, DeliverableReport, PlannedReport, StreamReport } from '#core/decide/report.ts'
import type { Context, Observation } from '#core/evaluate/context.ts'
import { explain, explainCondition } from '#core/evaluate/explain.ts'
import type { Evaluation, Explanation, Judgement, Status } from '#core/evaluate/model.ts'
import { streamSubject, type Evidence } from '#core/evidence/evidence.ts'
import type { CheckIn } from '#core/ledger/events.ts'
import type { Amount, Condition, Deliverable, Stream } from '#core/program/model.ts'
import { attendeesOf } from '#core/schedule/answers.ts'
import { addSeconds, epoch, formatDate } from '#core/schedule/time.ts'

/** Puts one check together as the document that every renderer reads. Pure. */
export function buildReport(context: Context, evaluation: Evaluation, decision: Decision): CheckReport {
  const { program, checkpoint } = context
  const overridden = decision.override !== undefined && (decision.verdict === 'GO' || decision.verdict === 'CONDITIONAL GO')
  const criteria = evaluation.judgements.map((one) => criterionReport(context, one, overridden))
  const bySubject = Map.groupBy(criteria, (one) => one.subject)
  const looked = new Set(evaluation.streams.map((one) => one.stream))
  return {
    schemaVersion: 1,
    verdict: decision.verdict,
    exitCode: exitCodeOf(decision.verdict),
    program: { id: program.id, name: program.name, zone: program.calendar.zone, target: program.target },
    checkpoint: {
      id: checkpoint.id,
      name: checkpoint.name,
      at: checkpoint.at,
      ...(checkpoint.moved && { moved: checkpoint.moved }),
      durationSeconds: checkpoint.durationSeconds,
      question: checkpoint.decision,
      agenda: checkpoint.agenda,
      attendees: attendeesOf(checkpoint, context.ledger, (id) => context.name(id)),
      syncs: program.syncs,
    },
    at: context.at,
    people: Object.fromEntries(program.people.map((one) => [one.id, one.name])),
    streams: program.streams
      .filter((one) => looked.has(one.id))
      .map((one) => streamReport(context, one, evaluation, decision, bySubject.get(streamSubject(one.id)) ?? [])),
    criteria,
    waivers: evaluation.waivers,
    ...(context.ledger.troubles && { troubles: context.ledger.troubles }),
    decision,
    actions: actionsOf(context, decision),
  }
}

const OPEN: ReadonlySet<Status> = new Set(['unsatisfied', 'missing', 'stale', 'errored', 'inconclusive'])

function criterionReport(context: Context, judgement: Judgement, overridden: boolean): CriterionReport {
  const { criterion, subject, rawStatus, actual, target, unit } = judgement
  const status = overridden && OPEN.has(judgement.status) ? 'overridden' : judgement.status
  const explanation = explain(context, { ...judgement, status })
  return {
    id: criterion.id,
    subject,
    title: criterion.title,
    tier: criterion.tier,
    status,
    rawStatus,
    ...(unit !== undefined && { unit }),
    ...(actual !== undefined && { actual }),
    ...(target !== undefined && { target }),
    explanation,
    evidence: evidenceOf(explanation),
  }
}

/** Every piece of evidence an explanation rests on, each once, in the order of the tree. */
function evidenceOf(explanation: Explanation): readonly Evidence[] {
  const found = new Set<Evidence>()
  const walk = (one: Explanation): void => {
    if (one.evidence) found.add(one.evidence)
    for (const child of one.children) walk(child)
  }
  walk(explanation)
  return [...found]
}

function streamReport(
  context: Context,
  stream: Stream,
  evaluation: Evaluation,
  decision: Decision,
  criteria: readonly CriterionReport[],
): StreamReport {
  const subject = streamSubject(stream.id)
  const evaluated = evaluation.streams.find((one) => one.stream === stream.id)
  const decided = decision.streams.find((one) => one.stream === stream.id)
  const checkIn = context.checkIn(stream.id)
  return {
    id: stream.id,
    name: stream.name,
    lead: { id: stream.lead, name: context.name(stream.lead) },
    branch: stream.branch,
    state: context.snapshot.subjects[subject] ?? { state: 'unavailable', reason: 'it was not looked at' },
    health: evaluated?.health ?? 'UNKNOWN',
    healthRule: decided?.healthRule ?? { id: 'unknown', title: '', because: '' },
    ...(evaluated?.progress !== undefined && { progress: evaluated.progress }),
    ready: decided?.ready ?? false,
    deliverables: stream.deliverables.map((one) => deliverableReport(context, stream, one, criteria)),
    integrationPoints: stream.integrationPoints.map((point) => {
      const condition: Condition =
        point.measure === undefined ? { signOff: { roles: ['lead'], quorum: 1 } } : pointCondition(context, point.measure)
      const { status, because } = explainCondition(context, condition, subject)
      return { id: point.id, title: point.title, with: point.with, status, because }
    }),
    blockers: context.openBlockers(stream.id),
    ...(checkIn && { checkIn }),
    ...(checkIn?.plan && { planned: plannedReport(context, stream, checkIn.plan) }),
    dependsOn: stream.dependsOn,
    ...(decided?.matrix && { matrix: decided.matrix }),
    criteria,
  }
}

function plannedReport(context: Context, stream: Stream, plan: NonNullable<CheckIn['plan']>): PlannedReport[] {
  return Object.entries(plan).map(([name, planned]) => {
    const deliverable = stream.deliverables.find((one) => one.id === name)
    const metric = deliverable?.measure ?? name
    const observation = context.observe(streamSubject(stream.id), metric, 'measured')
    const { unit, title } = context.metric(metric) ?? {}
    return {
      title: deliverable?.title ?? title ?? name,
      ...(unit !== undefined && { unit }),
      planned,
      ...(observation.status === 'observed' && observation.value !== undefined && { measured: observation.value }),
    }
  })
}

/** An integration point with a measure holds when its test does: yes, all of a share, or no failure counted. */
function pointCondition(context: Context, measure: string): Condition {
  const metric = context.metric(measure)
  const leaf = (comparison: Extract<Condition, { metric: string }>['comparison']): Condition => ({
    metric: measure,
    comparison,
    provenance: 'measured',
  })
  if (metric?.unit === 'boolean') return leaf({ op: 'equals', value: true })
  if (metric?.better === 'lower') return leaf({ op: 'atMost', value: 0 })
  return leaf({ op: 'atLeast', value: 1 })
}

function deliverableReport(
  context: Context,
  stream: Stream,
  deliverable: Deliverable,
  criteria: readonly CriterionReport[],
): DeliverableReport {
  const subject = streamSubject(stream.id)
  const target = context.targets(subject, [deliverable.kind]).find((one) => one.target?.deliverable === deliverable.id)
  const judged = target && criteria.find((one) => one.id === target.id)
  const observation: Observation | undefined =
    deliverable.measure === undefined ? undefined : context.observe(subject, deliverable.measure, 'measured')
  const unit = deliverable.measure === undefined ? undefined : context.metric(deliverable.measure)?.unit
  const claim = context.claim(stream.id, deliverable.id, deliverable.measure)
  const due = target && unit !== undefined ? dueOf(target.condition, unit) : undefined
  return {
    id: deliverable.id,
    title: deliverable.title,
    kind: deliverable.kind,
    ...(unit !== undefined && { unit }),
    ...(deliverable.full && { full: deliverable.full }),
    ...(due && { due }),
    ...(observation?.status === 'observed' && observation.value !== undefined && { measured: observation.value }),
    ...(observation?.interval && { interval: observation.interval }),
    ...(claim && { claimed: claim.value }),
    ...(judged && { status: judged.status, because: judged.explanation.because }),
  }
}

function dueOf(condition: Condition, unit: Amount['unit']): Amount | undefined {
  if (!('metric' in condition)) return undefined
  const { comparison } = condition
  if (comparison.op === 'between') return { low: comparison.low, high: comparison.high, unit }
  return typeof comparison.value === 'number' ? { low: comparison.value, high: comparison.value, unit } : undefined
}

/**
 * Who does what next, each action once, said from the decision: escalations, then what the decision
 * itself waits for (signatures), then what closes it, and last what follows from it.
 */
function actionsOf(context: Context, decision: Decision): Action[] {
  const names = (ids: readonly string[]): string[] => ids.map((id) => context.name(id))
  const { checkpoint } = context
  const blocked = decision.streams.filter((one) => one.health === 'BLOCKED' && one.matrix)
  const nextAt = decision.onNoGo?.reevaluateAt ?? decision.next?.at
  const due = nextAt === undefined ? {} : { due: nextAt }
  const over = addSeconds(checkpoint.at, checkpoint.durationSeconds)
  // A decision that is taken after the meeting, such as one that is taken again, is signed within the length of another one.
  const signDue = epoch(decision.at) > epoch(over) ? addSeconds(decision.at, checkpoint.durationSeconds) : over
  const next = context.program.checkpoints.find((one) => one.id === decision.next?.checkpoint)
  return [
    ...blocked.flatMap(({ stream, matrix }) =>
      (matrix?.immediate ?? []).map((text): Action => ({
        kind: 'escalate',
        text,
        who: leadsOf(context, stream),
        due: addSeconds(context.at, withinOf(context, matrix?.id)),
        subject: streamSubject(stream),
      })),
    ),
    ...decision.escalations.map((one): Action => ({
      kind: 'escalate',
      text: `${one.scenario}: ${one.action}`,
      who: names([one.owner, one.escalateTo]),
      subject: one.subject,
    })),
    ...decision.signOffs
      .filter((one) => one.waitingFor.length > 0)
      .map((one): Action => ({
        kind: 'sign',
        text: `Sign the decision as ${one.role} (${one.approved.length} of ${one.quorum})`,
        who: names(one.waitingFor),
        due: signDue,
      })),
    ...decision.against
      .filter(
        (one) =>
          one.tier === 'critical' && !decision.conditions.some((each) => each.criterion === one.criterion && each.subject === one.subject),
      )
      .map((one): Action => ({
        kind: 'close',
        text: `${one.title}: ${one.flip ?? one.because}`,
        who: names(one.who),
        ...due,
        subject: one.subject,
        criterion: one.criterion,
      })),
    ...decision.conditions.map((one): Action => ({
      kind: 'condition',
      text: one.text,
      who: names([one.owner]),
      due: one.due,
      subject: one.subject,
      criterion: one.criterion,
    })),
    ...decision.streams
      .filter((one) => one.matrix && one.health !== 'BLOCKED')
      .map((one): Action => ({
        kind: 'recommend',
        text: chosenWords(one) ?? one.matrix?.recommendation ?? '',
        who: leadsOf(context, one.stream),
        subject: streamSubject(one.stream),
      })),
    ...(decision.merge?.days ?? []).map((day): Action => ({
      kind: 'merge',
      text: `Merge ${day.streams.map((id) => context.stream(id)?.name ?? id).join(', ')} into ${decision.merge?.target ?? ''} on ${formatDate(day.date)}`,
      who: [...new Set(day.streams.flatMap((id) => leadsOf(context, id)))],
    })),
    ...decision.actions.map((text): Action => ({ kind: 'follow-up', text, who: [] })),
    ...(decision.next
      ? [
          {
            kind: 'schedule' as const,
            text: `Meet for ${next?.name ?? decision.next.checkpoint}`,
            who: names(next?.attendees ?? []),
            due: decision.next.at,
          },
        ]
      : []),
  ]
}

/** Once somebody has chosen, that is what is done. */
function chosenWords({ matrix }: StreamDecision): string | undefined {
  const option = matrix?.options.find((one) => one.id === matrix.chosen?.option)
  return option && `${option.title}, as chosen: ${matrix?.chosen?.reason}`
}

const leadsOf = (context: Context, stream: string): string[] =>
  [context.stream(stream)?.lead].flatMap((id) => (id === undefined ? [] : [context.name(id)]))

const withinOf = (context: Context, matrix: string | undefined): number =>
  context.program.policy.matrices.find((one) => one.id === matrix)?.withinSeconds ?? 3600
