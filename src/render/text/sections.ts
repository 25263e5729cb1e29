import { terminal } from '#render/encode.ts'
import type { Page } from '#render/text/index.ts'
import { table, type Cell } from '#render/text/table.ts'
import { hang, pad, widthOf } from '#render/text/wrap.ts'
import { blockersWorstFirst, claimDifferences, isOverdue } from '#render/select.ts'
import { formatDay, people, streamName, subjectName, when } from '#render/words.ts'

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

export const claimList = ({ report, width }: Page): readonly string[] =>
  claimDifferences(report).flatMap((claim) => hang('  ≠ ', `${subjectName(report, claim.subject)} · ${claim.title}: ${claim.text}`, width))

export function actionList({ report, width, paint }: Page): readonly string[] {
  if (report.actions.length === 0) return []
  const rows = report.actions.map((action): readonly Cell[] => [
    { text: action.who.length === 0 ? 'nobody named' : people(action.who) },
    { text: action.due === undefined ? '' : when(action.due, report), ink: 'dim' },
    { text: action.subject === undefined ? action.text : `${subjectName(report, action.subject)}: ${action.text}` },
  ])
  const columns = [{ header: '', fit: 'wrap', least: 12 }, { header: '' }, { header: '', fit: 'wrap', least: 24 }] as const
  return indented(table(columns, rows, width - 2, paint))
}

export const blockerList = ({ report, width, paint }: Page): readonly string[] =>
  blockersWorstFirst(report).flatMap(({ stream, blocker }) => {
      const overdue = isOverdue(blocker, report)
      return [
        ...hang('  ■ ', `${blocker.severity.toUpperCase()} · ${blocker.title} · ${stream.name} · ${blocker.owner}`, width).map((line) => paint(blocker.severity === 'critical' || overdue ? 'bad' : 'warn', line)),
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
        return hang(`    ${recommended ? '→' : ' '} ${pad(terminal(option.id), idWidth)}  `, `${option.title}${effects === '' ? '' : `: ${effects}`}`, width).map((line) => (recommended ? line : paint('dim', line)))
      }),
      ...hang('    ', `Recommended: ${matrix.recommendation}${matrix.escalateTo === undefined ? '' : ` · escalate to ${matrix.escalateTo}`}`, width),
    ]
  })

export function waiverList({ report, width, paint }: Page): readonly string[] {
  if (report.waivers.length === 0) return []
  const rows = report.waivers.map((waiver): readonly Cell[] => [{ text: waiver.waiver }, { text: waiver.state, ink: waiver.state === 'applied' ? 'warn' : 'bad' }, { text: waiver.criterion }, { text: waiver.note }])
  const columns = [{ header: '', fit: 'cut', least: 8 }, { header: '' }, { header: '', fit: 'cut', least: 10 }, { header: '', fit: 'wrap', least: 24 }] as const
  return indented(table(columns, rows, width - 2, paint))
}

export function mergePlan({ report, width }: Page): readonly string[] {
  const merge = report.decision.merge
  if (!merge) return []
  return [
    ...hang('  into        ', merge.target, width),
    ...merge.days.flatMap((day) => hang(`  ${`${formatDay(day.date, day.weekday)}:`.padEnd(11)} `, day.streams.map((id) => streamName(report, id)).join(', '), width)),
    ...(merge.merged.length === 0 ? [] : hang('  merged      ', merge.merged.map((id) => streamName(report, id)).join(', '), width)),
    ...merge.held.flatMap((held) => hang('  held        ', `${streamName(report, held.stream)}: ${held.because}`, width)),
  ]
}

export function noGoPlan({ report, width }: Page): readonly string[] {
  const plan = report.decision.onNoGo
  if (!plan) return []
  return [
    ...plan.blocked.flatMap((entry) => hang('  blocked   ', `${streamName(report, entry.stream)}: ${entry.because.join('; ')}`, width)),
    ...(plan.continuing.length === 0 ? [] : hang('  continue  ', plan.continuing.map((id) => streamName(report, id)).join(', '), width)),
    ...(plan.extendedUntil === undefined ? [] : hang('  extended  ', `until ${when(plan.extendedUntil, report)}`, width)),
    ...(plan.reevaluateAt === undefined ? [] : hang('  decide    ', `again ${when(plan.reevaluateAt, report)}`, width)),
  ]
}

export const signOffList = ({ report, width, paint }: Page): readonly string[] =>
  report.decision.signOffs.flatMap((signOff) => {
    const enough = signOff.approved.length >= signOff.quorum && signOff.refused.length === 0
    const words = [
      `${signOff.role} ${signOff.approved.length} of ${signOff.quorum}`,
      ...(signOff.approved.length === 0 ? [] : [`approved by ${people(signOff.approved)}`]),
      ...(signOff.refused.length === 0 ? [] : [`refused by ${people(signOff.refused)}`]),
      ...(enough || signOff.waitingFor.length === 0 ? [] : [`waiting for ${people(signOff.waitingFor)}`]),
    ].join(' · ')
    const [shape, ink] = signOff.refused.length > 0 ? (['✗', 'bad'] as const) : enough ? (['✓', 'good'] as const) : (['☐', 'unknown'] as const)
    return hang(`  ${shape} `, words, width).map((line) => paint(ink, line))
  })
