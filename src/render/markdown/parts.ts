import type { CheckReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import type { StreamDecision } from '#core/decide/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { code, joined, md, table, type Block } from '#render/markdown/write.ts'
import { foldActions, foldOpen, type Entry, type FoldedGroup } from '#render/fold.ts'
import { blockersWorstFirst, chosenWords, claimDifferences, isOverdue, reworkNotes } from '#render/select.ts'
import { safe, type Safe } from '#render/template.ts'
import { subjectNames, tell, whoWords } from '#render/told.ts'
import {
  formatActual,
  formatAmount,
  formatDay,
  groupTitle,
  HEALTH_SIGNS,
  intervalWords,
  people,
  sentence,
  setWords,
  short,
  STATUS_SIGNS,
  subjectName,
  troubleTimes,
  VERDICT_SIGNS,
  when,
  withoutYes,
  zoned,
} from '#render/words.ts'

/** Blocks that more than one of the artifacts shows. */

export const verdictLine = (report: CheckReport): Safe => md`**${VERDICT_SIGNS[report.verdict].shape} ${report.verdict}**`

export const verdictWords = (report: CheckReport): Block => {
  const { override, computedVerdict, rule } = report.decision
  const fired = md`${rule.title} (rule ${code(rule.id)})`
  return [
    override
      ? md`${verdictLine(report)}: ${setWords({ ...override, when: zoned(override.at, report), computed: computedVerdict })}, ${fired}`
      : md`${verdictLine(report)}: ${fired}`,
  ]
}

export const healthWords = (stream: StreamReport): string => `${HEALTH_SIGNS[stream.health].shape} ${stream.health}`

/** In a column of shares: what was not measured is not none. */
export const shareWords = ({ progress }: StreamReport): string => (progress === undefined ? 'unknown' : formatValue(progress, 'ratio'))

export const progressWords = (stream: StreamReport): string =>
  stream.progress === undefined ? 'progress unknown' : `${formatValue(stream.progress, 'ratio')} complete`

export const headWords = (stream: StreamReport): Safe =>
  stream.state.state === 'present'
    ? md`${code(stream.branch)} at ${code(short(stream.state.commit))}, tree ${code(short(stream.state.tree))}`
    : md`${code(stream.branch)}: ${stream.state.reason}`

export const measuredWords = (deliverable: DeliverableReport): string => {
  const { measured, unit, interval } = deliverable
  return formatActual(measured, unit) + (interval && unit ? intervalWords({ interval, unit }) : '')
}

export const deliverableTable = (deliverables: readonly DeliverableReport[]): Block =>
  table(
    ['Deliverable', 'Measured', 'Due', 'In full', 'Claimed', 'Status'],
    deliverables.map((deliverable) => [
      md`${deliverable.title}`,
      md`${measuredWords(deliverable)}`,
      md`${deliverable.due ? formatAmount(deliverable.due) : '–'}`,
      md`${deliverable.full ? formatAmount(deliverable.full) : '–'}`,
      md`${deliverable.claimed === undefined ? '–' : formatValue(deliverable.claimed, deliverable.unit)}`,
      deliverable.status === undefined
        ? md`nothing due`
        : md`${STATUS_SIGNS[deliverable.status].shape} ${deliverable.status}${deliverable.because === undefined ? '' : md`: ${deliverable.because}`}`,
    ]),
  )

export function openCriteria(report: CheckReport): readonly Block[] {
  const open = foldOpen(report)
  return [
    ...open.against.map((group) => openGroup(report, group, '')),
    ...open.besides.map((group) => openGroup(report, group, ', does not decide')),
  ]
}

const openGroup = (report: CheckReport, group: FoldedGroup, suffix: string): Block => [
  md`**${groupTitle(group, suffix)}**`,
  ...(group.entries.length === 0 ? [] : [safe('')]),
  ...group.entries.flatMap((entry) => openEntry(report, group, entry)),
]

function openEntry(report: CheckReport, { status }: FoldedGroup, entry: Entry): Block {
  const { shape } = STATUS_SIGNS[status]
  const { head, details, lines, beneath, flip } = tell(report, entry)
  const [title = '', ...about] = head
  const [bundle, ...others] = entry.bundles
  const id = others.length === 0 && bundle?.items.length === 1 ? bundle.items.map((item) => code(item.criterion)) : []
  const place = [...about.map((text) => md`${text}`), ...id]
  const said = [...details.map((text) => sentence(text)), ...(flip === undefined ? [] : [`To flip: ${flip}.`])].join(' ')
  return [
    md`- ${shape} **${title}**${place.length === 0 ? '' : md` (${joined(place, ' · ')})`}${said === '' ? '' : md`. ${said}`}`,
    ...beneath.map((text) => md`  - ${shape} ${text}`),
    ...lines.flatMap((line) => [
      md`  - ${line.name}${line.text === '' ? '' : md`: ${line.text}`}`,
      ...line.beneath.map((text) => md`    - ${shape} ${text}`),
    ]),
  ]
}

/** ` To flip: 7 more passing tests (lead-c).`, or nothing. */
export const toFlip = (text: string | undefined, who: readonly string[]): Safe =>
  text === undefined ? safe('') : md` To flip: ${text}${who.length === 0 ? '' : md` (${people(who)})`}.`

export const claimList = (report: CheckReport): Block =>
  claimDifferences(report).map((claim) => md`- ${subjectName(report, claim.subject)}, ${claim.title}: ${claim.text}`)

/** A box for each task. */
export const actionList = (report: CheckReport): Block =>
  foldActions(report).flatMap((actions) =>
    actions.tasks.map(({ text, subjects }) => {
      const who = actions.who.length === 0 ? '' : md`**${whoWords(actions)}**`
      const due = actions.due === undefined ? '' : md`${safe(who === '' ? '' : ', ')}by ${when(actions.due, report)}`
      const about = subjects.length === 0 ? '' : md`${subjectNames(report, subjects)}: `
      const lead = who === '' && due === '' ? '' : md`${who}${due}: `
      return md`- [ ] ${lead}${about}${text}`
    }),
  )

export const conditionList = (report: CheckReport): Block =>
  report.decision.conditions.map(
    (condition) =>
      md`- [ ] ${subjectName(report, condition.subject)}: ${condition.text} (${condition.owner}, by ${when(condition.due, report)})`,
  )

export const escalationTable = (report: CheckReport): Block =>
  table(
    ['Scenario', 'About', 'Owner', 'Escalate to', 'Action', 'Because'],
    report.decision.escalations.map((owed) => [
      md`${owed.scenario}`,
      md`${subjectName(report, owed.subject)}`,
      md`${owed.owner}`,
      md`${owed.escalateTo}`,
      md`${owed.action}`,
      md`${withoutYes(owed.because)}`,
    ]),
  )

export const blockerTable = (report: CheckReport): Block =>
  table(
    ['Severity', 'Blocker', 'Stream', 'Impact', 'Workaround', 'Owner', 'Deadline'],
    blockersWorstFirst(report).map(({ stream, blocker }) => [
      md`${blocker.severity.toUpperCase()}`,
      md`${blocker.title} (${code(blocker.blocker)})`,
      md`${stream.name}`,
      md`${blocker.impact}`,
      md`${blocker.workaround ?? 'none known'}`,
      md`${blocker.owner}`,
      md`${when(blocker.deadline, report)}${isOverdue(blocker, report) ? md`, overdue` : ''}`,
    ]),
  )

export const troubleList = (report: CheckReport): Block =>
  (report.troubles ?? []).map((one) => md`- ${troubleTimes(one, report)}: ${one.text}`)

export const waiverTable = (report: CheckReport): Block =>
  table(
    ['Waiver', 'Criterion', 'State', 'Note'],
    report.waivers.map((waiver) => [code(waiver.waiver), code(waiver.criterion), md`${waiver.state}`, md`${waiver.note}`]),
  )

export function mergePlan(report: CheckReport): Block {
  const { merge, onNoGo } = report.decision
  const names = (ids: readonly string[]): string => ids.map((id) => subjectName(report, id)).join(', ')
  return [
    ...(merge
      ? [
          ...merge.days.map((day) => md`- **${formatDay(day.date, day.weekday)}**: ${names(day.streams)}`),
          ...(merge.merged.length === 0 ? [] : [md`- Merged already: ${names(merge.merged)}`]),
          ...reworkNotes(report).map(({ label, text }) => md`- ${label === 'rework' ? 'Rework' : 'Surprise'}: ${text}`),
          ...merge.held.map((held) => md`- Held: ${subjectName(report, held.stream)}, ${held.because}`),
        ]
      : []),
    ...(onNoGo
      ? [
          ...onNoGo.blocked.map((entry) => md`- Blocked: **${subjectName(report, entry.stream)}**, ${entry.because.join('; ')}`),
          ...(onNoGo.continuing.length === 0 ? [] : [md`- Continue: ${names(onNoGo.continuing)}`]),
          ...(onNoGo.extendedUntil === undefined ? [] : [md`- Extended until ${when(onNoGo.extendedUntil, report)}`]),
          ...(onNoGo.reevaluateAt === undefined ? [] : [md`- Decided again ${when(onNoGo.reevaluateAt, report)}`]),
        ]
      : []),
  ]
}

export const optionMatrix = (matrix: NonNullable<StreamDecision['matrix']>): readonly Block[] => [
  matrix.immediate.map((step, index) => md`${index + 1}${safe('.')} ${step}`),
  table(
    ['', 'Option', 'For', 'Against', 'Recommended'],
    matrix.options.map((option) => [
      md`${option.id}`,
      md`${option.title}`,
      md`${option.pros.join('; ')}`,
      md`${option.cons.join('; ')}`,
      md`${matrix.recommend.includes(option.id) ? '→ yes' : ''}`,
    ]),
  ),
  ...(matrix.chosen ? [[md`**${chosenWords(matrix) ?? ''}**`]] : []),
  [md`Recommended: ${matrix.recommendation}${matrix.escalateTo === undefined ? '' : md`. Escalate to ${matrix.escalateTo}`}.`],
]

/** A box for each signature the quorum asks for, ticked where it was given. */
export const signOffBoxes = (report: CheckReport): Block =>
  report.decision.signOffs.flatMap((signOff) => {
    const missing = Math.max(0, signOff.quorum - signOff.approved.length)
    return [
      md`- ${signOff.role}: ${signOff.approved.length} of ${signOff.quorum}${signOff.waitingFor.length === 0 || missing === 0 ? '' : md`, waiting for ${people(signOff.waitingFor)}`}`,
      ...signOff.approved.map((name) => md`  - [x] approved by ${name}`),
      ...signOff.refused.map((name) => md`  - [ ] refused by ${name}`),
      ...Array.from({ length: missing }, () => md`  - [ ] approved by ${safe('\\_\\_\\_\\_\\_\\_\\_\\_')}`),
    ]
  })

export function recordLines(report: CheckReport): Block {
  const { next } = report.decision
  const { record } = report
  return [
    ...(next ? [md`- Next checkpoint: ${next.checkpoint}, ${when(next.at, report)}`] : []),
    record
      ? md`- Record ${code(record.id)}, number ${record.seq}, sealed ${code(short(record.hash, 12))}; recompute it with ${code(`muster replay ${record.id}`)}`
      : md`- Not recorded: this was a dry run`,
  ]
}
