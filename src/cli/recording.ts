import { Command, Option } from '@commander-js/extra-typings'
import { CommandError, type Io } from '#cli/io.ts'
import { CONFIG_OPTION } from '#cli/config-option.ts'
import { chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { readState } from '#cli/ledger-state.ts'
import { openLedger } from '#cli/wire.ts'
import type { EventBody, LedgerEvent } from '#core/ledger/events.ts'
import { textProblem } from '#core/ledger/free-text.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import { InternalError } from '#core/problems.ts'
import type { Program } from '#core/program/model.ts'
import { json, terminal } from '#render/encode.ts'
import type { Store } from '#store/store.ts'

/** A command that puts one thing on record, with the options that all of them take. */
export const recordingCommand = (name: string) =>
  new Command(name)
    .option(...CONFIG_OPTION)
    .option('--as <person>', 'who acts (default: MUSTER_AS, or the only person who may)')
    .addOption(new Option('--at <time>', 'clock of the record').hideHelp())
    .addOption(new Option('--format <format>', 'form of what is printed').choices(['text', 'json'] as const).default('text' as const))
    .option('--dry-run', 'show what would be recorded, and record nothing')

export interface RecordingOptions {
  readonly config?: string | undefined
  readonly as?: string | undefined
  readonly at?: string | undefined
  readonly format: 'text' | 'json'
  readonly dryRun?: true | undefined
}

/** What there is to decide from. */
export interface Given {
  readonly program: Program
  /** Absolute folder of the program file. */
  readonly folder: string
  /** Instant in UTC. */
  readonly at: string
  readonly state: LedgerState
}

export type Draft = EventBody & {
  readonly actor: string
  /** One line for people, without a full stop. */
  readonly said: string
}

/**
 * Loads the program, makes the event from what the ledger says now, and appends it. `make` throws
 * a CommandError for what it refuses; it is asked again when somebody else recorded meanwhile.
 */
export async function record(io: Io, options: RecordingOptions, make: (given: Given) => Draft | Promise<Draft>): Promise<void> {
  const { program, folder } = await loadProgramFile(io, options.config)
  const at = chooseTime(io, program, options.at)
  // A refusal must not leave a ledger behind, so the first try only reads.
  const reader = await openLedger(io, folder, 'read')
  try {
    const draft = await make({ program, folder, at, state: (await readState(reader, program.id)).state })
    if (options.dryRun) return printDraft(io, options, at, draft)
  } finally {
    await reader.close()
  }
  const ledger = await openLedger(io, folder, 'write')
  try {
    printRecorded(io, options, ...(await append(ledger, io.newId(), { program, folder, at }, make)))
  } finally {
    await ledger.close()
  }
}

/** Others may record at the same time; each lost race means that somebody else's event was written. */
const MOST_TRIES = 50

async function append(
  ledger: Store,
  id: string,
  given: Omit<Given, 'state'>,
  make: (given: Given) => Draft | Promise<Draft>,
): Promise<[LedgerEvent, string]> {
  for (let tries = 1; ; tries += 1) {
    const { program, at } = given
    const { state, seq } = await readState(ledger, program.id)
    const { actor, said, ...body } = await make({ ...given, state })
    try {
      const [event] = await ledger.append(program.id, [{ id, at, actor, ...body }], { expectedSeq: seq })
      if (!event) throw new InternalError('an append returns its event')
      return [event, said]
    } catch (error) {
      if (!(error instanceof Error && error.name === 'StoreError' && 'code' in error && error.code === 'conflict') || tries >= MOST_TRIES)
        throw error
    }
  }
}

function printDraft(io: Io, options: RecordingOptions, at: string, { said, actor, ...body }: Draft): void {
  const event = { at, actor, ...body }
  if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, dryRun: true, event }))
  else io.stdout.write(`would record: ${terminal(said)}\n${json(event)}`)
}

function printRecorded(io: Io, options: RecordingOptions, event: LedgerEvent, said: string): void {
  if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, dryRun: false, event }))
  else io.stdout.write(`recorded ${event.seq} (${event.hash.slice(0, 12)}): ${terminal(said)}\n`)
}

/** The text as given. @throws CommandError when it cannot go on record. */
export function chooseText(option: string, text: string): string {
  const problem = textProblem(text)
  if (problem !== undefined) throw new CommandError(`${option}: ${problem}`)
  return text
}
