import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { chooseCheckpoint, chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { epoch } from '#core/schedule/time.ts'
import { FORECAST_FORMATS, FORECAST_RENDERERS } from '#render/forecast/registry.ts'

const MOST_RUNS = 1_000_000
const LARGEST_SEED = 2 ** 31 - 1

/** `muster forecast`: what the ledger's own history says of the checkpoints ahead. Reads the ledger alone, and records nothing. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('forecast')
    .description(
      'Say how likely each criterion and checkpoint is to be met in time, by when, which stream decides it, and what each option of the decision matrix would change: Monte Carlo over the history in the ledger. Gathers and records nothing.',
    )
    .option(...CONFIG_OPTION)
    .option('--checkpoint <id>', 'show this checkpoint, and what options would change for it (default: all ahead, options for the next)')
    .option('--at <time>', 'forecast from what was known by then, as a wall time in the program’s zone or an instant (default: now)')
    .option('--runs <number>', 'how often the way ahead is simulated', '10000')
    .option('--seed <number>', 'the same seed gives the same answer', '1')
    .addOption(new Option('--format <format>', 'form of the forecast').choices(FORECAST_FORMATS).default('text'))
    .action(async (options) => {
      const runs = wholeNumber('--runs', options.runs, 100, MOST_RUNS)
      const seed = wholeNumber('--seed', options.seed, 0, LARGEST_SEED)
      const { folder, program } = await loadProgramFile(io, options.config)
      const at = chooseTime(io, program, options.at)
      const [{ forecast }, { HISTORY_EVENTS, movesBy, remembering }] = await Promise.all([
        import('#core/forecast/forecast.ts'),
        import('#core/forecast/history.ts'),
      ])
      const memory = remembering(program.calendar, at)
      const store = await openLedger(io, folder, 'read')
      try {
        await soundly(store, program.id, async () => {
          for await (const event of store.read(program.id, { types: HISTORY_EVENTS })) memory.take(event)
        })
      } finally {
        await store.close()
      }
      const history = memory.history()
      const checkpoint =
        options.checkpoint === undefined ? undefined : chooseCheckpoint(program, options.checkpoint, at, movesBy(history, at))
      if (checkpoint && epoch(checkpoint.at) < epoch(at))
        throw new CommandError(
          `${checkpoint.id} is past: it was on ${checkpoint.at}\n  name one that lies ahead, or an earlier time with --at`,
        )
      const report = forecast({ program, history, seed, runs, ...(checkpoint && { checkpoint: checkpoint.id }) })
      const render = await FORECAST_RENDERERS[options.format]()
      const shown = checkpoint ? { checkpoint: checkpoint.id } : {}
      io.stdout.write(render(report, { width: io.stdout.columns, color: wantsColor(io, io.stdout), ...shown }))
      exit(0)
    }) as unknown as PlainCommand
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,10}$/.test(text) && number >= least && number <= most) return number
  throw new CommandError(`${option}: "${text}" is not a whole number from ${least} to ${most}`)
}
