import type { CheckReport } from '#core/decide/report.ts'
import type { Renderer } from '#render/renderer.ts'
import { formatDuration } from '#core/program/quantity.ts'
import { columnsOf } from '#render/text/page.ts'
import { painter, type Paint } from '#render/text/paint.ts'
import { hang } from '#render/text/wrap.ts'
import { streamTable } from '#render/text/streams.ts'
import { openCriteria } from '#render/text/open.ts'
import {
  actionList,
  blockerList,
  checkInList,
  claimList,
  mergePlan,
  noGoPlan,
  optionList,
  signOffList,
  troubleList,
  waiverList,
} from '#render/text/sections.ts'
import { capital, decidedWords, movedWords, short, VERDICT_SIGNS, when, zoned } from '#render/words.ts'

/** The report people read on a terminal: the verdict first, then what is open, then who does what. */
export const renderText: Renderer = (report, options = {}) => {
  const page: Page = { report, width: columnsOf(options), paint: painter(options.color ?? false) }
  const blocks = [
    head(page),
    section(page, 'Streams (code and tests: measured/due)', streamTable(page)),
    ...openCriteria(page),
    section(page, 'Claims that differ from the measurement', claimList(page)),
    section(page, 'Planned and waited for, as checked in', checkInList(page)),
    section(page, 'Next, and who', actionList(page)),
    section(page, 'Blockers', blockerList(page)),
    section(page, 'Options', optionList(page)),
    section(page, 'Waivers', waiverList(page)),
    section(page, 'What Muster could not do', troubleList(page)),
    section(page, 'Merge plan', mergePlan(page)),
    section(page, 'Until the next decision', noGoPlan(page)),
    section(page, 'Sign-offs', signOffList(page)),
    foot(page),
  ]
  const lines = blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]))
  return { output: `${lines.map((line) => line.trimEnd()).join('\n')}\n`, exitCode: report.exitCode }
}

export interface Page {
  readonly report: CheckReport
  readonly width: number
  readonly paint: Paint
}

/** A titled block; nothing where there is nothing to say. */
export function section(page: Page, title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [page.paint('heading', title), ...lines]
}

function head({ report, width, paint }: Page): readonly string[] {
  const { decision, checkpoint, program } = report
  const sign = VERDICT_SIGNS[report.verdict]
  const verdict = `${sign.shape} ${report.verdict}`
  const [first = '', ...more] = hang(`${verdict}  `, `${program.name} · ${checkpoint.name}`, width)
  const moved = movedWords(report)
  return [
    paint(sign.tone, paint('bold', verdict)) + paint('bold', first.slice(verdict.length)),
    ...more.map((line) => paint('bold', line)),
    ...hang(
      '  ',
      `${zoned(checkpoint.at, report)} · ${formatDuration(checkpoint.durationSeconds)} · checked ${when(report.at, report)}`,
      width,
    ).map((line) => paint('dim', line)),
    ...(moved === undefined ? [] : hang('  ', capital(moved), width)),
    ...hang('  ', checkpoint.question, width),
    ...hang('  ', decision.override ? capital(decidedWords(report, when)) : decidedWords(report), width).map((line) =>
      decision.override ? paint('warn', line) : line,
    ),
  ]
}

function foot({ report, width, paint }: Page): readonly string[] {
  const { next, against } = report.decision
  const example = against[0]?.criterion ?? report.criteria[0]?.id
  const record = report.record
  return [
    ...(next ? hang('Next checkpoint  ', `${next.checkpoint}, ${when(next.at, report)}`, width) : []),
    ...hang(
      'Record           ',
      record ? `${record.id} · number ${record.seq} · sealed ${short(record.hash, 12)}` : 'none, this was a dry run',
      width,
    ),
    ...(record ? hang('Recompute        ', `muster replay ${record.id}`, width) : []),
    ...(example === undefined ? [] : hang('Why              ', `muster explain ${example}`, width)),
  ].map((line) => paint('dim', line))
}
