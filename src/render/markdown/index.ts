import type { CheckReport } from '#core/decide/report.ts'
import type { MarkdownPart, Renderer } from '#render/renderer.ts'
import { overviewBlocks } from '#render/markdown/overview.ts'
import { runSheetBlocks } from '#render/markdown/run-sheet.ts'
import { streamBlocks } from '#render/markdown/stream-report.ts'
import { syncBlocks } from '#render/markdown/sync-report.ts'
import { document, type Block } from '#render/markdown/write.ts'

export { overview } from '#render/markdown/overview.ts'
export { runSheet } from '#render/markdown/run-sheet.ts'
export { streamReport } from '#render/markdown/stream-report.ts'
export { syncReport } from '#render/markdown/sync-report.ts'

/**
 * The three artifacts of a checkpoint: a report for each stream, the cross-stream sync report and
 * the meeting's run sheet; `all` puts an overview before them. A stream that the report does not
 * have gives an empty document.
 */
export const renderMarkdown: Renderer = (report, options = {}) => {
  const chosen = options.stream === undefined ? report.streams : report.streams.filter((stream) => stream.id === options.stream)
  const blocks =
    options.stream !== undefined ? chosen.flatMap((stream) => streamBlocks(report, stream, 1)) : PARTS[options.part ?? 'all'](report)
  return { output: blocks.length === 0 ? '' : document(blocks), exitCode: report.exitCode }
}

const PARTS: Readonly<Record<MarkdownPart, (report: CheckReport) => readonly Block[]>> = {
  all: (report) => [
    ...overviewBlocks(report, 1),
    ...syncBlocks(report, 2),
    ...report.streams.flatMap((stream) => streamBlocks(report, stream, 2)),
    ...runSheetBlocks(report, 2),
  ],
  streams: (report) => report.streams.flatMap((stream) => streamBlocks(report, stream, 1)),
  sync: (report) => syncBlocks(report, 1),
  meeting: (report) => runSheetBlocks(report, 1),
}
