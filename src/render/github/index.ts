import type { CheckReport } from '#core/decide/report.ts'
import type { Renderer } from '#render/renderer.ts'
import { workflowMessage, workflowProperty } from '#render/encode.ts'
import { overview } from '#render/markdown/overview.ts'
import { against, alsoOpen, type OpenItem } from '#render/select.ts'
import { actualAndTarget, capital, decidedWords, people, sentence, subjectName } from '#render/words.ts'

/**
 * Workflow commands that GitHub Actions turns into annotations, worst first because it shows only
 * the first ten of a kind; `summary` is Markdown for the file named by GITHUB_STEP_SUMMARY.
 */
export const renderGithub: Renderer = (report) => {
  const open = [...against(report), ...alsoOpen(report)].flatMap((group) => group.items)
  const lines = [verdictCommand(report), ...open.map((item) => command(levelOf(item), titleOf(report, item), messageOf(item)))]
  return { output: lines.map((line) => `${line}\n`).join(''), exitCode: report.exitCode, summary: overview(report) }
}

type Level = 'error' | 'warning' | 'notice'

const command = (level: Level, title: string, message: string): string =>
  `::${level} title=${workflowProperty(title)}::${workflowMessage(message)}`

function verdictCommand(report: CheckReport): string {
  const levels = { GO: 'notice', 'CONDITIONAL GO': 'warning', 'NO-GO': 'error', INCONCLUSIVE: 'error' } as const
  return command(levels[report.verdict], `${report.verdict}: ${report.program.name}, ${report.checkpoint.name}`, decidedWords(report))
}

/** A waiver or an override was somebody's decision: it is shown, and is no error. */
function levelOf(item: OpenItem): Level {
  if (item.tier === 'advisory') return 'notice'
  return item.tier === 'critical' && item.status !== 'waived' && item.status !== 'overridden' ? 'error' : 'warning'
}

const titleOf = (report: CheckReport, item: OpenItem): string =>
  `${capital(item.tier)}, ${item.status}: ${item.title} (${subjectName(report, item.subject)})`

function messageOf(item: OpenItem): string {
  const numbers = item.criterionReport && actualAndTarget(item.criterionReport)
  return [
    ...(numbers === undefined ? [] : [sentence(numbers)]),
    sentence(item.because),
    ...(item.flip === undefined ? [] : [sentence(`to flip: ${item.flip}`)]),
    ...(item.who.length === 0 ? [] : [`Who: ${people(item.who)}.`]),
  ].join(' ')
}
