import { openBlockers } from '#core/decide/risk.ts'
import type { CheckReport, StreamReport } from '#core/decide/report.ts'
import { formatDuration, formatValue } from '#core/program/quantity.ts'
import {
  actionList,
  conditionList,
  escalationTable,
  healthWords,
  measuredWords,
  openCriteria,
  optionMatrix,
  recordLines,
  signOffBoxes,
  verdictWords,
} from '#render/markdown/parts.ts'
import { document, joined, md, orElse, table, titled, type Block } from '#render/markdown/write.ts'
import { noBlockers, planLines, timedAgenda, type TimedItem } from '#render/select.ts'
import { safe, type Safe } from '#render/template.ts'
import { attendanceWords, capital, count, formatAmount, movedWords, when, zoned } from '#render/words.ts'

/** What the chair reads from: the agenda by the clock with the numbers filled in, the decision, the boxes to sign. */
export const runSheet = (report: CheckReport): string => document(runSheetBlocks(report, 1))

export function runSheetBlocks(report: CheckReport, level: number): readonly Block[] {
  const { checkpoint, decision } = report
  return [
    ...titled(`Meeting run sheet: ${checkpoint.name}`, level, facts(report)),
    ...titled('Agenda', level + 1, orElse(agenda(report), 'No agenda in the program.')),
    ...titled('Decision to take', level + 1, [md`${checkpoint.question}`], verdictWords(report)),
    ...titled('What speaks against GO', level + 2, ...openCriteria(report)),
    ...report.streams.flatMap((stream) =>
      stream.matrix
        ? titled(`Options for ${stream.name} (${stream.health}): ${stream.matrix.title}`, level + 2, ...optionMatrix(stream.matrix))
        : [],
    ),
    ...titled('Conditions', level + 2, conditionList(report)),
    ...titled('Escalations owed', level + 2, escalationTable(report)),
    ...titled('Sign-offs', level + 2, orElse(signOffBoxes(report), 'No role has to sign.')),
    ...titled(
      'What follows',
      level + 1,
      decision.actions.filter((text) => !report.actions.some((action) => action.text === text)).map((action) => md`- ${action}`),
    ),
    ...titled('Action items', level + 1, orElse(actionList(report), 'None.')),
    ...titled('Afterwards', level + 1, [...syncs(report), ...recordLines(report)]),
  ]
}

function facts(report: CheckReport): Block {
  const { checkpoint, program } = report
  const moved = movedWords(report)
  return [
    md`- When: ${zoned(checkpoint.at, report)}, ${formatDuration(checkpoint.durationSeconds)}${moved === undefined ? '' : md`; ${moved}`}`,
    md`- Program: ${program.name}`,
    md`- Attendees: ${checkpoint.attendees.length === 0 ? 'nobody named' : attendanceWords(checkpoint.attendees)}`,
    md`- Evidence as of ${when(report.at, report)}`,
  ]
}

const agenda = (report: CheckReport): Block =>
  table(
    ['Time', 'For', 'Item', 'Numbers and topics'],
    timedAgenda(report).map((item) => [
      md`${item.start}–${item.end}`,
      md`${formatDuration(item.seconds)}`,
      item.stream ? md`${item.title}: **${item.stream.name}** (${item.stream.lead.name})` : md`${item.title}`,
      notes(item),
    ]),
  )

function notes(item: TimedItem): Safe {
  const lines = [...(item.stream ? numbers(item.stream) : []), ...(item.topics.length === 0 ? [] : [md`Topics: ${item.topics.join(', ')}`])]
  return joined(lines, '<br>')
}

/** What a lead would otherwise read out. */
function numbers(stream: StreamReport): readonly Safe[] {
  const due = stream.deliverables.filter((deliverable) => deliverable.due !== undefined || deliverable.status !== undefined)
  const open = openBlockers(stream)
  return [
    md`${healthWords(stream)}${stream.progress === undefined ? '' : md`, ${formatValue(stream.progress, 'ratio')}`}`,
    ...due.map((deliverable) => {
      const claim =
        deliverable.claimed === undefined || deliverable.claimed === deliverable.measured
          ? ''
          : md`, claimed ${formatValue(deliverable.claimed, deliverable.unit)}`
      return md`${deliverable.title}: ${measuredWords(deliverable)}${deliverable.due ? md`, due ${formatAmount(deliverable.due)}` : ''}${claim}`
    }),
    ...planLines(stream).map((text) => md`${text}`),
    ...(stream.checkIn?.waitingOn ?? []).map((what) => md`Waits for: ${what}`),
    ...(stream.checkIn?.blocking ?? []).map((what) => md`Keeps waiting: ${what}`),
    md`Blockers: ${open.length === 0 ? noBlockers(stream) : count(open.length, 'open', 'open')}`,
    md`Ready to merge: ${safe(stream.ready ? '**yes**' : '**no**')}`,
  ]
}

const syncs = (report: CheckReport): Block =>
  report.checkpoint.syncs.map(
    (sync) =>
      md`- Sync: ${sync.name}, ${sync.days.map((day) => capital(day.slice(0, 3))).join(' and ')} ${sync.time}, ${formatDuration(sync.durationSeconds)}, ${sync.format}${sync.topics.length === 0 ? '' : md`: ${sync.topics.join(', ')}`}`,
  )
