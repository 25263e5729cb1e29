import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { programIdOf } from '#cli/program-id.ts'
import { findDecision } from '#cli/recorded-decision.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { VERSION } from '#cli/version.ts'
import { judgeCheck } from '#core/check.ts'
import { replay } from '#core/ledger/record.ts'
import { json, terminal } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'

/** `muster replay`: recompute a decision; exit 0 when it comes out the same, 1 at the first divergence. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('replay')
    .description(
      'Recompute a recorded decision from what the ledger holds. Exit 0: the same, byte for byte; 1: names the first stage that diverges.',
    )
    .argument('[id]', 'id of the decision, its beginning, or its number (default: the latest)')
    .option(...CONFIG_OPTION)
    .addOption(formatOption('form of the answer'))
    .action(async (id, options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        const { decision, result } = await soundly(store, program, async () => {
          const found = await findDecision(store, program, id)
          return {
            decision: found,
            result: await replay(found.body, { events: store.read(program), version: VERSION }, judgeCheck, sha256),
          }
        })
        if (options.format === 'json') {
          io.stdout.write(json({ schemaVersion: 1, id: decision.id, seq: decision.seq, verdict: decision.body.verdict, ...result }))
        } else if (result.same) {
          io.stdout.write(
            `${terminal(`${decision.body.verdict} of ${decision.body.clock} at ${decision.body.checkpoint} recomputes the same (record ${decision.seq}, ${decision.id})`)}\n`,
          )
        } else {
          const lines = [
            `record ${decision.seq} (${decision.id}) diverges at: ${result.stage}`,
            `  recorded   ${result.recorded}`,
            `  recomputed ${result.recomputed ?? 'nothing'}`,
            ...(result.detail === undefined ? [] : [`  ${result.detail}`]),
          ]
          io.stdout.write(lines.map((line) => `${terminal(line)}\n`).join(''))
        }
        exit(result.same ? 0 : 1)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}
