import type { Checked } from '#core/check.ts'
import { judgeCheck } from '#core/check.ts'
import type { NewEvent } from '#core/ledger/events.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { gistOf } from '#engine/gist.ts'
import { escalationEvents, tellCleared } from '#engine/hold.ts'
import { unseen } from '#engine/look.ts'
import { occasionOf, type Moment } from '#engine/perform.ts'
import type { Additions, JudgedCheck } from '#engine/record-check.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { tell } from '#engine/tell.ts'

/**
 * What a look between checkpoints changes. `news`: the evidence says something else than what was
 * recorded last, so it goes on record with the decision on it; else nothing of the look is kept.
 */
export interface Watched extends Additions {
  readonly news: boolean
}

export function watching(moment: Moment, checkpoint: Checkpoint, check: JudgedCheck, ports: RunPorts): Watched {
  const { program, known, now } = moment
  const changes = escalationEvents({ program, checkpoint, check, known, now }, ports)
  const before = judgedBefore(moment, checkpoint)
  const news = !before || known.blind || changes.length > 0 || gistOf(before.evaluation) !== gistOf(check.evaluation)
  const occasion = occasionOf(moment, [...check.events, ...changes], check.report)
  const healths = new Map(before?.evaluation.streams.map((one) => [one.stream, one.health]))
  const turned = check.evaluation.streams.filter((one) => healths.has(one.stream) && healths.get(one.stream) !== one.health)
  return {
    news,
    events: changes,
    messages: [
      ...turned.flatMap(({ stream }) => tell({ of: 'health', stream }, `health:${check.decisionId}:${stream}`, occasion, ports)),
      ...changes.flatMap((event) => tellCleared(event, occasion, ports)),
    ],
  }
}

/** The same checkpoint judged on the evidence that was recorded last. */
function judgedBefore({ program, known, now }: Moment, checkpoint: Checkpoint): Checked | undefined {
  const { snapshot, history } = known
  return snapshot && judgeCheck({ program, checkpoint, snapshot, ledger: history.state, at: now })
}

/**
 * Escalations that the ledger alone changes: a blocker was opened or resolved, a deadline has
 * passed. Judged on the evidence that was recorded last, because nothing else is known of it.
 */
export function standing(moment: Moment, checkpoint: Checkpoint, ports: RunPorts): Additions {
  const { program, known, now } = moment
  const snapshot = known.snapshot ?? unseen(program, 'it was not looked at yet')
  const checked = judgeCheck({ program, checkpoint, snapshot, ledger: known.history.state, at: now })
  const check = { decision: checked.decision, snapshot, at: now }
  const events: readonly NewEvent[] = escalationEvents({ program, checkpoint, check, known, now }, ports)
  const occasion = occasionOf(moment, events, checked.report)
  return { events, messages: events.flatMap((event) => tellCleared(event, occasion, ports)) }
}
