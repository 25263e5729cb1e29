import type { Look } from '#core/schedule/look.ts'
import { DROPPED } from '#core/schedule/look.ts'
import { peopleOf } from '#core/schedule/look-up.ts'
import type { Checkpoint } from '#core/program/model.ts'
import { epoch } from '#core/schedule/time.ts'

const LONG_PAST_MS = 7 * 86_400_000

/** Signatures that a decision asks for, once it has been taken and while its quorum is open. */
export function lookAtSignOffs(look: Look): void {
  for (const { id, checkpoint } of look.planned.signed) {
    const last = look.history.held.get(id)?.at(-1)
    if (!last) continue
    const key = `sign-off:${id}@${last.due}`
    if (look.history.fired.has(key)) continue
    const people = waitingFor(look, checkpoint)
    const at = epoch(last.at)
    if (people.length > 0 && look.hasCome(at))
      look.say(at, key, { kind: 'sign-off', checkpoint: id, people, ...(look.now - at > LONG_PAST_MS && { dropped: DROPPED.longPast }) })
  }
}

/** Those who could still sign for a role that lacks signatures; the last word of each counts. */
function waitingFor(look: Look, { id, signOff }: Checkpoint): readonly string[] {
  const said = new Map<string, boolean>()
  for (const one of look.history.state.signOffs)
    if (one.checkpoint === id && one.criterion === undefined && one.stream === undefined) said.set(`${one.role} ${one.actor}`, one.approve)
  const waiting = signOff.flatMap(({ role, quorum }) => {
    const holders = peopleOf(look, role)
    const approved = holders.filter((person) => said.get(`${role} ${person}`) === true)
    return approved.length >= quorum ? [] : holders.filter((person) => !said.has(`${role} ${person}`))
  })
  return [...new Set(waiting)]
}
