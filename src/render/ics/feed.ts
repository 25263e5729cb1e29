import type { Occasion } from '#core/notify/compose.ts'
import { isCancelled, tell } from '#core/notify/parts.ts'
import { moveOf } from '#core/schedule/moves.ts'
import { checkpointMeeting, lastSequence, syncMeeting } from '#core/notify/tell/invitation.ts'
import { eventOf } from '#render/ics/invitation.ts'
import { writeCalendar, type CalendarEvent } from '#render/ics/write.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/** Every checkpoint and sync of a program as one calendar to subscribe to. */
export function programFeed(occasion: Occasion): string {
  const { program } = occasion
  return writeCalendar({ method: 'PUBLISH', name: program.name }, feedEvents(occasion))
}

function feedEvents(occasion: Occasion): readonly CalendarEvent[] {
  const { program, history, now } = occasion
  const checkpoints = program.checkpoints.map((checkpoint) => {
    const move = moveOf(history.state.moves, checkpoint)
    const cancelled = isCancelled(occasion, checkpoint.id)
    return {
      meeting: checkpointMeeting(occasion, checkpoint),
      sequence: lastSequence(occasion, 'checkpoint', checkpoint.id),
      change: cancelled ? ('cancelled' as const) : move ? ('moved' as const) : ('new' as const),
      reason: move?.reason ?? null,
      addresses: null,
    }
  })
  const syncs = program.syncs.flatMap((sync) => {
    const meeting = syncMeeting(occasion, sync)
    return meeting
      ? [{ meeting, sequence: lastSequence(occasion, 'sync', sync.id), change: 'new' as const, reason: null, addresses: null }]
      : []
  })
  return [...checkpoints, ...syncs].map((data) => {
    const notice = tell(occasion, 'invitation', { thread: '', title: data.meeting.name, people: [], data })
    return eventOf(program, data.meeting, {
      sequence: data.sequence,
      stamp: now,
      description: plainNotice(wordNotice(notice, program, { id: 'calendar', send: 'calendar' })),
      isCancelled: data.change === 'cancelled',
    })
  })
}
