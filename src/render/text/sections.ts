import type { NoGoPlan, SignOffState } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { terminal } from '#render/encode.ts'
import type { Page } from '#render/text/index.ts'
import { table, type Cell } from '#render/text/table.ts'
import { hang, labelColumns, labelled, pad, widthOf } from '#render/text/wrap.ts'
import { subjectNames, whoWords } from '#render/told.ts'
import { foldActions, type Task } from '#render/fold.ts'
import { blockersWorstFirst, chosenWords, claimDifferences, isOverdue, planLines, reworkNotes } from '#render/select.ts'
import { formatDay, people, subjectName, troubleTimes, when } from '#render/words.ts'

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

export const claimList = ({ report, width }: Page): readonly string[] =>
  claimDifferences(report).flatMap((claim) => hang('  ≠ ', `${subjectName(report, claim.subject)} · ${claim.title}: ${claim.text}`, width))

/** Who on the left, what on the right; what the same people owe at the same time stands together. */
export function actionList({ report, width }: Page): readonly string[] {
  const folded = foldActions(report).map((actions) => ({ ...actions, name: whoWords(actions) }))
  if (folded.length === 0) return []
  const label = labelColumns(
    folded.map(({ name }) => name),
    width,
  )
  return folded.flatMap(({ name, due, tasks }) => {
    const by = due === undefined ? [] : [when(due, report)]
    const about = new Set(tasks.map(({ subjects }) => JSON.stringify(subjects)))
    const subject = about.size === 1 ? subjectsOf(report, tasks[0]) : []
    const [task, more] = tasks
    const head = [...by, ...subject].join(' · ')
    if (task && !more) return labelled('  ', name, label, head === '' ? task.text : `${head}: ${task.text}`, width)
    const texts = tasks.map((one) => [...(about.size === 1 ? [] : subjectsOf(report, one)), one.text].join(': '))
    const indent = ' '.repeat(widthOf(terminal(name)) > label ? 4 : label + 4)
    const [first, ...rest] = head === '' ? texts : [`${head}:`, ...texts.map((text) => `- ${text}`)]
    return [
      ...labelled('  ', name, label, first ?? '', width),
      ...rest.flatMap((text) => hang(text.startsWith('- ') ? `${indent}- ` : indent, text.replace(/^- /, ''), width)),
    ]
  })
}

const subjectsOf = (report: Page['report'], task: Task | undefined): readonly string[] =>
  task === undefined || task.subjects.length === 0 ? [] : [subjectNames(report, task.subjects)]

/** What leads plan, and who waits for whom, as they said it. */
export const checkInList = ({ report, width }: Page): readonly string[] =>
  report.streams.flatMap((stream) =>
    [
      ...planLines(stream),
      ...(stream.checkIn?.waitingOn ?? []).map((what) => `waits for ${what}`),
      ...(stream.checkIn?.blocking ?? []).map((what) => `keeps ${what} waiting`),
    ].flatMap((text) => hang('  ', `${stream.name} · ${text}`, width)),
  )

export const blockerList = ({ report, width, paint }: Page): readonly string[] =>
  blockersWorstFirst(report).flatMap(({ stream, blocker }) => {
    const overdue = isOverdue(blocker, report)
    return [
      ...hang('  ■ ', `${blocker.severity.toUpperCase()} · ${blocker.title} · ${stream.name} · ${blocker.owner}`, width).map((line) =>
        paint(blocker.severity === 'critical' || overdue ? 'bad' : 'warn', line),
      ),
      ...hang('    deadline    ', `${when(blocker.deadline, report)}${overdue ? ', overdue' : ''}`, width),
      ...hang('    impact      ', blocker.impact, width),
      ...hang('    workaround  ', blocker.workaround ?? 'none known', width),
    ]
  })

export const optionList = ({ report, width, paint }: Page): readonly string[] =>
  report.streams.flatMap((stream) => {
    const matrix = stream.matrix
    if (!matrix) return []
    const idWidth = Math.max(...matrix.options.map((option) => widthOf(terminal(option.id))), 1)
    return [
      ...hang('  ', `${stream.name}: ${matrix.title}. ${stream.healthRule.because}`, width).map((line) => paint('bold', line)),
      ...matrix.immediate.flatMap((step, index) => hang(`    now ${index + 1}  `, step, width)),
      ...matrix.options.flatMap((option) => {
        const recommended = matrix.recommend.includes(option.id)
        const effects = [...option.pros.map((pro) => `+ ${pro}`), ...option.cons.map((con) => `− ${con}`)].join(', ')
        return hang(
          `    ${recommended ? '→' : ' '} ${pad(terminal(option.id), idWidth)}  `,
          `${option.title}${effects === '' ? '' : `: ${effects}`}`,
          width,
        ).map((line) => (recommended ? line : paint('dim', line)))
      }),
      ...(matrix.chosen ? hang('    ', chosenWords(matrix) ?? '', width) : []),
      ...hang(
        '    ',
        `Recommended: ${matrix.recommendation}${matrix.escalateTo === undefined ? '' : ` · escalate to ${matrix.escalateTo}`}`,
        width,
      ),
    ]
  })

