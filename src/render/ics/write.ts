import type { InvitationAnswer } from '#core/ledger/events.ts'
import type { Weekday } from '#core/program/model.ts'
import { icsParameter, icsText } from '#render/encode.ts'
import { contentLine, utcTime, wallTime } from '#render/ics/line.ts'
import { zoneLines } from '#render/ics/zone.ts'

/** Writes calendars (RFC 5545, 5546). Our own writer: see bench/calendar.ts for what a library's costs. */

export interface CalendarEvent {
  readonly uid: string
  readonly sequence: number
  /** Instants. */
  readonly stamp: string
  readonly start: string
  readonly end: string
  readonly summary: string
  /** Lines of plain text. */
  readonly description: readonly string[]
  readonly isCancelled: boolean
  /** It takes place without those who are named; by RFC 5546 (3.2.5) it then has no status. */
  readonly isWithdrawn?: boolean
  readonly url?: string
  readonly organizer?: Address
  readonly attendees: readonly (Address & {
    readonly role: 'CHAIR' | 'REQ-PARTICIPANT' | 'OPT-PARTICIPANT'
    /** What they answered to this time; absent: nothing. */
    readonly says?: InvitationAnswer
  })[]
  /** A series on days of the week, at a wall time of a zone. */
  readonly repeats?: {
    readonly zone: string
    readonly days: readonly Weekday[]
    /** Wall time `HH:MM`, and the date of the first, of the end. */
    readonly time: string
    readonly first: string
    readonly endTime: { readonly date: string; readonly time: string }
    readonly until: string
    /** Dates on which it does not take place. */
    readonly except: readonly string[]
  }
}

export interface Address {
  readonly name: string
  readonly email: string
}

export type Method = 'REQUEST' | 'CANCEL' | 'PUBLISH'

export interface CalendarHead {
  readonly method: Method
  readonly name?: string
}

export const PRODUCT = '-//Muster//Muster//EN'

export function writeCalendar(head: CalendarHead, events: readonly CalendarEvent[]): string {
  const zones = new Map<string, { from: string; until: string }>()
  for (const { repeats, start } of events) {
    if (!repeats) continue
    const known = zones.get(repeats.zone)
    zones.set(repeats.zone, {
      from: known && known.from < start ? known.from : start,
      until: known && known.until > repeats.until ? known.until : repeats.until,
    })
  }
  return [
    'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n',
    contentLine(`PRODID:${PRODUCT}`),
    'CALSCALE:GREGORIAN\r\n',
    `METHOD:${head.method}\r\n`,
    ...(head.name === undefined ? [] : [contentLine(`NAME:${icsText(head.name)}`), contentLine(`X-WR-CALNAME:${icsText(head.name)}`)]),
    ...(head.method === 'PUBLISH' ? ['REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n'] : []),
    ...[...zones].map(([zone, { from, until }]) => zoneLines(zone, from, until)),
    ...events.map(eventLines),
    'END:VCALENDAR\r\n',
  ].join('')
}

const DAYS: Readonly<Record<Weekday, string>> = {
  monday: 'MO',
  tuesday: 'TU',
  wednesday: 'WE',
  thursday: 'TH',
  friday: 'FR',
  saturday: 'SA',
  sunday: 'SU',
}

function eventLines(event: CalendarEvent): string {
  let lines = 'BEGIN:VEVENT\r\n'
  const add = (text: string): void => {
    lines += contentLine(text)
  }
  add(`UID:${icsText(event.uid)}`)
  add(`DTSTAMP:${utcTime(event.stamp)}`)
  add(`SEQUENCE:${event.sequence}`)
  const { repeats } = event
  if (repeats) {
    const { zone } = repeats
    add(`DTSTART;TZID=${zone}:${wallTime(repeats.first, repeats.time)}`)
    add(`DTEND;TZID=${zone}:${wallTime(repeats.endTime.date, repeats.endTime.time)}`)
    add(`RRULE:FREQ=WEEKLY;UNTIL=${utcTime(repeats.until)};BYDAY=${repeats.days.map((day) => DAYS[day]).join(',')}`)
    for (const date of repeats.except) add(`EXDATE;TZID=${zone}:${wallTime(date, repeats.time)}`)
  } else {
    add(`DTSTART:${utcTime(event.start)}`)
    // An end at the start is none.
    if (event.end !== event.start) add(`DTEND:${utcTime(event.end)}`)
  }
  add(`SUMMARY:${icsText(event.summary)}`)
  if (event.description.length > 0) add(`DESCRIPTION:${event.description.map(icsText).join('\\n')}`)
  if (!event.isWithdrawn) add(event.isCancelled ? 'STATUS:CANCELLED' : 'STATUS:CONFIRMED')
  if (event.url !== undefined) add(`URL:${uri(event.url)}`)
  if (event.organizer && isAddress(event.organizer.email))
    add(`ORGANIZER;CN=${icsParameter(event.organizer.name)}:mailto:${event.organizer.email}`)
  for (const { name, email, role, says } of event.attendees)
    if (isAddress(email)) {
      const status = says?.toUpperCase() ?? 'NEEDS-ACTION'
      add(`ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=${role};PARTSTAT=${status};RSVP=TRUE;CN=${icsParameter(name)}:mailto:${email}`)
    }
  return `${lines}END:VEVENT\r\n`
}

/** What may stand in an address line as it is; anything else is no address that mail is sent to. */
export const isAddress = (email: string): boolean =>
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(email)

const uri = (url: string): string => (URL.canParse(url) ? new URL(url).href : '')
