import type { CheckReport } from '#core/decide/report.ts'
import {
  actionList,
  blockerTable,
  conditionList,
  headWords,
  healthWords,
  mergePlan,
  openCriteria,
  recordLines,
  verdictWords,
  troubleList,
  waiverTable,
  shareWords,
} from '#render/markdown/parts.ts'
import { document, md, orElse, table, titled, type Block } from '#render/markdown/write.ts'
import { movedWords, when, zoned } from '#render/words.ts'

/** The first page: the verdict, one line for each stream, what is open, who does what. */
export const overview = (report: CheckReport): string => document(overviewBlocks(report, 1))

export function overviewBlocks(report: CheckReport, level: number): readonly Block[] {
  const { checkpoint, program } = report
  const moved = movedWords(report)
  return [
    ...titled(`${report.verdict}: ${program.name}, ${checkpoint.name}`, level, verdictWords(report), [
      md`${checkpoint.question} (${zoned(checkpoint.at, report)}; checked ${when(report.at, report)}${moved === undefined ? '' : md`; ${moved}`})`,
    ]),
    table(
      ['Stream', 'Lead', 'Status', 'Complete', 'Ready', 'Head'],
      report.streams.map((stream) => [
        md`${stream.name}`,
        md`${stream.lead.name}`,
        md`${healthWords(stream)}`,
        md`${shareWords(stream)}`,
        md`${stream.ready ? '✓ yes' : '✗ no'}`,
        headWords(stream),
      ]),
    ),
    ...titled('What is open', level + 1, ...(openCriteria(report).length > 0 ? openCriteria(report) : [[md`Nothing.`]])),
    ...titled('Who does what next', level + 1, orElse(actionList(report), 'Nothing is asked of anybody.')),
    ...titled('Conditions', level + 1, conditionList(report)),
    ...titled('Blockers', level + 1, blockerTable(report)),
    ...titled('Waivers', level + 1, waiverTable(report)),
    ...titled('What Muster could not do', level + 1, troubleList(report)),
    ...titled(report.decision.merge ? 'Merge plan' : 'Until the next decision', level + 1, mergePlan(report)),
    ...titled('Record', level + 1, recordLines(report)),
  ]
}
