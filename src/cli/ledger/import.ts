import { Command } from '@commander-js/extra-typings'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { closing } from '#cli/ledger/closing.ts'
import { openLines } from '#cli/ledger/lines-file.ts'
import { compare, takeOver } from '#cli/ledger/take-over.ts'
import { chooseLedger, PROGRAM_OPTION } from '#cli/program-id.ts'
import { openLedger } from '#cli/wire.ts'
import { terminal } from '#render/encode.ts'

export const importCommand = (io: Io, exit: (code: number) => void) =>
  new Command('import')
    .description('Take over a ledger from lines, all or nothing: into an empty store, or as the continuation of what is there.')
    .option(...CONFIG_OPTION)
    .option(...PROGRAM_OPTION)
    .argument('<file>', 'what `muster ledger export` wrote')
    .action(async (file, options) => {
      const { folder, program } = await chooseLedger(io, options)
      const there = await openLines(io, file)
      const found = await there.programs()
      if (!found.includes(program))
        throw new CommandError(
          `${file}: it holds the ledger of ${found.join(', ')}, not of ${program}\n  name the one to take over with --program; nothing was taken over`,
          1,
        )
      // A refusal must not leave a ledger behind, so the first look only reads.
      const reader = await openLedger(io, folder, 'read')
      const comparison = await closing(reader, () => compare(reader, there, program))
      if (!comparison.fits) throw new CommandError(`${file}: ${comparison.reason}\n  nothing was taken over`, 1)
      const store = await openLedger(io, folder, 'write')
      try {
        const { taken, all } = await takeOver(store, there, program, { onto: comparison.onto, replace: false })
        io.stdout.write(`${terminal(program)}: ${taken} records taken over, ${all} in all\n`)
        exit(0)
      } finally {
        await store.close()
      }
    })
