import type { Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { meetingOf, openBlockersOf, startOf, streamsToCheckIn, tell } from '#core/notify/parts.ts'
import type { Checkpoint } from '#core/program/model.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { epoch, formatNamed } from '#core/schedule/time.ts'

const threadOf = (checkpoint: Checkpoint): string => `checkpoint:${checkpoint.id}`

export const openedNotice = (occasion: Occasion, action: DueAction, checkpoint: Checkpoint): Notice =>
  tell(occasion, 'opened', {
    thread: threadOf(checkpoint),
    title: `${checkpoint.name} opens`,
    people: action.people,
    data: {
      checkpoint: meetingOf(occasion, checkpoint, action.startsAt),
      late: action.late === true,
      toCheckIn: streamsToCheckIn(occasion),
      blockers: openBlockersOf(occasion),
    },
  })

export function reminderNotice(occasion: Occasion, action: DueAction, checkpoint: Checkpoint): Notice {
  const at = action.startsAt ?? startOf(occasion, checkpoint)
  return tell(occasion, 'reminder', {
    thread: threadOf(checkpoint),
    title: `Reminder: ${formatNamed(checkpoint.name, at, occasion.program.calendar.zone)}`,
    people: action.people,
    data: {
      checkpoint: meetingOf(occasion, checkpoint, at),
      // To the minute: nobody reads seconds in a reminder.
      inSeconds: Math.max(0, Math.round((epoch(at) - epoch(occasion.now)) / 60_000) * 60),
      toCheckIn: streamsToCheckIn(occasion),
      blockers: openBlockersOf(occasion),
    },
  })
}

/** Asks those who lead a stream that has not checked in; nobody where all have. */
export function checkInNotices(occasion: Occasion, action: DueAction, checkpoint: Checkpoint): Notice[] {
  const asked = streamsToCheckIn(occasion).filter(
    (one) =>
      (action.stream === undefined || one.id === action.stream) && (action.people.length === 0 || action.people.includes(one.lead.id)),
  )
  if (asked.length === 0) return []
  const at = action.startsAt ?? startOf(occasion, checkpoint)
  return [
    tell(occasion, 'check-in', {
      thread: threadOf(checkpoint),
      title: `Check in before ${checkpoint.name}`,
      people: asked.map((one) => one.lead.id),
      data: { checkpoint: meetingOf(occasion, checkpoint, at), streams: asked, due: at },
    }),
  ]
}
