import { readNotice, type Notice } from '#core/notify/notice.ts'
import type { Person } from '#core/program/model.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { epoch } from '#core/schedule/time.ts'
import type { Known } from '#engine/follow.ts'
import { dropped, type Delivering, type InHand, type Stage } from '#engine/deliver/stage.ts'

/** Stage two: what is not true any more, or what a later message of the thread says better, is not sent. */
export const dedup: Stage = async (inHand, delivering) => {
  const over = whyOver(inHand, delivering)
  if (over !== undefined) return dropped(over)
  if (await isOvertaken(inHand, delivering)) return dropped('a later message says how it stands')
  return undefined
}

function whyOver({ notice, person }: InHand, delivering: Delivering): string | undefined {
  const { known, now } = delivering
  if (notice.kind === 'escalation') return whyEscalationOver(notice, known, now)
  if (notice.kind === 'blocker') return whyBlockerOver(notice, known, now)
  if (notice.kind === 'check-in' && hasSaid(notice, person, known)) return 'everybody who is asked has checked in'
  const isOfMeeting = notice.kind === 'reminder' || notice.kind === 'check-in' || notice.kind === 'opened'
  return isOfMeeting ? whyNotThen(notice.data.checkpoint, delivering) : undefined
}

function whyEscalationOver({ data }: Notice<'escalation'>, { history }: Known, now: string): string | undefined {
  if (data.change === 'cleared') return undefined
  const found = history.escalations.find((one) => one.escalation === data.escalation.id)
  if (data.change === 'acknowledged') return whyLapsed(found?.acknowledgedUntil, now)
  if (found?.clearedAt !== undefined) return 'the escalation is cleared'
  return isAhead(found?.acknowledgedUntil, now) ? 'somebody has acknowledged the escalation' : undefined
}

function whyBlockerOver({ data }: Notice<'blocker'>, { history }: Known, now: string): string | undefined {
  if (data.change === 'resolved') return undefined
  const found = history.state.blockers.find((one) => one.blocker === data.blocker.id)
  if (found?.resolvedAt !== undefined) return 'the blocker is resolved'
  if (data.change === 'acknowledged') return whyLapsed(found?.acknowledgedUntil, now)
  return data.change !== 'changed' && isAhead(found?.acknowledgedUntil, now) ? 'somebody has acknowledged the blocker' : undefined
}

/** Whoever is asked to check in has done so since. */
function hasSaid({ data, at }: Notice<'check-in'>, person: Person | undefined, { history }: Known): boolean {
  return data.streams
    .filter((one) => person === undefined || one.lead.id === person.id)
    .every(({ id }) => {
      const said = history.state.checkIns[id]
      return said !== undefined && epoch(said.at) > epoch(at)
    })
}

/** Told late it would be read as the last word. */
const whyLapsed = (until: string | undefined, now: string): string | undefined =>
  isAhead(until, now) ? undefined : 'the acknowledgement has lapsed'

const isAhead = (until: string | undefined, now: string): boolean => until !== undefined && epoch(until) > epoch(now)

/** Since it was written the checkpoint was moved or cancelled, on record or in the program file. */
function whyNotThen({ id, at }: { readonly id: string; readonly at: string }, { program, known, now }: Delivering): string | undefined {
  const held = effectiveProgram(program, known.history.state.moves, now).checkpoints.find((one) => one.id === id)
  if (!held) return 'the checkpoint was cancelled'
  const isThen = [held.at, held.noGo.reevaluateAt].some((time) => time !== undefined && epoch(time) === epoch(at))
  return isThen ? undefined : 'the checkpoint was moved'
}

/** Of what says how something stands the last word counts; and what was held back may come after something urgent that was not. */
async function isOvertaken({ message, notice }: InHand, { ports, program }: Delivering): Promise<boolean> {
  const wasHeld = epoch(message.notBefore) > epoch(notice.at)
  if (notice.urgent || isForOldAddress(notice) || !(notice.edits || wasHeld)) return false
  const all = await ports.ledger.messages(program.id, { states: ['pending', 'sending', 'delivered'], thread: message.thread })
  const after = all.slice(all.findIndex((one) => one.key === message.key) + 1)
  return after.some((one) => {
    if (one.channel !== message.channel || one.to !== message.to) return false
    const later = readNotice(one.notice)
    if (later?.kind !== notice.kind || isForOldAddress(later)) return false
    return one.state === 'pending' ? notice.edits : later.urgent
  })
}

/** Nothing that goes to the new address says it there. */
const isForOldAddress = (notice: Notice): boolean => notice.kind === 'invitation' && notice.data.addresses !== null
