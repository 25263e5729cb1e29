import fc from 'fast-check'
import ICAL from 'ical.js'
import ical from 'node-ical'
import { describe, expect, test } from 'vitest'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { compose, type Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { Program } from '#core/program/model.ts'
import { due } from '#core/schedule/due.ts'
import { foldHistory } from '#core/schedule/history.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import { programFeed } from '#render/ics/feed.ts'
import { invitationIcs } from '#render/ics/invitation.ts'
import { contentLine } from '#render/ics/line.ts'
import { writeCalendar, type CalendarEvent } from '#render/ics/write.ts'
import { checkpointOf, programOf, streamOf } from '../../../test/core/heart/build.ts'

const CONFIG = { id: 'calendar', send: 'calendar', from: 'muster@example.org' } as const

const eventsIn = (text: string): ICAL.Event[] =>
  new ICAL.Component(ICAL.parse(text) as unknown[]).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one))

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    'a;b,c\\d',
    'x\r\nEND:VEVENT\r\nBEGIN:VEVENT',
    '"quoted" ^n ^^ ^\'',
    '\u202etxt.exe',
    '\u001b[31mred',
    '日本語のとても長い題名'.repeat(9),
    '👩‍👩‍👧‍👦'.repeat(20),
    ':;,="',
  ),
)

const eventOf = (more: Partial<CalendarEvent>): CalendarEvent => ({
  uid: 'checkpoint.x.y@muster',
  sequence: 3,
  stamp: '2026-02-27T14:30:00Z',
  start: '2026-02-27T14:30:00Z',
  end: '2026-02-27T15:15:00Z',
  summary: 'Sprint',
  description: [],
  isCancelled: false,
  attendees: [],
  ...more,
})

describe('whatever a name holds', () => {
  test('every line has at most 75 octets, ends with CRLF, and unfolds to what was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
        const clean = text.replace(/[\r\n]/g, '')
        const written = contentLine(clean)
        for (const line of written.slice(0, -2).split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(written.slice(0, -2).replaceAll('\r\n ', '')).toBe(clean)
      }),
    )
  })

  test('an event is one event, its texts are one line each, and its people are those that were invited', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, anyText, async (summary, line, name) => {
        const text = writeCalendar({ method: 'REQUEST', name }, [
          eventOf({
            summary,
            description: [line, line],
            organizer: { name, email: 'muster@example.org' },
            attendees: [
              { name, email: 'vera@example.org', role: 'CHAIR' },
              { name, email: 'x@example.org\r\nATTENDEE:mailto:evil@example.org', role: 'CHAIR' },
            ],
          }),
        ])
        for (const each of text.split('\r\n')) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(75)
        const [event, second] = eventsIn(text)
        expect(second).toBeUndefined()
        expect(event?.startDate.toJSDate().toISOString()).toBe('2026-02-27T14:30:00.000Z')
        expect(event?.description.split('\n')).toHaveLength(2)
        for (const each of ['\r', '\n', '\u001b', '\u202e']) expect(event?.summary).not.toContain(each)
        expect(event?.attendees.map((one) => one.getFirstValue())).toEqual(['mailto:vera@example.org'])
        const read = Object.values(ical.sync.parseICS(text)).filter((one) => one?.type === 'VEVENT')
        expect(read).toHaveLength(1)
      }),
      { numRuns: 300 },
    )
  })
})

const AT = '2026-03-02T15:00:00Z'

type Edit =
  | { readonly edit: 'move'; readonly hours: number }
  | { readonly edit: 'rename'; readonly name: string }
  | { readonly edit: 'cancel' }
  | { readonly edit: 'nothing' }

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ edit: fc.constant('move' as const), hours: fc.integer({ min: -40, max: 400 }) }),
  fc.record({ edit: fc.constant('rename' as const), name: fc.constantFrom('Midweek', 'Sprint, end; "x"', 'Ende der Woche ß', 'M') }),
  fc.constant({ edit: 'cancel' as const }),
  fc.constant({ edit: 'nothing' as const }),
)

/** A calendar that does what RFC 5546 asks of one: the newest revision of a UID counts, a cancellation takes it out. */
class Receiver {
  readonly events = new Map<string, { sequence: number; stamp: number; event: ICAL.Event; isLive: boolean }>()

  take(text: string): void {
    const method = String(new ICAL.Component(ICAL.parse(text) as unknown[]).getFirstPropertyValue('method'))
    for (const event of eventsIn(text)) {
      const stamp = epoch(String(event.component.getFirstPropertyValue('dtstamp')))
      const known = this.events.get(event.uid)
      if (known && (event.sequence < known.sequence || (event.sequence === known.sequence && stamp < known.stamp))) continue
      this.events.set(event.uid, { sequence: event.sequence, stamp, event, isLive: method !== 'CANCEL' })
    }
  }

