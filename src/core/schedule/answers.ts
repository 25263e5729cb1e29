import type { Attendee } from '#core/decide/report.ts'
import type { InvitationAnswer, Invited } from '#core/ledger/events.ts'
import type { LedgerState } from '#core/ledger/state.ts'
import type { Checkpoint, Program, Sync } from '#core/program/model.ts'
import { seriesOf, type History } from '#core/schedule/history.ts'
import { epoch, formatZoned, instantOf } from '#core/schedule/time.ts'

/** Who comes: answers to invitations, and to what they are answers still. */

export type Answers = ReadonlyMap<string, InvitationAnswer>

/** When a sync is, whichever its first and last dates are. */
export const weeklyOf = ({ calendar }: Program, { days, time }: Sync): string => `${days.join(' ')} ${time} ${calendar.zone}`

/** Person id -> what they answered to a meeting at that time: an answer to another time is none. */
export function answersTo({ answers = [] }: LedgerState, meeting: 'checkpoint' | 'sync', id: string, time: string): Answers {
  const to = answers.filter((one) => one.meeting === meeting && one.id === id && one.time === time)
  return new Map(to.map((one) => [one.actor, one.says]))
}

/** @param checkpoint As it stands now. @param name Of a person, by id. */
export function attendeesOf(checkpoint: Checkpoint, state: LedgerState, name: (id: string) => string): readonly Attendee[] {
  const { id, at, noGo, attendees } = checkpoint
  const to = (instant: string): Answers => answersTo(state, 'checkpoint', id, instantOf(epoch(instant)))
  // Of one that is decided again the answers to that time, once there are any.
  const again = noGo.reevaluateAt === undefined ? undefined : to(noGo.reevaluateAt)
  return withAnswers(attendees, again && again.size > 0 ? again : to(at), name)
}

const withAnswers = (people: readonly string[], answers: Answers, name: (id: string) => string): readonly Attendee[] =>
  people.map((person) => {
    const says = answers.get(person)
    return { id: person, name: name(person), ...(says && { says }) }
  })

export interface Attendance {
  readonly meeting: 'checkpoint' | 'sync'
  readonly id: string
  readonly name: string
  readonly attendees: readonly Attendee[]
}

/** Checkpoints ahead and syncs whose invitations somebody has answered. @param program As it stands now. */
export function attendanceAhead(program: Program, state: LedgerState, now: string): readonly Attendance[] {
  const nameOf = (id: string): string => program.people.find((one) => one.id === id)?.name ?? id
  const ahead = program.checkpoints.filter(({ at, noGo }) => epoch(noGo.reevaluateAt ?? at) > epoch(now))
  const checkpoints = ahead.map((one): Attendance => {
    const { id, name } = one
    return { meeting: 'checkpoint', id, name, attendees: attendeesOf(one, state, nameOf) }
  })
  const syncs = program.syncs.map((one): Attendance => {
    const { id, name } = one
    const answers = answersTo(state, 'sync', id, weeklyOf(program, one))
    return { meeting: 'sync', id, name, attendees: withAnswers(one.attendees, answers, nameOf) }
  })
  return [...checkpoints, ...syncs].filter(({ attendees }) => attendees.some((one) => one.says))
}

type Invitation = { readonly ok: true; readonly time: string } | { readonly ok: false; readonly reason: string }

/** The time that a revision of an invitation was to, where the last one is to no other. */
export function invitationTo(
  { history, zone }: { readonly history: History; readonly zone: string },
  meeting: 'checkpoint' | 'sync',
  id: string,
  sequence: number,
): Invitation {
  const no = (reason: string): Invitation => ({ ok: false, reason })
  const series = `invite:${meeting}:${id}`
  const revisions = [...history.fired.values()].flatMap(({ timer, invited }) =>
    invited && seriesOf(timer) === series ? [{ number: Number(timer.slice(timer.lastIndexOf('/') + 1)), invited }] : [],
  )
  const last = revisions.at(-1)
  if (!last) return no('nobody was invited to it yet')
  if (last.invited.people.length === 0) return no('it was called off since')
  if (sequence > last.number) return no(`it answers revision ${sequence} of the invitation, and the last one sent is ${last.number}`)
  const answered = revisions.find((one) => one.number === sequence)
  // Of a long series the oldest are not remembered.
  if (!answered || timeOf(answered.invited) !== timeOf(last.invited))
    return no(`it answers an invitation to another time; it is ${wordsOf(last.invited, zone)} now, and they were invited anew`)
  return { ok: true, time: timeOf(last.invited) }
}

const timeOf = ({ startsAt, weekly }: Invited): string => weekly ?? startsAt
const wordsOf = ({ startsAt, weekly }: Invited, zone: string): string => weekly ?? formatZoned(startsAt, zone)
