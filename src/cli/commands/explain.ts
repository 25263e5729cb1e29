import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { unknown } from '#cli/options.ts'
import { programIdOf } from '#cli/program-id.ts'
import { findDecision, recompute } from '#cli/recorded-decision.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { json } from '#render/encode.ts'
import { withNames } from '#render/names.ts'
import { explainLines } from '#render/text/explain.ts'

/** `muster explain`: why a criterion is what it is, from the record: nothing is gathered again. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('explain')
    .description(
      'Say why a criterion is what it is, down to the commit, and what would flip it. Reads the recorded check; gathers nothing.',
    )
    .argument('<criterion>', 'id of a criterion, or of a deliverable that is due')
    .option(...CONFIG_OPTION)
    .option('--stream <id>', 'for this stream only')
    .option('--record <id>', 'the recorded check to explain (default: the latest)')
    .addOption(formatOption('form of the answer'))
    .action(async (id, options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        const { decision, report } = await soundly(store, program, async () => {
          const found = await findDecision(store, program, options.record)
          return { decision: found, report: (await recompute(store, program, found)).report }
        })
        const readable = withNames(report)
        const named = report.criteria.filter((one) => one.id === id || one.id === `target.${id}`)
        if (named.length === 0) throw new CommandError(unknown('criterion', id, [...new Set(report.criteria.map((one) => one.id))]))
        const chosen = named.filter((one) => options.stream === undefined || one.subject === `stream:${options.stream}`)
        if (chosen.length === 0)
          throw new CommandError(
            unknown(
              'stream',
              options.stream ?? '',
              named.map((one) => one.subject.replace('stream:', '')),
            ),
          )
        if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, record: decision.id, at: report.at, criteria: chosen }))
        else {
          const style = { width: io.stdout.columns, color: wantsColor(io, io.stdout) }
          io.stdout.write(
            chosen
              .map((one) => `${explainLines(readable, readable.criteria[report.criteria.indexOf(one)] ?? one, style).join('\n')}\n`)
              .join('\n'),
          )
        }
        exit(0)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}
