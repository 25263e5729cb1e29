import type { NewEvent } from '#core/ledger/events.ts'
import type { EventBody } from '#core/ledger/events.ts'
import type { Occasion } from '#core/notify/compose.ts'
import type { Program } from '#core/program/model.ts'
import type { Failure } from '#engine/follow.ts'
import { musterEvent, occasionOf, type Moment } from '#engine/perform.ts'
import type { Additions } from '#engine/record-check.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { tell } from '#engine/tell.ts'

export type Trouble = Extract<EventBody, { type: 'trouble' }>['body']

const REMEDIES: Readonly<Record<Trouble['trouble'], string>> = {
  missed: 'keep `muster run` running (on one PostgreSQL store several may), or have cron start `muster run --once` more often',
  clock: 'keep the clock of the machine in time, with NTP',
  channel: '`muster outbox` shows what was not delivered; mend the channel, then retry it there',
  gather: 'run `muster doctor`; no checkpoint is green meanwhile',
  program: 'mend the program file; the one before is in force until then',
  older: 'if nobody meant that, bring the program file of that machine up to date',
  emptied: 'put the checkpoints back; to take them back for good, `muster cancel` each, then take it out of the file',
}

/** Trouble on record, with the message to who leads the program, over every channel but the one that it is about. */
export function troubled(trouble: Trouble, moment: Moment, ports: RunPorts): Additions {
  const event = musterEvent(ports.newId(), moment.now, { type: 'trouble', body: trouble })
  return { events: [event], messages: messagesOf(trouble, event, moment, ports) }
}

function messagesOf(trouble: Trouble, event: NewEvent, moment: Moment, ports: RunPorts): Additions['messages'] {
  const { program } = moment
  const channels = program.channels.filter((one) => trouble.trouble !== 'channel' || one.id !== trouble.about)
  const occasion: Occasion = occasionOf({ ...moment, program: { ...program, channels } }, [event])
  const what = trouble.about === undefined ? trouble.trouble : `${trouble.trouble}:${trouble.about}`
  const cause = {
    of: 'trouble',
    what,
    because: trouble.text,
    remedy: REMEDIES[trouble.trouble],
    since: trouble.from,
    people: whoLeads(program),
  } as const
  return tell(cause, `trouble:${event.id}`, occasion, ports)
}

/** Whoever holds the role; else whoever may override a verdict; else every lead. */
function whoLeads({ people, policy, streams }: Program): readonly string[] {
  const holders = (roles: readonly string[]): string[] =>
    people.filter((one) => one.roles.some((role) => roles.includes(role))).map((one) => one.id)
  const found = [holders(['phase-lead']), holders(policy.authority.override), streams.map((one) => one.lead)].find((ids) => ids.length > 0)
  return [...new Set(found)]
}

/** A channel over which messages failed for good. */
export function deadChannel(channel: string, failures: readonly Failure[], now: string): Trouble {
  const [first] = failures
  const count = failures.length
  return {
    trouble: 'channel',
    from: first?.at ?? now,
    until: now,
    text: `${count} ${count === 1 ? 'message' : 'messages'} could not be delivered over ${channel}: ${failures.at(-1)?.reason ?? 'nobody knows why'}`,
    about: channel,
  }
}
