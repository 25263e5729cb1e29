import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CommandError, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { collect } from '#cli/options.ts'
import { programIdOf } from '#cli/program-id.ts'
import { openLedger } from '#cli/wire.ts'
import { verifyStream, type Head } from '#core/ledger/chain.ts'
import { json, terminal } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'

/** `muster verify`: is the ledger what was written? Exit 0 sound, 1 names the first bad record. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('verify')
    .description(
      'Check the hash chain of the ledger: finds edited, deleted and reordered records; with a head noted elsewhere also truncation and rewriting.',
    )
    .option(...CONFIG_OPTION)
    .option('--head <seq:hash>', 'a head that was noted earlier; repeatable', collect)
    .addOption(new Option('--format <format>', 'form of the answer').choices(['text', 'json']).default('text'))
    .action(async (options) => {
      const noted = (options.head ?? []).map(readHead)
      const { folder, program } = await programIdOf(io, options.config)
      const store = await openLedger(io, folder, 'read')
      try {
        // The store's own note of its end finds what was cut off, unless that was edited too.
        const end = await store.head(program)
        const heads = end ? [...noted, end] : noted
        const result = await verifyStream(store.read(program), sha256, heads)
        if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, program, ...result }))
        else if (!result.ok) io.stdout.write(`${terminal(result.reason)}\n  ${terminal(result.remedy)}\n`)
        else
          io.stdout.write(
            result.head
              ? `sound: ${result.head.seq} records of ${terminal(program)}\nhead ${result.head.seq}:${result.head.hash}\n`
              : `${terminal(program)} has no record yet\n`,
          )
        exit(result.ok ? 0 : 1)
      } finally {
        await store.close()
      }
    }) as unknown as PlainCommand
}

function readHead(text: string): Head {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text)
  if (!match) throw new CommandError(`"${text}" is no head; write it as \`muster verify\` printed it: number:hash`)
  return { seq: Number(match[1]), hash: match[2] ?? '' }
}
