import { access, appendFile, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, EXIT, wantsColor, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { chooseCheckpoint, chooseStreams, chooseTime, collect } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { progressLine } from '#cli/progress.ts'
import { checkOnRecord, holdingBy, lookOnly } from '#cli/check-on-record.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import { json } from '#render/encode.ts'
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
    .addOption(
      new Option('--hold', 'hold the checkpoint: this decision is the one that counts, and muster run tells of it').conflicts([
        'dryRun',
        'stream',
      ]),
    )
    .option('--dry-run', 'do not record the decision')
    .action(async (options) => {
      if (options.part !== undefined && options.format !== 'markdown')
        throw new CommandError('--part names a part of the Markdown report\n  add --format markdown')
      const file = await loadProgramFile(io, options.config)
      const { program } = file
      const at = chooseTime(io, program, options.at)
      // What is mistaken is refused before there is a ledger.
      chooseCheckpoint(program, options.checkpoint, at)
      const streams = chooseStreams(program, options.stream)
      if (options.output !== undefined) await requireWritable(io, options.output)
      const ledger = await openLedger(io, file.folder, options.dryRun ? 'read' : 'write')
      try {
        const edges = await openEdges(io, program, file.folder)
        const line = progressLine(io)
        try {
          await edges.mirror.refresh(io.signal)
          const choose = (moves: LedgerState['moves']) => chooseCheckpoint(program, options.checkpoint, at, moves)
          const only = { ...(streams && { streams }), progress: line.report }
          const result = options.dryRun
            ? await lookOnly(ledger, edges, { program, choose, at, signal: io.signal, ...only })
            : await checkOnRecord(io, ledger, edges, {
                program,
                choose,
                ...only,
                ...(options.at !== undefined && { at }),
                ...(options.hold && { hold: await holdingBy(io, file, ledger) }),
              })
          line.done()
          const { report } = result
          exit(report.exitCode)
          if (options.show) {
            const stage = { evidence: result.snapshot, evaluation: result.evaluation, decision: result.decision, actions: report.actions }[
              options.show
            ]
            await put(io, report, json(stage), options.output)
          } else {
            await print(io, options.format, report, options)
          }
        } finally {
          line.done()
          await edges.close()
        }
      } finally {
        await ledger.close()
      }
    }) as unknown as PlainCommand
}

async function print(
  io: Io,
  format: Format,
  report: CheckReport,
  options: { readonly output?: string | undefined; readonly part?: (typeof MARKDOWN_PARTS)[number] | undefined },
): Promise<void> {
  const render = await RENDERERS[format]()
  const color = options.output === undefined && wantsColor(io, io.stdout)
  const { output, summary } = render(report, { width: io.stdout.columns, color, ...(options.part && { part: options.part }) })
  await put(io, report, output, options.output)
  const summaryFile = io.env['GITHUB_STEP_SUMMARY']
  if (summary === undefined || summaryFile === undefined || summaryFile === '') return
  // The annotations are printed and the verdict stands: a page that is missing does not change it.
  await appendFile(summaryFile, summary).catch((error: Error) =>
    io.stderr.write(`warning: no step summary, GITHUB_STEP_SUMMARY cannot be written: ${error.message}\n`),
  )
}

async function put(io: Io, report: CheckReport, text: string, file: string | undefined): Promise<void> {
  if (file === undefined) return io.stdout.write(text)
  try {
    await writeFile(resolve(io.cwd, file), text)
  } catch (error) {
    throw unwritable(
      file,
      error,
      report.record ? `the decision is recorded (${report.verdict}, record ${report.record.seq})` : `the verdict is ${report.verdict}`,
    )
  }
  io.stderr.write(`${report.verdict}: the report is in ${file}\n`)
}

/** Before anything is run and recorded: what cannot be written is known now, too. */
async function requireWritable(io: Io, file: string): Promise<void> {
  const path = resolve(io.cwd, file)
  try {
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory()) throw new Error('it is a folder')
    await access(found ? path : dirname(path), constants.W_OK)
  } catch (error) {
    throw unwritable(file, error, 'nothing was run')
  }
}

const unwritable = (file: string, error: unknown, state: string): CommandError =>
  new CommandError(
    `--output ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}\n  ${state}; name another file`,
    EXIT.couldNotRun,
  )