export const troubleList = ({ report, width }: Page): readonly string[] =>
  (report.troubles ?? []).flatMap((one) => hang('  ! ', `${troubleTimes(one, report)}: ${one.text}`, width))

export function waiverList({ report, width, paint }: Page): readonly string[] {
  if (report.waivers.length === 0) return []
  const rows = report.waivers.map((waiver): readonly Cell[] => [
    { text: waiver.waiver },
    { text: waiver.state, ink: waiver.state === 'applied' ? 'warn' : 'bad' },
    { text: waiver.criterion },
    { text: waiver.note },
  ])
  const columns = [
    { header: '', fit: 'cut', least: 8 },
    { header: '' },
    { header: '', fit: 'cut', least: 10 },
    { header: '', fit: 'wrap', least: 24 },
  ] as const
  return indented(table(columns, rows, width - 2, paint))
}

export function mergePlan({ report, width }: Page): readonly string[] {
  const merge = report.decision.merge
  if (!merge) return []
  return [
    ...hang('  into        ', merge.target, width),
    ...merge.days.flatMap((day) =>
      hang(`  ${`${formatDay(day.date, day.weekday)}:`.padEnd(11)} `, day.streams.map((id) => subjectName(report, id)).join(', '), width),
    ),
    ...(merge.merged.length === 0 ? [] : hang('  merged      ', merge.merged.map((id) => subjectName(report, id)).join(', '), width)),
    ...reworkNotes(report).flatMap(({ label, text }) => hang(`  ${label.padEnd(11)} `, text, width)),
    ...merge.held.flatMap((held) => hang('  held        ', `${subjectName(report, held.stream)}: ${held.because}`, width)),
  ]
}

export function noGoPlan({ report, width }: Page): readonly string[] {
  const plan = report.decision.onNoGo
  if (!plan) return []
  return [
    ...plan.blocked.flatMap((entry) => hang('  blocked   ', `${subjectName(report, entry.stream)}: ${blockedWords(report, entry)}`, width)),
    ...(plan.continuing.length === 0 ? [] : hang('  continue  ', plan.continuing.map((id) => subjectName(report, id)).join(', '), width)),
    ...(plan.extendedUntil === undefined ? [] : hang('  extended  ', `until ${when(plan.extendedUntil, report)}`, width)),
    ...(plan.reevaluateAt === undefined ? [] : hang('  decide    ', `again ${when(plan.reevaluateAt, report)}`, width)),
  ]
}

/** Why a stream cannot go on; many criteria that stand above under their titles are only counted. */
function blockedWords(report: CheckReport, { stream, because }: NoGoPlan['blocked'][number]): string {
  const named = new Set(
    report.decision.against
      .filter((finding) => finding.subject === `stream:${stream}` && finding.tier === 'critical')
      .map((finding) => finding.title),
  )
  return because.length > 2 && because.every((title) => named.has(title))
    ? `the ${because.length} critical criteria named above`
    : because.join('; ')
}

export const signOffList = ({ report, width, paint }: Page): readonly string[] =>
  (report.decision.signOffs.every((signOff) => isOnlyAskedFor(report, signOff)) ? [] : report.decision.signOffs).flatMap((signOff) => {
    const enough = signOff.approved.length >= signOff.quorum && signOff.refused.length === 0
    const words = [
      `${signOff.role} ${signOff.approved.length} of ${signOff.quorum}`,
      ...(signOff.approved.length === 0 ? [] : [`approved by ${people(signOff.approved)}`]),
      ...(signOff.refused.length === 0 ? [] : [`refused by ${people(signOff.refused)}`]),
      ...(enough || signOff.waitingFor.length === 0 ? [] : [`waiting for ${people(signOff.waitingFor)}`]),
    ].join(' · ')
    const [shape, ink] =
      signOff.refused.length > 0 ? (['✗', 'bad'] as const) : enough ? (['✓', 'good'] as const) : (['☐', 'unknown'] as const)
    return hang(`  ${shape} `, words, width).map((line) => paint(ink, line))
  })

/** Nobody has signed yet and the actions ask for it: the list of signatures would say it again. */
const isOnlyAskedFor = (report: CheckReport, { approved, refused, waitingFor, role }: SignOffState): boolean =>
  approved.length + refused.length === 0 &&
  report.actions.some(
    (action) => action.kind === 'sign' && action.text.includes(` ${role}`) && waitingFor.every((name) => action.who.includes(name)),
  )
