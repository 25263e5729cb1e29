import type { SignOffState } from '#core/decide/model.ts'
import { holdersOf } from '#core/ledger/permit.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { meetingOf, peopleOf, tell } from '#core/notify/parts.ts'
import type { Checkpoint } from '#core/program/model.ts'

/** Who is asked for a signature, one notice a role; later ones are the new state of the first. */
export function signOffNotices(occasion: Occasion, checkpoint: Checkpoint, wanted: (state: SignOffState) => boolean): Notice[] {
  const { program, history } = occasion
  const held = history.held.get(checkpoint.id)?.at(-1)
  const verdict = occasion.report?.checkpoint.id === checkpoint.id ? occasion.report.verdict : undefined
  return checkpoint.signOff
    .map(({ role, quorum }) => signatures(occasion, checkpoint, role, quorum))
    .filter(wanted)
    .map((state) =>
      tell(occasion, 'sign-off', {
        thread: `sign-off:${checkpoint.id}/${state.role}`,
        title: `${checkpoint.name}: ${howFar(state)} (${state.role}, ${state.approved.length} of ${state.quorum})`,
        people: state.waitingFor,
        edits: state.approved.length + state.refused.length > 0,
        acts:
          state.waitingFor.length === 0
            ? []
            : [true, false].map((approve) => ({ act: 'sign' as const, checkpoint: checkpoint.id, role: state.role, approve })),
        data: {
          checkpoint: meetingOf(occasion, checkpoint),
          role: state.role,
          quorum: state.quorum,
          approved: peopleOf(program, state.approved),
          refused: peopleOf(program, state.refused),
          waitingFor: peopleOf(program, state.waitingFor),
          verdict: verdict ?? (held?.verdict as typeof verdict) ?? null,
          due: null,
        },
      }),
    )
}

function howFar({ approved, quorum, waitingFor }: SignOffState): string {
  if (waitingFor.length > 0) return 'signature wanted'
  return approved.length >= quorum ? 'signed' : 'not signed'
}

/** The last word of each holder of the role on the decision itself. */
function signatures({ program, history }: Occasion, checkpoint: Checkpoint, role: string, quorum: number): SignOffState {
  const holders = holdersOf(program, role)
  const words = new Map<string, boolean>()
  for (const one of history.state.signOffs)
    if (one.checkpoint === checkpoint.id && one.criterion === undefined && one.role === role && holders.includes(one.actor))
      words.set(one.actor, one.approve)
  const approved = [...words].flatMap(([person, approve]) => (approve ? [person] : []))
  return {
    role,
    quorum,
    approved,
    refused: [...words].flatMap(([person, approve]) => (approve ? [] : [person])),
    waitingFor: approved.length >= quorum ? [] : holders.filter((one) => !words.has(one)),
  }
}
