import { isSettled, openBlockers, riskOf } from '#core/decide/risk.ts'
import type { CheckReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import { deliverableTable, headWords, healthWords, measuredWords, progressWords, toFlip } from '#render/markdown/parts.ts'
import { document, md, orElse, titled, type Block } from '#render/markdown/write.ts'
import { isOverdue, mergeWords, noBlockers, planLines } from '#render/select.ts'
import { capital, confidenceWords, formatAmount, statusWords, STATUS_SIGNS, when, zoned } from '#render/words.ts'

/** What one stream reports to its checkpoint. Claims are named as claims; the rest is measured. */
export const streamReport = (report: CheckReport, stream: StreamReport): string => document(streamBlocks(report, stream, 1))

export function streamBlocks(report: CheckReport, stream: StreamReport, level: number): readonly Block[] {
  return [
    ...titled(`Checkpoint report: ${stream.name}`, level, facts(report, stream)),
    ...titled('Deliverables', level + 1, orElse(deliverableTable(stream.deliverables), 'None declared.')),
    ...titled('Completed', level + 1, orElse(completed(stream), 'Nothing.')),
    ...titled('Remaining', level + 1, orElse(remaining(stream), 'Nothing of what is due.')),
    ...titled('Blockers', level + 1, orElse(blockers(report, stream), capital(`${noBlockers(stream)}.`))),
    ...titled('Performance', level + 1, performance(stream)),
    ...titled('Next', level + 1, next(report, stream)),
  ]
}

function facts(report: CheckReport, stream: StreamReport): Block {
  const { risk, because } = riskOf(stream)
  const confidence = confidenceWords(stream)
  const checkIn = stream.checkIn
  return [
    md`- Checkpoint: ${report.checkpoint.name}, ${zoned(report.checkpoint.at, report)}`,
    md`- Lead: ${stream.lead.name}`,
    md`- Branch: ${headWords(stream)}`,
    md`- Status: **${healthWords(stream)}** (${progressWords(stream)}). ${stream.healthRule.because}`,
    md`- Ready to merge: **${stream.ready ? 'yes' : 'no'}**`,
    md`- Risk level: **${risk}**, ${because}`,
    confidence === undefined || !checkIn
      ? md`- Confidence: nothing claimed`
      : md`- Confidence: ${confidence} (claimed by ${checkIn.actor}, ${when(checkIn.at, report)})`,
  ]
}

const completed = (stream: StreamReport): Block => [
  ...stream.deliverables
    .filter((deliverable) => deliverable.status === 'satisfied')
    .map((deliverable) => md`- ${deliverable.title}: ${measuredWords(deliverable)} (measured)`),
  ...(stream.checkIn?.done ?? []).map((done) => md`- ${done} (claimed)`),
]

const remaining = (stream: StreamReport): Block =>
  stream.criteria
    .filter((criterion) => !isSettled(criterion.status))
    .map((criterion) => {
      const { because, flip } = criterion.explanation
      return md`- ${STATUS_SIGNS[criterion.status].shape} ${criterion.title} (${criterion.tier}, ${statusWords(criterion.status, criterion.rawStatus)}): ${because}.${toFlip(flip?.text, flip?.who ?? [])}`
    })

const blockers = (report: CheckReport, stream: StreamReport): Block =>
  openBlockers(stream).map(
    (blocker) =>
      md`- **${blocker.severity.toUpperCase()}** ${blocker.title}: ${blocker.impact}. Workaround: ${blocker.workaround ?? 'none known'}. ${blocker.owner}, by ${when(blocker.deadline, report)}${isOverdue(blocker, report) ? md` (overdue)` : ''}`,
  )

const performance = (stream: StreamReport): Block =>
  stream.deliverables.filter((deliverable) => deliverable.kind === 'performance').flatMap(performanceLines)

const performanceLines = (deliverable: DeliverableReport): Block => {
  const target = deliverable.due ?? deliverable.full
  return [
    md`- ${deliverable.title}`,
    md`  - Target: ${target ? formatAmount(target) : 'none set'}`,
    md`  - Achieved: ${measuredWords(deliverable)}`,
    md`  - Status: ${deliverable.status === undefined ? 'nothing due' : `${STATUS_SIGNS[deliverable.status].shape} ${deliverable.status}`}${deliverable.because === undefined ? '' : md`, ${deliverable.because}`}`,
  ]
}

const next = (report: CheckReport, stream: StreamReport): Block => [
  md`- Merge: ${mergeWords(report, stream)}`,
  ...(stream.checkIn?.next ?? []).map((step) => md`- ${step} (planned by ${stream.checkIn?.actor ?? stream.lead.name})`),
  ...planLines(stream).map((text) => md`- ${text}`),
  ...(stream.checkIn?.waitingOn ?? []).map((what) => md`- Waiting on: ${what}`),
  ...(stream.checkIn?.blocking ?? []).map((what) => md`- Waited for by: ${what}`),
  ...(stream.checkIn?.risks ?? []).map((risk) => md`- Risk named: ${risk}`),
]
