import { Command, Option } from '@commander-js/extra-typings'
import type { Io } from '#cli/io.ts'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { readGiven, type Read } from '#cli/given.ts'
import { refusalError } from '#cli/refused.ts'
import { openLedger } from '#cli/wire.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { act, ACTS, type ActInput, type ActName, type Need } from '#core/people/act.ts'
import type { Accepted, Decided, Given } from '#core/people/given.ts'
import { InternalError } from '#core/problems.ts'
import type { Program } from '#core/program/model.ts'
import { decideAct, untilAppended } from '#engine/put-on-record.ts'
import { json, terminal } from '#render/encode.ts'
import type { Store } from '#store/store.ts'

/** A command that puts something on record, with the options that all of them take. */
export const recordingCommand = (name: string) =>
  new Command(name)
    .option(...CONFIG_OPTION)
    .option('--as <person>', 'who acts (default: MUSTER_AS, or the only person who may)')
    .addOption(new Option('--at <time>', 'clock of the record').hideHelp())
    .addOption(formatOption('form of what is printed'))
    .option('--dry-run', 'show what would be recorded, and record nothing')

export interface RecordingOptions {
  readonly config?: string | undefined
  readonly as?: string | undefined
  readonly at?: string | undefined
  readonly format: 'text' | 'json'
  readonly dryRun?: true | undefined
}

/**
 * Who acts: `--as`, else `MUSTER_AS`. Never guessed from the machine: what git is configured to say
 * of an author is no statement of who signs.
 */
export const whoIsNamed = (io: Io, option: string | undefined): string | undefined => option ?? (io.env['MUSTER_AS'] || undefined)

/** Puts an act on record, or says why not. */
export const recordAct = <N extends ActName>(io: Io, options: RecordingOptions, name: N, input: ActInput<N>): Promise<void> =>
  record(io, options, ACTS[name].needs, (given) => act(given, whoIsNamed(io, options.as), name, input))

type Decide = (given: Given) => Decided | Promise<Decided>

interface Where {
  readonly program: Program
  /** Absolute folder of the program file. */
  readonly folder: string
  /** Instant in UTC. */
  readonly at: string
}

/**
 * Loads the program, decides from what the ledger says now, and appends what was decided. It is
 * decided again when somebody else recorded meanwhile.
 * @throws CommandError for what is refused.
 */
export async function record(io: Io, options: RecordingOptions, needs: readonly Need[], decide: Decide): Promise<void> {
  const { program, folder } = await loadProgramFile(io, options.config)
  const where = { program, folder, at: chooseTime(io, program, options.at) }
  // A refusal must not leave a ledger behind, so the first try only reads.
  const reader = await openLedger(io, folder, 'read')
  try {
    const { decided } = await decideFrom(io, reader, where, needs, decide)
    if (options.dryRun) return printDraft(io, options, where.at, decided)
  } finally {
    await reader.close()
  }
  const ledger = await openLedger(io, folder, 'write')
  try {
    printRecorded(io, options, ...(await append(io, ledger, where, needs, decide)))
  } finally {
    await ledger.close()
  }
}

async function decideFrom(
  io: Io,
  ledger: Store,
  where: Where,
  needs: readonly Need[],
  decide: Decide,
): Promise<{ readonly decided: Accepted; readonly seq: number }> {
  const { program, at } = where
  const { seq, ...read }: Read = await readGiven(ledger, program.id, needs)
  const given = { program, at, ...read }
  const decided = await decideAct(given, decide, async (branch) => {
    const { treeOf } = await import('#cli/tree-of.ts')
    return treeOf(io, program, where.folder, branch)
  })
  if (!decided.ok) throw refusalError(decided)
  return { decided, seq }
}

function append(io: Io, ledger: Store, where: Where, needs: readonly Need[], decide: Decide): Promise<[readonly LedgerEvent[], string]> {
  const ids: string[] = []
  return untilAppended(async () => {
    const { decided, seq } = await decideFrom(io, ledger, where, needs, decide)
    const { actor, events, said } = decided
    const drafts = events.map((event, index) => ({ id: (ids[index] ??= io.newId()), at: where.at, actor, ...event }))
    return [await ledger.append(where.program.id, drafts, { expectedSeq: seq }), said]
  })
}

function printDraft(io: Io, options: RecordingOptions, at: string, { said, actor, events }: Accepted): void {
  const [event, ...also] = events.map((one) => ({ at, actor, ...one }))
  if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, dryRun: true, event, ...(also.length > 0 && { also }) }))
  else io.stdout.write(`would record: ${terminal(said)}\n${[event, ...also].map(json).join('')}`)
}

function printRecorded(io: Io, options: RecordingOptions, events: readonly LedgerEvent[], said: string): void {
  const [event, ...also] = events
  if (!event) throw new InternalError('an append returns its events')
  if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, dryRun: false, event, ...(also.length > 0 && { also }) }))
  else io.stdout.write(`recorded ${events.map((one) => `${one.seq} (${one.hash.slice(0, 12)})`).join(', ')}: ${terminal(said)}\n`)
}
