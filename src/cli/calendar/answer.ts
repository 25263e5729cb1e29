import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { Answered, Offered } from '#cli/calendar/answering.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import type { InvitationAnswer } from '#core/ledger/events.ts'
import { json, terminal } from '#render/encode.ts'

/** `muster calendar answer`: mails that answer invitations go on record. Exit 3 when any of them is refused. */
export const answerCommand = (io: Io, exit: (code: number) => void) =>
  new Command('answer')
    .description(
      'Put on record who comes, from mails that answer invitations: files, or one mail on standard input, as a mail filter gives it. What is on record already is not written again.',
    )
    .argument('[mails...]', 'files that hold one mail each (default: standard input)')
    .option(...CONFIG_OPTION)
    .option(
      '--vouched-by <server>',
      'name under which your mail server writes Authentication-Results; whose address it does not vouch for has not answered',
    )
    .addOption(formatOption('form of what is printed'))
    .action(async (files, { config, vouchedBy, format }) => {
      if (vouchedBy === undefined || vouchedBy.trim() === '')
        throw new CommandError(
          'anybody can write any sender into a mail: nothing is taken without a server that vouches for it\n  give --vouched-by NAME: what stands first in the Authentication-Results that your mail server writes (mx.example.org)',
        )
      const file = await loadProgramFile(io, config)
      const mails = files.length === 0 ? [fromStdin(io)] : files.map((one) => fromFile(io, one))
      const { answerAll } = await import('#cli/calendar/answering.ts')
      const results = await answerAll(io, file, mails, vouchedBy.trim())
      if (format === 'json')
        io.stdout.write(json({ schemaVersion: 1, mails: results.map(({ name, ...rest }) => ({ path: name, ...rest })) }))
      else for (const one of results) io.stdout.write(`${terminal(`${one.name}: ${wordsOf(one)}`)}\n`)
      exit(results.some((one) => one.outcome === 'refused') ? 3 : 0)
    })

function fromStdin(io: Io): Offered {
  if (io.stdinIsTerminal) throw new CommandError('no mail is given\n  name files, or let a mail filter write one to standard input')
  return { name: 'standard input', read: () => io.readStdin() }
}

const fromFile = (io: Io, name: string): Offered => ({
  name,
  read: async (most) => {
    const path = resolve(io.cwd, name)
    const { size } = await stat(path)
    if (size > most) throw new Error(`it has ${size} bytes, and at most ${most} are read`)
    return readFile(path)
  },
})

const SAID: Readonly<Record<InvitationAnswer, string>> = { accepted: 'comes', declined: 'does not come', tentative: 'may come' }

function wordsOf({ outcome, seq, reason, answer }: Answered): string {
  if (outcome === 'refused') return `refused: ${reason ?? 'no reason is known'}`
  if (outcome === 'known') return `already on record (${seq}); nothing was added`
  return `recorded ${seq}: ${answer ? `${answer.person} ${SAID[answer.says]}, ${answer.meeting} ${answer.id}` : ''}`
}
