import type { LedgerState, Move } from '#core/ledger/state.ts'
import { epoch } from '#core/schedule/time.ts'

/**
 * What the ledger says of when a checkpoint is held, in as much as it counts; undefined where the
 * program file has the word. A move is of the time that the file had then: where the file has been
 * given another one since, that is the newer word. A cancellation counts until it is taken back.
 * @param checkpoint `at` as the file has it, or as the move left it.
 */
export function moveOf(moves: LedgerState['moves'], checkpoint: { readonly id: string; readonly at: string }): Move | undefined {
  const move = moves !== undefined && Object.hasOwn(moves, checkpoint.id) ? moves[checkpoint.id] : undefined
  return move === undefined || isOvertaken(move, checkpoint.at) ? undefined : move
}

/** Whether the program file has been given another time since. */
export function isOvertaken(move: Move, at: string): boolean {
  if ('cancelled' in move || move.from === undefined) return false
  return epoch(at) !== epoch(move.from) && epoch(at) !== epoch(move.to)
}
