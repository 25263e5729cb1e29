import ICAL from 'ical.js'
import icalGenerator from 'ical-generator'
import { addSeconds } from '#core/schedule/time.ts'
import { writeCalendar, type CalendarEvent } from '#render/ics/write.ts'
import { compareCpu, report } from './measure.ts'

const EVENTS = 10_000
/** The library takes too long for all of them; its cost is counted by the event. */
const SAMPLE = 500

function generate(): readonly CalendarEvent[] {
  const start = '2026-01-05T09:00:00Z'
  return Array.from({ length: EVENTS }, (_, index): CalendarEvent => {
    const at = addSeconds(start, index * 3600)
    return {
      uid: `checkpoint.c-${index}.bench@muster`,
      sequence: index % 7,
      stamp: start,
      start: at,
      end: addSeconds(at, 1800),
      summary: `Phase E: Prüfung ${index}; Ströme A, B – "fertig"?`,
      description: [
        'Are both streams ready to be merged?',
        '',
        'Agenda',
        '- Status, 8 min for each stream: Code, Tests, Blockers',
        `- Übersicht № ${index} 日本語`,
      ],
      isCancelled: index % 50 === 0,
      url: 'https://git.example.org/team/phase-e',
      organizer: { name: 'Phase E', email: 'muster@example.org' },
      attendees: [{ name: 'Vera "V" Velocity', email: 'vera@example.org', role: 'REQ-PARTICIPANT' }],
    }
  })
}

/** The floor: the same values put between the names of the properties, nothing escaped, no line folded. */
const unsafe = (events: readonly CalendarEvent[]): string =>
  events
    .map(
      (one) =>
        `BEGIN:VEVENT\r\nUID:${one.uid}\r\nDTSTAMP:${one.stamp}\r\nSEQUENCE:${one.sequence}\r\nDTSTART:${one.start}\r\nDTEND:${one.end}\r\nSUMMARY:${one.summary}\r\nDESCRIPTION:${one.description.join('\\n')}\r\nSTATUS:CONFIRMED\r\nURL:${one.url}\r\nORGANIZER;CN="${one.organizer?.name}":mailto:${one.organizer?.email}\r\n${one.attendees.map(({ name, email, role }) => `ATTENDEE;ROLE=${role};CN="${name}":mailto:${email}\r\n`).join('')}END:VEVENT\r\n`,
    )
    .join('')

function byLibrary(events: readonly CalendarEvent[]): string {
  const calendar = icalGenerator({ prodId: '//Muster//Bench//EN' })
  for (const one of events)
    calendar
      .createEvent({
        id: one.uid,
        sequence: one.sequence,
        stamp: new Date(one.stamp),
        start: new Date(one.start),
        end: new Date(one.end),
        summary: one.summary,
        description: one.description.join('\n'),
        url: one.url ?? null,
        organizer: { name: 'Phase E', email: 'muster@example.org' },
      })
      .createAttendee({ name: 'Vera V Velocity', email: 'vera@example.org' })
  return calendar.toString()
}

/** Whether ical.js reads every event as it was meant, and no line is too long. */
function readsBack(text: string, events: readonly CalendarEvent[]): boolean {
  const isShort = text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75)
  const read = new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one))
  return (
    isShort &&
    read.length === events.length &&
    events.every((event, index) => {
      const found = read[index]
      return (
        found?.uid === event.uid &&
        found.sequence === event.sequence &&
        found.startDate.toJSDate().toISOString() === new Date(event.start).toISOString() &&
        found.endDate.toJSDate().toISOString() === new Date(event.end).toISOString() &&
        found.summary === event.summary &&
        found.description === event.description.join('\n')
      )
    })
  )
}

export async function bench(): Promise<boolean> {
  const events = generate()
  const sample = events.slice(0, SAMPLE)
  const isRight = readsBack(writeCalendar({ method: 'PUBLISH', name: 'bench' }, events), events)
  const [floor, ours] = await compareCpu(
    [
      { name: 'unsafe', run: () => unsafe(events) },
      { name: 'writeCalendar', run: () => writeCalendar({ method: 'PUBLISH', name: 'bench' }, events) },
    ],
    9,
  )
  const [, library] = await compareCpu(
    [
      { name: 'writeCalendar', run: () => writeCalendar({ method: 'PUBLISH', name: 'bench' }, sample) },
      { name: 'ical-generator', run: () => byLibrary(sample) },
    ],
    5,
    1,
  )
  const each = ((ours?.milliseconds ?? NaN) * 1000) / EVENTS
  const theirs = ((library?.milliseconds ?? NaN) * 1000) / SAMPLE
  console.log(
    `     a calendar of ${EVENTS} events: ${each.toFixed(1)} us an event (unescaped and unfolded ${(((floor?.milliseconds ?? NaN) * 1000) / EVENTS).toFixed(1)} us, ical-generator ${theirs.toFixed(0)} us), ` +
      (isRight ? 'every line short, every event read back right by ical.js' : 'NOT READ BACK RIGHT'),
  )
  return [report('writing a calendar against ical-generator', each / theirs, 0.1, 'at most'), isRight].every(Boolean)
}
