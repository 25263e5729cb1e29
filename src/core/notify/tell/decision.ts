import type { CheckReport, CriterionReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import { isSettled, openBlockers, overallRisk, riskOf } from '#core/decide/risk.ts'
import { STATUSES } from '#core/evaluate/model.ts'
import type { NoticeData } from '#core/notify/data.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { blockerOf, meetingOf, nameOf, nextCheckpoint, openBlockersOf, personOf, subjectName, tell } from '#core/notify/parts.ts'
import { TIERS, type Amount, type Checkpoint, type Program } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'

/** What a check says of a checkpoint: of the program, and of each stream. All of it stands in the report. */

type Criterion = NoticeData['status']['stream']['criteria'][number]

/** More than a message holds: the rest is counted, and stands in the report. */
const MOST = 25

export function decisionNotices(occasion: Occasion, record?: NoticeData['decision']['record']): Notice[] {
  const { report, program } = occasion
  const checkpoint = report && program.checkpoints.find((one) => one.id === report.checkpoint.id)
  if (!report || !checkpoint) return []
  return [
    decisionNotice(occasion, report, checkpoint, record),
    ...report.streams.map((stream) => statusNotice(occasion, report, checkpoint, stream, true)),
  ]
}

export function healthNotices(occasion: Occasion, id: string): Notice[] {
  const { report, program } = occasion
  const checkpoint = report && program.checkpoints.find((one) => one.id === report.checkpoint.id)
  const stream = report?.streams.find((one) => one.id === id)
  return report && checkpoint && stream ? [statusNotice(occasion, report, checkpoint, stream, false)] : []
}

function decisionNotice(
  occasion: Occasion,
  report: CheckReport,
  checkpoint: Checkpoint,
  record: NoticeData['decision']['record'] = null,
): Notice {
  const { program } = occasion
  const { decision } = report
  // Conditions stand by themselves.
  const actions = report.actions.filter((one) => one.kind !== 'condition')
  const name = (id: string): string => nameOf(program, id)
  const about = (subject: string): string => subjectName(program, subject)
  const against = decision.against.flatMap(({ criterion, subject }) => {
    const found = report.criteria.find((one) => one.id === criterion && one.subject === subject)
    return found ? [{ ...criterionOf(occasion, found), about: about(subject) }] : []
  })
  const confidences = report.streams.flatMap((one) => confidenceOf(one) ?? [])
  return tell(occasion, 'decision', {
    thread: `checkpoint:${checkpoint.id}`,
    title: `${checkpoint.name}: ${decision.verdict}`,
    people: [...checkpoint.attendees, ...program.streams.map((one) => one.lead), ...openBlockersOf(occasion).map(({ owner }) => owner.id)],
    data: {
      checkpoint: meetingOf(occasion, checkpoint),
      at: report.at,
      decision: outcomeOf(occasion, report),
      streams: report.streams.map((one) => streamOf(occasion, report, one)),
      integrationPoints: report.streams.flatMap((stream) =>
        stream.integrationPoints.map((point) => ({
          stream: stream.name,
          title: point.title,
          with: point.with,
          status: point.status,
          because: point.because,
        })),
      ),
      dependencies: report.streams.flatMap((stream) =>
        stream.dependsOn.map((one) => ({
          stream: stream.name,
          needs: about(one.stream),
          reaches: one.reaches,
          progress: report.streams.find((other) => other.id === one.stream)?.progress ?? null,
        })),
      ),
      against: against.slice(0, MOST),
      moreAgainst: Math.max(0, against.length - MOST),
      conditions: decision.conditions.map((one) => ({
        text: one.text,
        owner: name(one.owner),
        due: one.due,
        about: about(one.subject),
      })),
      escalations: decision.escalations.map((one) => ({
        scenario: one.scenario,
        owner: name(one.owner),
        to: name(one.escalateTo),
        action: one.action,
        because: one.because,
        about: about(one.subject),
      })),
      signOffs: decision.signOffs.map((one) => ({
        role: one.role,
        quorum: one.quorum,
        approved: one.approved.map(name),
        refused: one.refused.map(name),
        waitingFor: one.waitingFor.map(name),
      })),
      merge: mergeOf(occasion, report),
      again: decision.onNoGo
        ? {
            extendedUntil: decision.onNoGo.extendedUntil ?? null,
            reevaluateAt: decision.onNoGo.reevaluateAt ?? null,
            continuing: decision.onNoGo.continuing.map(about),
          }
        : null,
      actions: actions.slice(0, MOST).map((one) => ({
        kind: one.kind,
        text: one.text,
        who: [...one.who],
        due: one.due ?? null,
        about: one.subject === undefined || one.subject === 'program' ? null : about(one.subject),
      })),
      moreActions: Math.max(0, actions.length - MOST),
      risk: overallRisk(report),
      confidence: confidences.length === 0 ? null : Math.min(...confidences),
      next: nextOf(occasion, report),
      record,
      head: occasion.head ?? null,
    },
  })
}

function mergeOf({ program }: Occasion, { decision }: CheckReport): NoticeData['decision']['merge'] {
  const { merge } = decision
  if (!merge) return null
  return {
    days: merge.days.map((day) => ({
      date: day.date,
      weekday: day.weekday as NonNullable<NoticeData['decision']['merge']>['days'][number]['weekday'],
      streams: day.streams.map((id) => subjectName(program, id)),
    })),
    held: merge.held.map((one) => ({ stream: subjectName(program, one.stream), because: one.because })),
  }
}

function statusNotice(occasion: Occasion, report: CheckReport, checkpoint: Checkpoint, stream: StreamReport, decided: boolean): Notice {
  const { program } = occasion
  const criteria = stream.criteria
    .toSorted(
      (a, b) =>
        Number(isSettled(a.status)) - Number(isSettled(b.status)) ||
        TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) ||
        STATUSES.indexOf(b.status) - STATUSES.indexOf(a.status),
    )
    .map((one) => criterionOf(occasion, one))
  const deliverables = stream.deliverables.map(deliverableOf)
  const { checkIn } = stream
  return tell(occasion, 'status', {
    thread: `checkpoint:${checkpoint.id}`,
    title: `${stream.name}: ${stream.health}`,
    people: [stream.lead.id],
    data: {
      checkpoint: meetingOf(occasion, checkpoint),
      at: report.at,
      stream: {
        ...streamOf(occasion, report, stream),
        branch: stream.branch,
        commit: stream.state.state === 'present' ? stream.state.commit : null,
        deliverables,
        criteria: criteria.slice(0, MOST),
        moreCriteria: Math.max(0, criteria.length - MOST),
        completed: [
          ...deliverables.flatMap((one) =>
            one.status === 'satisfied' ? [one.measured === null ? one.title : `${one.title}: ${one.measured}`] : [],
          ),
          ...(checkIn?.done ?? []).map((one) => `${one} (claimed)`),
        ],
        remaining: stream.criteria
          .filter((one) => !isSettled(one.status))
          .slice(0, MOST)
          .map((one) => `${one.title}: ${one.explanation.flip?.text ?? one.explanation.because}`),
        blockers: openBlockers(stream).map((one) => blockerOf(occasion, one)),
        checkIn: checkIn
          ? {
              at: checkIn.at,
              by: nameOf(program, checkIn.actor),
              done: [...checkIn.done],
              next: [...checkIn.next],
              risks: [...checkIn.risks],
              waitingOn: [...(checkIn.waitingOn ?? [])],
              blocking: [...(checkIn.blocking ?? [])],
            }
          : null,
      },
      decision: outcomeOf(occasion, report),
      decided,
      next: nextOf(occasion, report),
    },
  })
}

