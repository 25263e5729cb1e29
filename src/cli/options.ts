import { CommandError, type Io } from '#cli/io.ts'
import { listed, nearest } from '#core/program/nearest.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { formatZoned, toInstant } from '#core/schedule/time.ts'
import { currentCheckpoint } from '#engine/check.ts'

/** The checkpoint with that id, or the current one, as the ledger has moved them. */
export function chooseCheckpoint(file: Program, id: string | undefined, at: string, moves?: LedgerState['moves']): Checkpoint {
  if (file.checkpoints.length === 0) throw new CommandError('the program has no checkpoint; add one under checkpoints')
  const program = effectiveProgram(file, moves, at)
  if (id === undefined) {
    const current = currentCheckpoint(program, at)
    if (!current) throw new CommandError('every checkpoint of the program was cancelled\n  muster move holds one after all')
    return current
  }
  const found = program.checkpoints.find((one) => one.id === id)
  if (found) return found
  const ids = file.checkpoints.map((one) => one.id)
  const move = ids.includes(id) ? moves?.[id] : undefined
  if (!move) throw new CommandError(unknown('checkpoint', id, ids))
  const when = formatZoned(move.at, file.calendar.zone)
  throw new CommandError(`${id} was cancelled by ${move.actor} on ${when}: ${move.reason}\n  muster move holds it after all`)
}

/** Ids of streams as given, or undefined for all. */
export function chooseStreams(program: Program, ids: readonly string[] | undefined): readonly string[] | undefined {
  for (const id of ids ?? [])
    if (!program.streams.some((one) => one.id === id))
      throw new CommandError(
        unknown(
          'stream',
          id,
          program.streams.map((one) => one.id),
        ),
      )
  return ids && ids.length > 0 ? ids : undefined
}

export function unknown(noun: string, id: string, ids: readonly string[]): string {
  const near = nearest(id, ids)
  return `there is no ${noun} "${id}"${near === undefined ? '' : `; did you mean ${near}?`}\n  ${listed(id, ids)}`
}

/** The clock: `--at` as a wall time in the program's zone or as an instant; else now. */
export function chooseTime(io: Io, program: Program, text: string | undefined): string {
  if (text === undefined) return io.now()
  const instant = toInstant(text, program.calendar.zone)
  if (instant === undefined)
    throw new CommandError(`"${text}" is not a time; write "2026-02-25 16:00" (${program.calendar.zone}) or 2026-02-25T15:00:00Z`)
  return instant
}

/** For a repeatable option. */
export const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]
