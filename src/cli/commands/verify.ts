import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { notedHeads } from '#cli/ledger/heads-file.ts'
import { clockWatch, verifyLedger, type SetBack } from '#cli/ledger/sound.ts'
import { collect } from '#cli/options.ts'
import { chooseLedger, PROGRAM_OPTION } from '#cli/program-id.ts'
import { openLedger } from '#cli/wire.ts'
import type { Head } from '#core/ledger/chain.ts'
import { json, terminal } from '#render/encode.ts'

/** `muster verify`: is the ledger what was written? Exit 0 sound, 1 names the first bad record. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('verify')
    .description(
      'Check the hash chain of the ledger: finds edited, deleted and reordered records; with a head noted elsewhere also truncation and rewriting.',
    )
    .option(...CONFIG_OPTION)
    .option(...PROGRAM_OPTION)
    .option(
      '--head <heads>',
      'a head noted earlier: number:hash, a file of what `muster ledger head` printed, or - for standard input; repeatable',
      collect,
    )
    .addOption(formatOption('form of the answer'))
    .action(async (options) => {
      const { folder, program } = await chooseLedger(io, options)
      const noted: Head[] = []
      for (const option of options.head ?? []) noted.push(...(await notedHeads(io, program, option)))
      const store = await openLedger(io, folder, 'read')
      try {
        const clock = clockWatch()
        const result = await verifyLedger(store, program, noted, clock.look)
        const setBack = clock.found()
        if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, program, ...result, ...(setBack && { setBack }) }))
        else if (!result.ok) io.stdout.write(`${terminal(result.reason)}\n  ${terminal(result.remedy)}\n`)
        else
          io.stdout.write(
            result.head
              ? `sound: ${result.head.seq} records of ${terminal(program)}\nhead ${result.head.seq}:${result.head.hash}\n`
              : `${terminal(program)} has no record yet\n`,
          )
        if (options.format === 'text' && setBack) io.stdout.write(setBackText(setBack))
        exit(result.ok ? 0 : 1)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}

const setBackText = ({ seq, at, after }: SetBack): string =>
  `Record ${seq} is dated ${terminal(at)}, before record ${after.seq} of ${terminal(after.at)}: the clock of a machine was set back.\n` +
  `  The order of the records holds; do not rely on the times from record ${seq} on.\n`
