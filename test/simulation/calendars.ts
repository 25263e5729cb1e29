import ICAL from 'ical.js'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { compose } from '#core/notify/compose.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { due, nextWakeAt, type DueKind } from '#core/schedule/due.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import { epoch } from '#core/schedule/time.ts'
import { CHANNEL_KIND_INFO } from '#deliver/registry.ts'
import { createRunner, type Runner } from '#engine/run.ts'
import type { RunLedger, RunPorts } from '#engine/run-ports.ts'
import { invitationIcs } from '#render/ics/invitation.ts'
import { openMemory } from '#store/memory.ts'
import { sha256 } from '#store/sha256.ts'

/** One calendar for each address: it does what RFC 5546 asks of whoever receives. */
export class Calendars {
  /** Address -> UID -> what is shown. */
  readonly #shown = new Map<string, Map<string, Shown>>()
  /** What was wrong with what came. */
  readonly faults: string[] = []
  count = 0

  receive(to: string, text: string): void {
    this.count += 1
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[])
    const method = String(calendar.getFirstPropertyValue('method'))
    const events = calendar.getAllSubcomponents('vevent').map((one) => new ICAL.Event(one))
    const [event] = events
    if (!event || events.length !== 1) return void this.faults.push(`${to}: ${events.length} events in one mail`)
    const own = this.#shown.get(to) ?? new Map<string, Shown>()
    this.#shown.set(to, own)
    const before = own.get(event.uid)
    if (before && event.sequence <= before.sequence) this.faults.push(`${to}: ${event.uid} has ${event.sequence} after ${before.sequence}`)
    if (method === 'CANCEL' && !before) this.faults.push(`${to}: ${event.uid} is cancelled, and was never sent`)
    const addresses = event.attendees.map((one) => String(one.getFirstValue()))
    if (!addresses.includes(`mailto:${to}`)) this.faults.push(`${to}: ${event.uid} is to ${addresses.join()}`)
    own.set(event.uid, { sequence: event.sequence, starts: method === 'CANCEL' ? [] : startsOf(calendar, event) })
  }

  /** Starts, after `now`, of what an address is shown under a UID. */
  ahead(to: string, uid: string, now: string): readonly string[] {
    return (this.#shown.get(to)?.get(uid)?.starts ?? []).filter((one) => epoch(one) > epoch(now))
  }

  uids(to: string): readonly string[] {
    return [...(this.#shown.get(to)?.keys() ?? [])]
  }
}

interface Shown {
  readonly sequence: number
  readonly starts: readonly string[]
}

const instant = (time: ICAL.Time): string => time.toJSDate().toISOString().replace('.000Z', 'Z')

function startsOf(calendar: ICAL.Component, event: ICAL.Event): readonly string[] {
  if (!event.isRecurring()) return [instant(event.startDate)]
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  const starts: string[] = []
  const iterator = event.iterator()
  for (let next = iterator.next() as ICAL.Time | null; next; next = iterator.next() as ICAL.Time | null) starts.push(instant(next))
  ICAL.TimezoneService.reset()
  return starts
}

/** `muster run` with a clock that is set and a store in memory; of what is due it does what goes into calendars, unless other `kinds` are set. */
export class Inviter {
  now: string
  kinds: readonly DueKind[] = ['invite']
  readonly said: string[] = []
  readonly ports: RunPorts
  readonly store: RunLedger
  readonly #runner: Runner
  readonly #program: string
  #ids = 0

  /** `send` takes each dispatch of a channel. `name` tells processes apart that share a store. */
  constructor(program: Program, beginsAt: string, send: (dispatch: Dispatch) => Promise<Sent>, name = 'one', store?: RunLedger) {
    this.now = beginsAt
    this.store = store ?? openMemory(() => epoch(this.now))
    this.#program = program.id
    this.ports = {
      due: (...asked) => due(...asked).filter((one) => this.kinds.includes(one.kind)),
      nextWakeAt,
      folding: foldingHistory,
      compose,
      ledger: this.store,
      openEdges: () => Promise.reject(new Error('no evidence is looked at')),
      readReported: async () => [],
      channelKinds: CHANNEL_KIND_INFO,
      channel: async () => ({ send, close: async () => {} }),
      holder: name,
      now: () => this.now,
      newId: () => `${name}-${(this.#ids += 1)}`,
      hash: sha256,
      random: () => 0.5,
      version: '0',
      timeLimit: () => new AbortController().signal,
      every: () => ({ end: () => {} }),
      say: (line) => void this.said.push(line),
    }
    this.#runner = createRunner(program.id, this.ports)
  }

  /** Why it did nothing, where it stood back. */
  async look(program: Program): Promise<string | undefined> {
    return (await this.#runner.tick(program, new AbortController().signal)).reconciled.standsBack
  }

  async record(actor: string, event: EventBody): Promise<void> {
    await this.store.append(this.#program, [{ id: this.ports.newId(), at: this.now, actor, ...event }])
  }
}

/** Renders as the calendar channel does, and puts it into the calendar of whom it is sent to. */
export const into =
  (calendars: Calendars) =>
  async ({ notice, program, config, person }: Dispatch): Promise<Sent> => {
    if (notice.kind !== 'invitation' || person?.email === undefined) return { outcome: 'failed', reason: 'no invitation' }
    calendars.receive(person.email, invitationIcs(notice, program, config).text)
    return { outcome: 'delivered' }
  }
