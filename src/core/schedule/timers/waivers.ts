import { lapsesSoonAt, lastGranted } from '#core/evaluate/waivers.ts'
import type { Waiver } from '#core/ledger/events.ts'
import type { Dated } from '#core/ledger/state.ts'
import { peopleOf } from '#core/schedule/look-up.ts'
import { DROPPED, type Look } from '#core/schedule/look.ts'
import { epoch } from '#core/schedule/time.ts'

const LONG_PAST_MS = 7 * 86_400_000

/** Fourteen calendar days before a waiver lapses, and when it has, who granted it and whom it serves hear of it. */
export function lookAtWaivers(look: Look): void {
  for (const waiver of lastGranted(look.history.state.waivers)) if (waiver.expires !== undefined) lookAtWaiver(look, waiver, waiver.expires)
}

function lookAtWaiver(look: Look, waiver: Waiver & Dated, expires: string): void {
  const criterion = look.program.checkpoints
    .find((one) => one.id === waiver.checkpoint)
    ?.criteria.find((one) => one.id === waiver.criterion)
  if (!criterion) return
  const lapses = epoch(expires)
  const warns = lapsesSoonAt(expires, look.program.calendar.zone)
  const owners = peopleOf(look, criterion.owner ?? 'lead', waiver.stream)
  const people = [...new Set([waiver.actor, ...owners])].filter((one) => look.planned.people.has(one))
  const about = { kind: 'waiver', waiver: waiver.waiver, checkpoint: waiver.checkpoint, people } as const
  const scope = waiver.stream !== undefined && { stream: waiver.stream }

  const soon = `waiver:${waiver.waiver}/soon@${expires}`
  // Granted for less than that: who granted it knows.
  if (warns > epoch(waiver.at) && look.isDue(warns, soon))
    look.say(warns, soon, { ...about, ...scope, stage: 'soon', ...(lapses <= look.now && { dropped: DROPPED.over }) })
  const lapsed = `waiver:${waiver.waiver}/lapsed@${expires}`
  if (look.isDue(lapses, lapsed))
    look.say(lapses, lapsed, {
      ...about,
      ...scope,
      stage: 'lapsed',
      ...(look.now - lapses > LONG_PAST_MS && { dropped: DROPPED.longPast }),
    })
}
