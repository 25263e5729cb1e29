import type { Checkpoint, Program } from '#core/program/model.ts'
import type { History } from '#core/schedule/history.ts'
import { sessionOf } from '#core/schedule/planned.ts'

/**
 * What a checkpoint, as it stands now, is to be held for next: its start, or the time at which a
 * NO-GO is decided again; with the key of the timer that is done by that. Undefined when both are over.
 */
export function sessionToHold(
  program: Program,
  checkpoint: Checkpoint,
  history: History,
): { readonly key: string; readonly startsAt: string } | undefined {
  const held = history.held.get(checkpoint.id) ?? []
  const { reevaluateAt } = checkpoint.noGo
  const times = [checkpoint.at, ...(reevaluateAt !== undefined && held.at(-1)?.verdict === 'NO-GO' ? [reevaluateAt] : [])]
  const next = times.map((at) => sessionOf(program, checkpoint, at)).find(({ startsAt }) => !held.some((one) => one.due === startsAt))
  return next && { key: next.hold.key, startsAt: next.startsAt }
}
