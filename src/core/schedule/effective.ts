import { Temporal } from 'temporal-polyfill'
import type { LedgerState, Move } from '#core/ledger/state.ts'
import type { Checkpoint, Outcome, Program } from '#core/program/model.ts'
import { isOvertaken } from '#core/schedule/moves.ts'
import { epoch } from '#core/schedule/time.ts'

/**
 * The program as it stands at a time: moves and cancellations of the ledger applied. Whoever asks
 * when something is held asks this; the program file, and what is recorded of it, stay what they
 * are, so that a decision is recomputed from both.
 *
 * A cancelled checkpoint is left out rather than marked: it is not held, so nothing follows it,
 * nothing is due for it, and no reader has to remember to look away. `moves` says that it was.
 *
 * Gives the very program where nothing was moved, so that older records come out as they did.
 */
export function effectiveProgram(program: Program, moves: LedgerState['moves'], at: string): Program {
  if (moves === undefined) return program
  const now = epoch(at)
  const known = new Map(Object.entries(moves).filter(([, move]) => epoch(move.at) <= now))
  if (!program.checkpoints.some((one) => known.has(one.id))) return program
  const { zone } = program.calendar
  const held = program.checkpoints
    .flatMap((one) => moved(one, known.get(one.id), zone) ?? [])
    // A stable order: of two at one time, the one that the file has first.
    .toSorted((a, b) => epoch(a.at) - epoch(b.at))
  return { ...program, checkpoints: held.map((one, index) => relinked(one, held, index, program.checkpoints)) }
}

/** Undefined when it is not held. */
function moved(checkpoint: Checkpoint, move: Move | undefined, zone: string): Checkpoint | undefined {
  if (move === undefined) return checkpoint
  if ('cancelled' in move) return undefined
  if (epoch(move.to) === epoch(checkpoint.at) || isOvertaken(move, checkpoint.at)) return checkpoint
  return {
    ...checkpoint,
    at: move.to,
    go: later(checkpoint.go, checkpoint.at, move.to, zone),
    noGo: later(checkpoint.noGo, checkpoint.at, move.to, zone),
    moved: { from: checkpoint.at, by: move.actor, reason: move.reason },
  }
}

/** What is decided again stays where it is while that is after the checkpoint, else keeps its distance from it. */
function later(outcome: Outcome, from: string, to: string, zone: string): Outcome {
  const { reevaluateAt } = outcome
  if (reevaluateAt === undefined || epoch(reevaluateAt) > epoch(to)) return outcome
  const wall = (instant: string): Temporal.ZonedDateTime => Temporal.Instant.from(instant).toZonedDateTimeISO(zone)
  const distance = wall(from).until(wall(reevaluateAt), { largestUnit: 'day' })
  return { ...outcome, reevaluateAt: wall(to).add(distance).toInstant().toString() }
}

function relinked(checkpoint: Checkpoint, held: readonly Checkpoint[], index: number, file: readonly Checkpoint[]): Checkpoint {
  const { next: _, ...rest } = checkpoint
  const following = held[index + 1]?.id
  return {
    ...rest,
    go: follows(checkpoint, checkpoint.go, held, file),
    noGo: follows(checkpoint, checkpoint.noGo, held, file),
    ...(following !== undefined && { next: following }),
  }
}

/** What a verdict names as next, where that is still held and still comes after; else what follows in time. */
function follows(checkpoint: Checkpoint, outcome: Outcome, held: readonly Checkpoint[], file: readonly Checkpoint[]): Outcome {
  const { next, ...rest } = outcome
  if (next === undefined) return outcome
  const named = held.find((one) => one.id === next)
  const wasAfter = (id: string): boolean => {
    const [own, other] = [checkpoint.id, id].map((each) => file.find((one) => one.id === each)?.at)
    return own !== undefined && other !== undefined && epoch(other) > epoch(own)
  }
  return named && (epoch(named.at) > epoch(checkpoint.at) || !wasAfter(next)) ? outcome : rest
}
