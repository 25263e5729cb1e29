import { overallRisk } from '#core/decide/risk.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { formatValue } from '#core/program/quantity.ts'
import { claimList, healthWords, mergePlan, shareWords, verdictWords } from '#render/markdown/parts.ts'
import { document, md, orElse, table, titled, type Block } from '#render/markdown/write.ts'
import { mergeWords } from '#render/select.ts'
import { confidenceWords, STATUS_SIGNS, subjectName, zoned } from '#render/words.ts'

/** How the streams stand together: each one's status, where they meet, and who merges when. */
export const syncReport = (report: CheckReport): string => document(syncBlocks(report, 1))

export function syncBlocks(report: CheckReport, level: number): readonly Block[] {
  return [
    ...titled(
      'Cross-stream sync report',
      level,
      [md`${report.program.name}, ${report.checkpoint.name}, ${zoned(report.checkpoint.at, report)}`],
      verdictWords(report),
    ),
    ...titled('All streams', level + 1, orElse(streams(report), 'The program has no stream.')),
    ...titled('Integration points', level + 1, orElse(integrationPoints(report), 'None declared.')),
    ...titled('Cross-stream dependencies', level + 1, dependencies(report)),
    ...titled('Claims that differ from the measurement', level + 1, claimList(report)),
    ...titled(
      report.decision.merge ? 'Merge plan' : 'No merge plan',
      level + 1,
      orElse(mergePlan(report), `There is none while the decision is ${report.verdict}.`),
    ),
    ...titled('Overall', level + 1, overall(report)),
  ]
}

const streams = (report: CheckReport): Block =>
  table(
    ['Stream', 'Lead', 'Status', 'Complete', 'Merge'],
    report.streams.map((stream) => [
      md`${stream.name}`,
      md`${stream.lead.name}`,
      md`${healthWords(stream)}`,
      md`${shareWords(stream)}`,
      md`${mergeWords(report, stream)}`,
    ]),
  )

const integrationPoints = (report: CheckReport): Block =>
  report.streams.flatMap((stream) =>
    stream.integrationPoints.map(
      (point) =>
        md`- ${STATUS_SIGNS[point.status].shape} ${stream.name} → ${point.with}: ${point.title}, **${point.status}**, ${point.because}`,
    ),
  )

function dependencies(report: CheckReport): Block {
  const said = report.streams.flatMap(({ name, checkIn }) => [
    ...(checkIn?.waitingOn ?? []).map((what) => md`- ${name} waits for: ${what} (said by ${checkIn?.actor ?? ''})`),
    ...(checkIn?.blocking ?? []).map((what) => md`- ${name} keeps waiting: ${what} (said by ${checkIn?.actor ?? ''})`),
  ])
  const known = report.streams.filter((stream) => stream.dependsOn !== undefined)
  if (known.length === 0) return said
  const lines = known.flatMap((stream) =>
    (stream.dependsOn ?? []).map((dependency) => {
      const progress = report.streams.find((other) => other.id === dependency.stream)?.progress
      return md`- ${stream.name} needs ${subjectName(report, dependency.stream)} at ${formatValue(dependency.reaches, 'ratio')} or more; it is at ${progress === undefined ? 'an unknown share' : formatValue(progress, 'ratio')}`
    }),
  )
  return orElse([...lines, ...said], 'None declared.')
}

const overall = (report: CheckReport): Block => [
  md`- Risk: **${overallRisk(report)}**`,
  ...report.streams.map(
    (stream) => md`- Confidence of ${stream.lead.name} (${stream.name}): ${confidenceWords(stream) ?? 'nothing claimed'}`,
  ),
]
