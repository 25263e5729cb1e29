import { InvalidArgumentError } from '@commander-js/extra-typings'
import { readVerifier } from '#cli/evidence/ledger.ts'
import { newToken } from '#cli/evidence/signing.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { record, recordAct, recordingCommand, whoIsNamed, type RecordingOptions } from '#cli/record-act.ts'
import { openLedger } from '#cli/wire.ts'
import { act, ACTS } from '#core/people/act.ts'
import type { Token } from '#core/evidence/reported.ts'
import type { Program } from '#core/program/model.ts'
import { epoch, formatInstant, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table } from '#render/text/table.ts'

function days(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 366) throw new InvalidArgumentError('Write a whole number of days from 1 to 366.')
  return number
}

/** `muster evidence token`: make, revoke or list what CI signs its evidence with. */
export const tokenCommand = (io: Io, exit: (code: number) => void) =>
  recordingCommand('token')
    .description(
      'Make a token with which CI may report evidence of one stream, or revoke one; without either, list them. A new one is printed once, alone on standard output, and kept nowhere.',
    )
    .option('--stream <id>', 'make a token for this stream')
    .option('--days <number>', 'how long it holds', days, 90)
    .option('--revoke <token>', 'revoke the token with this id: what it signed no longer counts')
    .option('--reason <text>', 'with --revoke: why')
    .action(async ({ stream, revoke, reason, days: lasting, ...options }) => {
      if (stream !== undefined && revoke !== undefined)
        throw new CommandError('--stream makes a token, --revoke ends one; give one of them')
      if (stream !== undefined) await make(io, options, stream, lasting)
      else if (revoke !== undefined) await end(io, options, revoke, reason)
      else await list(io, options)
      exit(0)
    })

async function make(io: Io, options: RecordingOptions, stream: string, lasting: number): Promise<void> {
  const { secret, signer } = newToken()
  const { token, publicKey } = signer
  let expires = ''
  // The token stands alone on standard output, so that it can be handed on without being seen.
  await record({ ...io, stdout: io.stderr }, { ...options, format: 'text' }, ACTS['issue-token'].needs, (given) => {
    const decided = act(given, whoIsNamed(io, options.as), 'issue-token', { stream, days: lasting, token, publicKey })
    const issued = decided.ok ? decided.events.find((one) => one.type === 'token-issued') : undefined
    expires = issued?.body.expires ?? ''
    return decided
  })
  if (options.dryRun) return
  io.stdout.write(options.format === 'json' ? json({ schemaVersion: 1, token, stream, expires, secret }) : `${secret}\n`)
}

async function end(io: Io, options: RecordingOptions, token: string, reason: string | undefined): Promise<void> {
  if (reason === undefined) throw new CommandError('--revoke needs --reason <text>: it goes on record')
  await recordAct(io, options, 'revoke-token', { token, reason })
}

async function readTokens(io: Io, folder: string, program: Program): Promise<readonly Token[]> {
  const store = await openLedger(io, folder, 'read')
  try {
    return [...(await readVerifier(store, program.id)).tokens.values()]
  } finally {
    await store.close()
  }
}

async function list(io: Io, options: RecordingOptions): Promise<void> {
  const { program, folder } = await loadProgramFile(io, options.config)
  const { zone } = program.calendar
  const tokens = await readTokens(io, folder, program)
  const stateOf = ({ revoked, expires }: Token): string => (revoked ? 'revoked' : epoch(expires) <= epoch(io.now()) ? 'expired' : 'valid')
  if (options.format === 'json') {
    const time = (instant: string): string => isoWithOffset(instant, zone)
    const listed = tokens.map((one) => ({ ...one, issuedAt: time(one.issuedAt), expires: time(one.expires), state: stateOf(one) }))
    return io.stdout.write(json({ schemaVersion: 1, tokens: listed }))
  }
  if (tokens.length === 0) return io.stdout.write('no token is recorded\n')
  const columns = [{ header: 'TOKEN' }, { header: 'STREAM' }, { header: 'STATE' }, { header: `EXPIRES (${zone})` }, { header: 'ISSUED BY' }]
  const rows = tokens.map((one) =>
    [one.token, one.stream, stateOf(one), formatInstant(one.expires, zone), one.issuedBy].map((text) => ({ text })),
  )
  for (const line of table(columns, rows, io.stdout.columns, painter(wantsColor(io, io.stdout)))) io.stdout.write(`${line.trimEnd()}\n`)
}
