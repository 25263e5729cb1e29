import { createHash, randomBytes } from 'node:crypto'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { readAccess } from '#cli/given.ts'
import { wantsColor, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { record, recordAct, recordingCommand, whoIsNamed } from '#cli/record-act.ts'
import { openLedger } from '#cli/wire.ts'
import { ACCESS_PREFIX, accessFault, type Access } from '#core/people/access.ts'
import { act, ACTS } from '#core/people/act.ts'
import { epoch, formatInstant, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table } from '#render/text/table.ts'

/** `muster access`: tokens that let people and machines into the API. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('access')
    .description('Issue, revoke or list tokens with which people and machines are let into the API of `muster serve`.')
    .addCommand(issueCommand(io, exit))
    .addCommand(revokeCommand(io, exit))
    .addCommand(listCommand(io, exit)) as unknown as PlainCommand
}

function days(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 366) throw new InvalidArgumentError('Write a whole number of days from 1 to 366.')
  return number
}

const issueCommand = (io: Io, exit: (code: number) => void) =>
  recordingCommand('issue')
    .usage('--label <text> [options]')
    .description(
      'Make a token of the API: for yourself, or for the machines of a stream, which may read and report and never sign. It is printed once, alone on standard output, and kept nowhere.',
    )
    .option('--stream <id>', 'let the machines of this stream in (default: who acts)')
    .requiredOption('--label <text>', 'what it is for')
    .option('--days <number>', 'how long it holds', days, 90)
    .action(async ({ stream, label, days: lasting, ...options }) => {
      const token = `${ACCESS_PREFIX}${randomBytes(32).toString('base64url')}`
      const sha256 = createHash('sha256').update(token).digest('hex')
      let granted: { readonly access: string; readonly expires: string } | undefined
      // The token stands alone on standard output, so that it can be handed on without being seen.
      await record({ ...io, stdout: io.stderr }, { ...options, format: 'text' }, ACTS['issue-access'].needs, (given) => {
        const whose = stream === undefined ? {} : { stream }
        const decided = act(given, whoIsNamed(io, options.as), 'issue-access', { ...whose, label, days: lasting, sha256 })
        granted = decided.ok ? decided.events.find((one) => one.type === 'access-granted')?.body : undefined
        return decided
      })
      if (!options.dryRun) io.stdout.write(options.format === 'json' ? json({ schemaVersion: 1, ...granted, token }) : `${token}\n`)
      exit(0)
    })

const revokeCommand = (io: Io, exit: (code: number) => void) =>
  recordingCommand('revoke')
    .usage('<access> --reason <text> [options]')
    .description('Revoke a token of the API: from now on it lets nobody in.')
    .argument('<access>', 'id of the token, as `muster access list` shows it')
    .requiredOption('--reason <text>', 'why: it goes on record')
    .action(async (access, { reason, ...options }) => {
      await recordAct(io, options, 'revoke-access', { access, reason })
      exit(0)
    })

const listCommand = (io: Io, exit: (code: number) => void) =>
  recordingCommand('list')
    .description('List the tokens of the API: whose each is, what for, and whether it still lets anybody in.')
    .action(async ({ config, format }) => {
      const { program, folder } = await loadProgramFile(io, config)
      const store = await openLedger(io, folder, 'read')
      try {
        const found = [...(await readAccess(store, program.id)).values()]
        io.stdout.write(format === 'json' ? asJson(io, found, program.calendar.zone) : asTable(io, found, program.calendar.zone))
      } finally {
        await store.close()
      }
      exit(0)
    })

const stateOf = (io: Io, access: Omit<Access, 'sha256'>): string => {
  if (access.revoked) return 'revoked'
  if (epoch(access.expires) <= epoch(io.now())) return 'expired'
  return accessFault(access, io.now()) === undefined ? 'valid' : 'void'
}

function asJson(io: Io, found: readonly Access[], zone: string): string {
  const access = found.map(({ issuedAt, expires, ...one }) => ({
    ...one,
    issuedAt: isoWithOffset(issuedAt, zone),
    expires: isoWithOffset(expires, zone),
    state: stateOf(io, { issuedAt, expires, ...one }),
  }))
  return json({ schemaVersion: 1, access })
}

function asTable(io: Io, found: readonly Access[], zone: string): string {
  if (found.length === 0) return 'no token is recorded\n'
  const columns = ['ACCESS', 'FOR', 'LABEL', 'STATE', `EXPIRES (${zone})`, 'ISSUED BY'].map((header) => ({ header }))
  const rows = found.map((one) =>
    [
      one.access,
      one.stream === undefined ? (one.person ?? '') : `stream ${one.stream}`,
      one.label,
      stateOf(io, one),
      formatInstant(one.expires, zone),
      one.issuedBy,
    ].map((text) => ({ text })),
  )
  return table(columns, rows, io.stdout.columns, painter(wantsColor(io, io.stdout)))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