function outcomeOf({ program }: Occasion, { decision }: CheckReport): NoticeData['status']['decision'] {
  const { override } = decision
  return {
    verdict: decision.verdict,
    rule: decision.rule.title,
    override: override
      ? { by: nameOf(program, override.by), at: override.at, reason: override.reason, computed: decision.computedVerdict }
      : null,
  }
}

function nextOf(occasion: Occasion, { decision, at }: CheckReport): NoticeData['status']['next'] {
  const { next } = decision
  if (!next) return nextCheckpoint(occasion, at)
  return { name: occasion.program.checkpoints.find((one) => one.id === next.checkpoint)?.name ?? next.checkpoint, at: next.at }
}

function streamOf({ program }: Occasion, report: CheckReport, stream: StreamReport): NoticeData['decision']['streams'][number] {
  const { risk, because } = riskOf(stream)
  return {
    id: stream.id,
    name: stream.name,
    lead: personOf(program, stream.lead.id),
    health: stream.health,
    because: stream.healthRule.because,
    progress: stream.progress ?? null,
    ready: stream.ready,
    risk,
    riskBecause: because,
    merge: mergeStateOf(program, report, stream),
    confidence: confidenceOf(stream) ?? null,
  }
}

const confidenceOf = ({ checkIn }: StreamReport): number | undefined => checkIn?.confidence?.program ?? checkIn?.confidence?.week

