import type { NewEvent } from '#core/ledger/events.ts'
import type { Decision } from '#core/decide/model.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { compareEscalations } from '#engine/escalations.ts'
import type { Known } from '#engine/follow.ts'
import { firedEvent, musterEvent, occasionOf } from '#engine/perform.ts'
import type { Additions, JudgedCheck } from '#engine/record-check.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { tell, type TellPorts } from '#engine/tell.ts'

export interface ToHold {
  readonly program: Program
  readonly checkpoint: Checkpoint
  /** What it is held for. */
  readonly action: DueAction
}

/**
 * What goes on record beside the decision when a checkpoint is held: escalations that it raises and
 * clears, that it was held, what comes next, and what is told of all that.
 */
export function holding({ program, checkpoint, action }: ToHold, check: JudgedCheck, known: Known, ports: RunPorts): Additions {
  const now = ports.now()
  const changes = escalationEvents({ program, checkpoint, check, known, now }, ports)
  const next = whatIsNext(check.decision, checkpoint)
  const held = musterEvent(ports.newId(), now, {
    type: 'checkpoint-held',
    body: {
      checkpoint: checkpoint.id,
      due: action.startsAt ?? action.due,
      decision: check.decisionId,
      verdict: check.decision.verdict,
      ...(next && { next }),
    },
  })
  const events = [...changes, held, firedEvent(action, now)]
  const occasion = occasionOf({ program, known, now }, [...check.events, ...events], check.report)
  return {
    events,
    messages: [
      // It is appended after what is known, or not at all: its number is certain.
      ...tell(
        { of: 'decision', record: { id: check.decisionId, seq: known.seq + check.events.length } },
        `decision:${check.decisionId}`,
        occasion,
        ports,
      ),
      ...changes.flatMap((event) => tellCleared(event, occasion, ports)),
    ],
  }
}

/** After a NO-GO that the program decides again, that; else what the decision says. */
function whatIsNext(decision: Decision, { id }: Checkpoint): Decision['next'] {
  const again = decision.onNoGo?.reevaluateAt
  return again !== undefined && again !== decision.next?.at ? { checkpoint: id, at: again } : decision.next
}

interface Compared {
  readonly program: Program
  readonly checkpoint: Checkpoint
  readonly check: Pick<JudgedCheck, 'decision' | 'snapshot' | 'at'>
  readonly known: Known
  readonly now: string
}

/** Escalations that a judgement raises and clears, as events. */
export function escalationEvents({ program, checkpoint, check, known, now }: Compared, ports: Pick<RunPorts, 'newId'>): NewEvent[] {
  const input = { program, checkpoint, snapshot: check.snapshot, ledger: known.history.state, at: check.at }
  return compareEscalations(input, check.decision, known.history.escalations).map((event) => musterEvent(ports.newId(), now, event))
}

/** Whoever was told that something is stuck hears that it is not any more. What was never told needs no end. */
export function tellCleared(event: NewEvent, occasion: Occasion, ports: TellPorts): NewMessage[] {
  if (event.type !== 'escalation-cleared') return []
  const { escalation, reason } = event.body
  const wasTold = [...occasion.history.fired.values()].some(
    (one) => one.kind === 'step' && one.dropped === undefined && one.timer.startsWith(`step:${escalation}/`),
  )
  return wasTold ? tell({ of: 'escalation', escalation, change: 'cleared', reason }, event.id, occasion, ports) : []
}