  get live(): readonly ICAL.Event[] {
    return [...this.events.values()].flatMap((one) => (one.isLive ? [one.event] : []))
  }
}

test('one checkpoint is one event for ever: 1,000 histories of moves, renamings, cancellations and returns', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(20), { maxLength: 3 }), (edits, again) => {
      const stream = { ...streamOf('a'), lead: 'lead-a' }
      const programNaming = (name: string): Program => {
        const checkpoint = checkpointOf([], { id: 'midweek', name, at: AT, attendees: ['lead-a'] })
        const made = programOf(checkpoint, { streams: [stream] })
        return { ...made, people: made.people.map((one) => ({ ...one, email: `${one.id}@example.org` })) }
      }
      let program = programNaming('Midweek')
      const events: LedgerEvent[] = []
      const put = (at: string, part: object): void => {
        events.push({
          id: `e${events.length}`,
          seq: events.length + 1,
          previous: '',
          schema: '',
          hash: '',
          actor: 'lead-a',
          at,
          ...part,
        } as unknown as LedgerEvent)
      }
      let now = '2026-02-20T08:00:00Z'
      let agreed: string | undefined = AT
      const sent: string[] = []
      const look = (): void => {
        for (const action of due(program, foldHistory(events), now)) {
          if (action.kind !== 'invite') continue
          put(now, {
            type: 'fired',
            body: { timer: action.key, kind: 'invite', due: action.due, ...(action.invited && { invited: action.invited }) },
          })
          const occasion: Occasion = { program, history: foldHistory(events), now }
          for (const notice of compose({ of: 'due', action }, occasion))
            sent.push(invitationIcs(notice as Notice<'invitation'>, program, CONFIG).text)
        }
      }
      put(now, { type: 'program', body: { digest: '', program } })
      look()
      for (const one of edits) {
        now = addSeconds(now, 3600)
        if (one.edit === 'move') {
          agreed = addSeconds(AT, one.hours * 3600)
          put(now, { type: 'checkpoint-moved', body: { checkpoint: 'midweek', to: agreed, reason: 'so' } })
        } else if (one.edit === 'cancel') {
          agreed = undefined
          put(now, { type: 'checkpoint-cancelled', body: { checkpoint: 'midweek', reason: 'so' } })
        } else if (one.edit === 'rename') {
          program = programNaming(one.name)
          put(now, { type: 'program', body: { digest: '', program } })
        }
        look()
      }
      // Mail comes twice, and late: what is old must not undo what is new.
      const receiver = new Receiver()
      for (const text of [...sent, ...again.flatMap((index) => sent[index % sent.length] ?? [])]) receiver.take(text)
      expect(receiver.events.size).toBe(1)
      expect(receiver.live.map((one) => one.startDate.toJSDate().toISOString())).toEqual(
        agreed === undefined ? [] : [new Date(agreed).toISOString()],
      )
      const feed = eventsIn(programFeed({ program, history: foldHistory(events), now }))
      const confirmed = feed.filter((one) => one.component.getFirstPropertyValue('status') === 'CONFIRMED')
      expect(confirmed.map((one) => one.startDate.toJSDate().toISOString())).toEqual(
        agreed === undefined ? [] : [new Date(agreed).toISOString()],
      )
    }),
    { numRuns: 1000 },
  )
})

test('a weekly sync keeps its wall time over the change of the clocks, and leaves holidays out', () => {
  const program: Program = {
    ...programOf(checkpointOf([], { at: '2026-03-20T15:00:00Z' })),
    calendar: { zone: 'Europe/Berlin', workDays: ['thursday'], hours: { start: '09:00', end: '17:00' }, holidays: ['2026-03-26'] },
    checkpoints: [checkpointOf([], { id: 'a', at: '2026-03-20T15:00:00Z' }), checkpointOf([], { id: 'b', at: '2026-04-10T14:00:00Z' })],
    syncs: [{ id: 's', name: 'Sync', days: ['thursday'], time: '09:45', durationSeconds: 600, format: '', attendees: [], topics: [] }],
  }
  const text = programFeed({ program, history: foldHistory([]), now: AT })
  const component = new ICAL.Component(ICAL.parse(text) as unknown[])
  for (const zone of component.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  const sync = eventsIn(text).find((one) => one.isRecurring())
  const times: string[] = []
  const iterator = sync?.iterator()
  for (let next = iterator?.next(); next; next = iterator?.next()) times.push(next.toJSDate().toISOString())
  ICAL.TimezoneService.reset()
  expect(times).toEqual(['2026-03-19T08:45:00.000Z', '2026-04-02T07:45:00.000Z', '2026-04-09T07:45:00.000Z'])
})
