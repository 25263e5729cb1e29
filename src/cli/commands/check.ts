import { writeFile, appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { wantsColor, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { chooseCheckpoint, chooseStreams, chooseTime, collect } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { progressLine } from '#cli/progress.ts'
import { readState } from '#cli/ledger-state.ts'
import { recordCheck } from '#cli/record.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import { check } from '#engine/check.ts'
import { FORMATS, RENDERERS, type Format } from '#render/registry.ts'
import { MARKDOWN_PARTS } from '#render/renderer.ts'

const STAGES = ['evidence', 'evaluation', 'decision', 'actions'] as const

/** `muster check`: gather, evaluate, decide, record, render. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('check')
    .description('Gather evidence, judge every criterion, decide, record, and report.')
    .option(...CONFIG_OPTION)
    .option('--checkpoint <id>', 'checkpoint to hold (default: the one that is on or comes next)')
    .option('--at <time>', 'clock of the check (default: now)')
    .option('--stream <id>', 'look at this stream only; repeatable', collect)
    .addOption(new Option('--show <stage>', 'print one stage of the pipeline as JSON').choices(STAGES))
    .addOption(new Option('--format <format>', 'form of the report').choices(FORMATS).default('text'))
    .addOption(new Option('--part <part>', 'with --format markdown: which of the reports').choices(MARKDOWN_PARTS))
    .option('--output <file>', 'write the report to a file instead of standard output')
    .option('--dry-run', 'do not record the decision')
    .action(async (options) => {
      const file = await loadProgramFile(io, options.config)
      const { program } = file
      const at = chooseTime(io, program, options.at)
      const checkpoint = chooseCheckpoint(program, options.checkpoint, at)
      const streams = chooseStreams(program, options.stream)
      const ledger = await openLedger(io, file.folder, options.dryRun ? 'read' : 'write')
      try {
        const edges = await openEdges(io, program, file.folder)
        const line = progressLine(io)
        try {
          await edges.mirror.refresh(io.signal)
          const { state, seq } = await readState(ledger, program.id)
          const result = await check({ program, checkpoint, at, ledger: state, signal: io.signal, progress: line.report, ...(streams && { streams }) }, edges.ports)
          line.done()
          const record = options.dryRun ? undefined : await recordCheck(io, ledger, { program, at, state, seq, result, ...(streams && { streams }) })
          const report = record ? { ...result.report, record } : result.report
          if (options.show) {
            const stage = { evidence: result.snapshot, evaluation: result.evaluation, decision: result.decision, actions: report.actions }[options.show]
            io.stdout.write(`${JSON.stringify(stage, null, 2)}\n`)
          } else {
            await print(io, options.format, report, options)
          }
          exit(report.exitCode)
        } finally {
          line.done()
          await edges.close()
        }
      } finally {
        await ledger.close()
      }
    }) as unknown as PlainCommand
}

type Report = Parameters<Awaited<ReturnType<(typeof RENDERERS)['text']>>>[0]

async function print(io: Io, format: Format, report: Report, options: { readonly output?: string | undefined; readonly part?: (typeof MARKDOWN_PARTS)[number] | undefined }): Promise<void> {
  const render = await RENDERERS[format]()
  const color = options.output === undefined && wantsColor(io, io.stdout)
  const { output, summary } = render(report, { width: io.stdout.columns, color, ...(options.part && { part: options.part }) })
  if (options.output === undefined) io.stdout.write(output)
  else {
    await writeFile(resolve(io.cwd, options.output), output)
    io.stderr.write(`${report.verdict}: the report is in ${options.output}\n`)
  }
  const summaryFile = io.env['GITHUB_STEP_SUMMARY']
  if (summary !== undefined && summaryFile !== undefined && summaryFile !== '') await appendFile(summaryFile, summary)
}
