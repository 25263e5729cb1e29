import { judgeCheck } from '#core/check.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { EventBody, NewEvent } from '#core/ledger/events.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { currentCheckpoint } from '#engine/check.ts'
import { withFormer } from '#engine/former-people.ts'
import type { Known } from '#engine/follow.ts'
import { foresee } from '#engine/foresee.ts'
import type { Additions } from '#engine/record-check.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { tell, type TellPorts } from '#engine/tell.ts'

/** What is known while something is performed. */
export interface Moment {
  /** As the file says; what the ledger moved is applied by whoever judges, words or plans. */
  readonly program: Program
  readonly known: Known
  readonly now: string
}

/** What is due and needs no evidence: it is put on record, and told unless it was dropped. */
export function perform(action: DueAction, moment: Moment, ports: TellPorts & Pick<RunPorts, 'newId'>): Additions {
  const fired = firedEvent(action, moment.now)
  if (action.dropped !== undefined) return { events: [fired], messages: [] }
  const { kind, checkpoint, startsAt = action.due, late } = action
  const events = [fired]
  if (kind === 'open' && checkpoint !== undefined) {
    const body = { checkpoint, startsAt, ...(late && { late }) }
    events.unshift(musterEvent(ports.newId(), moment.now, { type: 'checkpoint-opened', body }))
  }
  // Who was invited and has left the program is told that it is off.
  const program = action.kind === 'invite' ? withFormer(moment.program, moment.known.people) : moment.program
  return { events, messages: tell({ of: 'due', action }, action.key, occasionOf({ ...moment, program }, events), ports) }
}

/** Its id is made of the key, so that it is there once, whoever writes it. */
export const firedEvent = ({ key, kind, due, dropped, invited }: DueAction, now: string): NewEvent => ({
  id: `fired:${key}`,
  at: now,
  actor: 'muster',
  type: 'fired',
  body: { timer: key, kind, due, ...(dropped !== undefined && { dropped }), ...(invited && { invited }) },
})

export const musterEvent = (id: string, at: string, event: EventBody): NewEvent => ({ id, at, actor: 'muster', ...event })

/** What messages are worded from: the ledger with the events that go on record with them, and the report of a check. */
export function occasionOf({ program, known, now }: Moment, events: readonly NewEvent[], report?: CheckReport): Occasion {
  let lazily: CheckReport | undefined
  return {
    program,
    history: foresee(known.history, events),
    now,
    ...(known.head && { head: `${known.head.seq}:${known.head.hash}` }),
    // Judging costs more than most messages need: it is done for those that ask.
    get report() {
      return report ?? (lazily ??= lastReport(program, known, now))
    },
  } as Occasion
}

/** The report on the evidence that was recorded last, judged on what the ledger says now. */
const lastReport = (program: Program, known: Known, now: string): CheckReport | undefined =>
  judged(program, nextCheckpoint(program, known.history.state.moves, now), known, now)

/** The same of one checkpoint. */
export const reportOf = (program: Program, checkpoint: string, known: Known, now: string): CheckReport | undefined =>
  judged(
    program,
    effectiveProgram(program, known.history.state.moves, now).checkpoints.find(({ id }) => id === checkpoint),
    known,
    now,
  )

function judged(program: Program, checkpoint: Checkpoint | undefined, { snapshot, history }: Known, now: string): CheckReport | undefined {
  if (!snapshot || !checkpoint) return undefined
  return judgeCheck({ program, checkpoint, snapshot, ledger: history.state, at: now }).report
}

/** The checkpoint that what is seen now is held against: the one that is on or comes next, else the last. */
export const nextCheckpoint = (program: Program, moves: LedgerState['moves'], now: string): Checkpoint | undefined =>
  currentCheckpoint(effectiveProgram(program, moves, now), now)
