import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { programIdOf } from '#cli/program-id.ts'
import { findDecision } from '#cli/records.ts'
import { openLedger } from '#cli/wire.ts'
import { VERSION } from '#cli/version.ts'
import { judgeCheck } from '#core/check.ts'
import { replay } from '#core/ledger/record.ts'
import { sha256 } from '#store/sha256.ts'

/** `muster replay`: recompute a decision; exit 0 when it comes out the same, 1 at the first divergence. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('replay')
    .description('Recompute a recorded decision from what the ledger holds. Exit 0: the same, byte for byte; 1: names the first stage that diverges.')
    .argument('[id]', 'id of the decision, its beginning, or its number (default: the latest)')
    .option(...CONFIG_OPTION)
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .action(async (id, options) => {
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        const decision = await findDecision(store, program, id)
        const result = await replay(decision.body, { events: store.read(program), version: VERSION }, judgeCheck, sha256)
        if (options.format === 'json') {
          io.stdout.write(`${JSON.stringify({ schemaVersion: 1, id: decision.id, seq: decision.seq, verdict: decision.body.verdict, ...result }, null, 2)}\n`)
        } else if (result.same) {
          io.stdout.write(`${decision.body.verdict} of ${decision.body.clock} at ${decision.body.checkpoint} recomputes the same (record ${decision.seq}, ${decision.id})\n`)
        } else {
          io.stdout.write(
            `record ${decision.seq} (${decision.id}) diverges at: ${result.stage}\n  recorded   ${result.recorded}\n  recomputed ${result.recomputed ?? 'nothing'}\n${result.detail === undefined ? '' : `  ${result.detail}\n`}`,
          )
        }
        exit(result.same ? 0 : 1)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}
