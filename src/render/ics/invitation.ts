import type { NoticeData } from '#core/notify/data.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, Program } from '#core/program/model.ts'
import { epoch, wallOf } from '#core/schedule/time.ts'
import { writeCalendar, type CalendarEvent } from '#render/ics/write.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

type Meeting = NoticeData['invitation']['meeting']

const ROLES = { chair: 'CHAIR', required: 'REQ-PARTICIPANT', optional: 'OPT-PARTICIPANT' } as const

/** A meeting as an event; `from` is the address that invites, whose answers come back to it. */
export function eventOf(
  program: Program,
  meeting: Meeting,
  more: Pick<CalendarEvent, 'sequence' | 'stamp' | 'description' | 'isCancelled' | 'isWithdrawn'> & { readonly from?: string },
): CalendarEvent {
  const { from, ...rest } = more
  const { zone } = program.calendar
  const { repeats } = meeting
  const url = /^https:\/\//i.test(program.repository) && !program.repository.includes('@') ? program.repository : undefined
  return {
    uid: meeting.uid,
    start: meeting.at,
    end: epoch(meeting.endsAt) > epoch(meeting.at) ? meeting.endsAt : meeting.at,
    summary: `${program.name}: ${meeting.name}`,
    ...rest,
    ...(url !== undefined && { url }),
    ...(from !== undefined && { organizer: { name: program.name, email: from } }),
    attendees:
      from === undefined
        ? []
        : meeting.attendees.flatMap(({ id, name, takesPart, says }) => {
            const email = program.people.find((one) => one.id === id)?.email
            return email === undefined ? [] : [{ name, email, role: ROLES[takesPart], ...(says && { says }) }]
          }),
    ...(repeats && {
      repeats: {
        zone,
        days: repeats.days,
        time: repeats.time,
        first: wallOf(meeting.at, zone).date,
        endTime: wallOf(meeting.endsAt, zone),
        until: repeats.until,
        except: repeats.except,
      },
    }),
  }
}

/** One invitation, update or cancellation as iTIP (RFC 5546). The same notice gives the same bytes on every retry. */
export function invitationIcs(
  notice: Notice<'invitation'>,
  program: Program,
  config: ChannelConfig,
): { readonly method: 'REQUEST' | 'CANCEL'; readonly text: string } {
  const { meeting, sequence, change } = notice.data
  const isWithdrawn = change === 'withdrawn' || change === 'readdressed'
  const isOff = isWithdrawn || change === 'cancelled'
  const method = isOff ? 'CANCEL' : 'REQUEST'
  const event = eventOf(program, meeting, {
    sequence,
    stamp: notice.at,
    description: plainNotice(wordNotice(notice, program, config)),
    isCancelled: isOff,
    isWithdrawn,
    ...(config.from !== undefined && { from: config.from }),
  })
  // Who is not in the program's meeting any more was invited all the same, and is told that it is off.
  const extra = isOff
    ? program.people.flatMap((one) =>
        notice.people.includes(one.id) && one.email !== undefined && !event.attendees.some((each) => each.email === one.email)
          ? [{ name: one.name, email: one.email, role: 'REQ-PARTICIPANT' as const }]
          : [],
      )
    : []
  return { method, text: writeCalendar({ method }, [{ ...event, attendees: [...event.attendees, ...extra] }]) }
}
