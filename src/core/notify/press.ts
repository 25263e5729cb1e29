import type { NoticeAct } from '#core/notify/notice.ts'
import type { ActInput, ActName } from '#core/people/act.ts'

type Press = { readonly [N in ActName]: { readonly name: N; readonly input: ActInput<N> } }[ActName]

/** What the press of a button puts on record. @param where Where it was pressed, for the reason: a button asks for none. */
export function actOfPress(act: NoticeAct, where: string): Press {
  switch (act.act) {
    case 'acknowledge-blocker':
      return { name: act.act, input: { blocker: act.blocker } }
    case 'acknowledge-escalation':
      return { name: act.act, input: { escalation: act.escalation } }
    case 'resolve-blocker':
      return { name: act.act, input: { blocker: act.blocker, outcome: act.outcome, note: `Said in ${where}` } }
    case 'sign':
      return {
        name: act.act,
        input: { checkpoint: act.checkpoint, role: act.role, reason: `Said in ${where}`, ...(!act.approve && { refuse: true }) },
      }
  }
}
