import type { Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { nameOf, nextCheckpoint, openBlockersOf, peopleOf, streamNameOf, tell } from '#core/notify/parts.ts'
import type { Sync } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { addSeconds, formatDate, formatInstant, wallOf } from '#core/schedule/time.ts'

/** Asks for the day's check-ins, and says what was said in them. A nudge goes to those who are missing, and to nobody where none is. */
export function standUpNotices(occasion: Occasion, action: DueAction, nudge: boolean): Notice[] {
  const { program, history } = occasion
  const { date } = wallOf(action.due, program.calendar.zone)
  const streams = program.streams.map(({ id }) => ({ name: streamNameOf(program, id), said: history.state.checkIns[id] }))
  const isToday = (at: string): boolean => wallOf(at, program.calendar.zone).date === date
  const missing = streams.filter(({ said }) => said === undefined || !isToday(said.at)).map(({ name }) => name)
  if (nudge && missing.length === 0) return []
  return [
    tell(occasion, 'stand-up', {
      thread: `stand-up:${date}`,
      title: nudge ? `Stand-up of ${formatDate(date)}: check-ins are missing` : `Stand-up of ${formatDate(date)}`,
      people: nudge ? missing.map((one) => one.lead.id).filter(isAmong(action.people)) : action.people,
      data: {
        date,
        nudge,
        checkIns: streams.flatMap(({ name, said }) =>
          said && isToday(said.at)
            ? [
                {
                  stream: name,
                  at: said.at,
                  by: nameOf(program, said.actor),
                  done: [...said.done],
                  next: [...said.next],
                  risks: [...said.risks],
                  waitingOn: [...(said.waitingOn ?? [])],
                  blocking: [...(said.blocking ?? [])],
                },
              ]
            : [],
        ),
        missing,
        blockers: openBlockersOf(occasion),
      },
    }),
  ]
}

const isAmong =
  (people: readonly string[]) =>
  (id: string): boolean =>
    people.length === 0 || people.includes(id)

export function syncNotice(occasion: Occasion, action: DueAction, sync: Sync): Notice {
  const { program } = occasion
  const at = action.startsAt ?? action.due
  return tell(occasion, 'sync', {
    thread: `sync:${sync.id}@${at}`,
    title: `${sync.name}, ${formatInstant(at, program.calendar.zone)}`,
    people: action.people,
    data: {
      sync: {
        id: sync.id,
        name: sync.name,
        at,
        endsAt: addSeconds(at, sync.durationSeconds),
        durationSeconds: sync.durationSeconds,
        format: sync.format,
        topics: [...sync.topics],
        attendees: peopleOf(program, sync.attendees),
      },
      blockers: openBlockersOf(occasion),
      next: nextCheckpoint(occasion, at),
    },
  })
}
