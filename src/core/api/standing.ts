import type { Standing } from '#core/api/documents.ts'
import type { ProgramRecord } from '#core/api/record.ts'
import type { SignOffState } from '#core/decide/model.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Override } from '#core/ledger/events.ts'
import { holdersOf, permit } from '#core/ledger/permit.ts'
import type { Dated, LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'

/** The verdict that somebody set who may: the last word, as `decide` takes it. */
export const overrideOf = (program: Program, checkpoint: string, state: Pick<LedgerState, 'overrides'>): (Override & Dated) | undefined =>
  state.overrides.findLast((one) => one.checkpoint === checkpoint && permit(program, { act: 'override' }, one.actor).ok)

/** A recorded decision with what was signed and set since: nobody waits for the next check to see it. */
export function standingOf(program: Program, checkpoint: Checkpoint, record: ProgramRecord, { decision }: CheckReport): Standing {
  const override = overrideOf(program, checkpoint.id, record.state)
  return {
    verdict: override?.verdict ?? decision.computedVerdict,
    computedVerdict: decision.computedVerdict,
    ...(override && { override }),
    signOffs: checkpoint.signOff.map((one) => signOffState(program, checkpoint.id, one, record)),
  }
}

/** Each person once, with what they said last, and only in a role that they hold: as `decide` counts them. */
function signOffState(
  program: Program,
  checkpoint: string,
  { role, quorum }: { readonly role: string; readonly quorum: number },
  record: ProgramRecord,
): SignOffState {
  const holders = holdersOf(program, role)
  const last = new Map<string, boolean>()
  for (const one of record.state.signOffs)
    if (one.checkpoint === checkpoint && one.criterion === undefined && one.stream === undefined && one.role === role)
      if (holders.includes(one.actor)) last.set(one.actor, one.approve)
  const said = (approve: boolean): string[] => [...last].flatMap(([person, yes]) => (yes === approve ? [person] : []))
  const approved = said(true)
  return {
    role,
    quorum,
    approved,
    refused: said(false),
    waitingFor: approved.length >= quorum ? [] : holders.filter((one) => !last.has(one)),
  }
}