function mergeStateOf(
  { checkpoints }: Program,
  { checkpoint, decision, verdict }: CheckReport,
  stream: StreamReport,
): NoticeData['decision']['streams'][number]['merge'] {
  const { merge, onNoGo } = decision
  // Where it goes on without a plan, all that is there has been merged.
  const goesOn = verdict === 'GO' || verdict === 'CONDITIONAL GO'
  if (checkpoints.find(({ id }) => id === checkpoint.id)?.merge === false || (goesOn && !merge))
    return { state: 'none', on: null, because: null }
  if (merge?.merged.includes(stream.id)) return { state: 'merged', on: null, because: null }
  const day = merge?.days.find((one) => one.streams.includes(stream.id))
  if (day) return { state: 'planned', on: day.date, because: null }
  const held = merge?.held.find((one) => one.stream === stream.id)
  if (held) return { state: 'held', on: null, because: held.because }
  const blocked = onNoGo?.blocked.find((one) => one.stream === stream.id)
  // Many reasons are the titles of criteria, which are listed as what is open.
  if (blocked)
    return {
      state: 'held',
      on: null,
      because: blocked.because.length > 2 ? `${blocked.because.length} critical criteria are open` : blocked.because.join('; '),
    }
  return { state: 'waits', on: null, because: stream.ready ? `the decision is ${verdict}` : 'it is not ready' }
}

function criterionOf({ program }: Occasion, one: CriterionReport): Criterion {
  const { flip, because } = one.explanation
  return {
    id: one.id,
    title: one.title,
    tier: one.tier,
    status: one.status,
    rawStatus: one.rawStatus,
    actual: one.actual === undefined ? null : formatValue(one.actual, one.unit),
    target: one.target === undefined ? null : formatValue(one.target, one.unit),
    because,
    flip: flip?.text ?? null,
    who: (flip?.who ?? []).map((id) => nameOf(program, id)),
  }
}

const amount = (value: Amount | undefined): string | null =>
  value === undefined
    ? null
    : value.low === value.high
      ? formatValue(value.low, value.unit)
      : `${formatValue(value.low, value.unit)} to ${formatValue(value.high, value.unit)}`

function deliverableOf(one: DeliverableReport): NoticeData['status']['stream']['deliverables'][number] {
  const whole = one.full?.low === one.full?.high ? one.full?.low : undefined
  const share =
    typeof one.measured === 'number' && whole !== undefined && whole > 0 && one.kind !== 'performance'
      ? Math.max(0, one.measured / whole)
      : undefined
  return {
    id: one.id,
    title: one.title,
    kind: one.kind,
    measured: one.measured === undefined ? null : formatValue(one.measured, one.unit),
    claimed: one.claimed === undefined ? null : formatValue(one.claimed, one.unit),
    due: amount(one.due),
    full: amount(one.full),
    share: share ?? null,
    status: one.status ?? null,
    because: one.because ?? null,
  }
}
