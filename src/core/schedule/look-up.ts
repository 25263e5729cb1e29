import type { Held } from '#core/schedule/history.ts'
import type { Blocker } from '#core/ledger/state.ts'
import type { Look } from '#core/schedule/look.ts'
import { sessionOf, type Agreed, type PlannedCheckpoint, type Session } from '#core/schedule/planned.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { moveOf } from '#core/schedule/moves.ts'
import { epoch } from '#core/schedule/time.ts'

/** When a checkpoint is held after all that was moved; undefined where it is cancelled. */
export function agreedSession({ program, planned, history }: Look, one: PlannedCheckpoint): Agreed | undefined {
  const { moves } = history.state
  const move = moveOf(moves, one.checkpoint)
  if (move === undefined) return one.agreed
  if ('cancelled' in move) return undefined
  const name = `${one.id}@${move.to}@${move.at}`
  let known = planned.moved.get(name)
  if (!known) {
    const [moved = one.checkpoint] = effectiveProgram(
      { ...program, checkpoints: [one.checkpoint] },
      { [one.id]: move },
      move.at,
    ).checkpoints
    const { reevaluateAt } = moved.noGo
    known = {
      session: sessionOf(program, moved, moved.at),
      ...(reevaluateAt !== undefined && { again: sessionOf(program, moved, reevaluateAt) }),
      knownAt: epoch(move.at),
    }
    // A ledger has few moves; this only bounds what many ledgers looked at with one program keep.
    if (planned.moved.size > 1000) planned.moved.clear()
    planned.moved.set(name, known)
  }
  return known
}

export const hasHeld = (held: readonly Held[] | undefined, { startsAt }: Session): boolean =>
  held !== undefined && held.some((one) => one.due === startsAt)

export const openBlockers = ({ history }: Look): readonly Blocker[] => history.state.blockers.filter((one) => one.resolvedAt === undefined)

/** Leads of streams that have not checked in since an instant. */
export function lackingCheckIn({ program, history }: Look, since: number): readonly string[] {
  const { checkIns } = history.state
  const lacking = program.streams.filter(({ id }) => {
    const said = Object.hasOwn(checkIns, id) ? checkIns[id] : undefined
    return said === undefined || epoch(said.at) < since
  })
  return [...new Set(lacking.map((one) => one.lead))]
}

/** Ids of the people that a person, a role or `lead` means, for a stream or for the program as a whole. */
export function peopleOf({ program, planned }: Look, id: string, stream?: string): readonly string[] {
  if (planned.people.has(id)) return [id]
  if (id !== 'lead') return planned.holders.get(id) ?? []
  return stream === undefined ? planned.leads : program.streams.filter((one) => one.id === stream).map((one) => one.lead)
}

/** `peopleOf` without somebody, unless there is nobody else: nobody escalates to themselves. */
export function othersOf(look: Look, id: string, than: string, stream?: string): readonly string[] {
  const people = peopleOf(look, id, stream)
  const others = people.filter((one) => one !== than)
  return others.length > 0 ? others : people
}

/** When the last checkpoint is over, moves and a decision that is taken again included. */
export function runsUntil(look: Look): number {
  const { planned, history } = look
  if (history.state.moves === undefined && !planned.decidesAgain) return planned.endsAt
  let until = planned.checkpoints.length === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  for (const one of planned.checkpoints) {
    const agreed = agreedSession(look, one)
    if (!agreed) continue
    const isAgain = agreed.again && history.held.get(one.id)?.at(-1)?.verdict === 'NO-GO'
    const start = isAgain && agreed.again ? Math.max(agreed.again.start, agreed.session.start) : agreed.session.start
    until = Math.max(until, start + one.checkpoint.durationSeconds * 1000)
  }
  return until
}
