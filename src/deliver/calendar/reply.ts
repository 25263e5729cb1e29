import { ANSWERS, type InvitationAnswer } from '#core/ledger/events.ts'
import type { Checkpoint, Person, Program, Sync } from '#core/program/model.ts'
import { uidOf } from '#core/notify/tell/invitation.ts'

/** Answers to invitations (iTIP REPLY): who says whether they come. Pure; the mail is read elsewhere. */

export interface Reply {
  /** Text of the `text/calendar` part. */
  readonly text: string
  /** Address that the mail was sent from, as its server vouches for it; an answer speaks for that one alone. */
  readonly from: string
}

export type Answer =
  | {
      readonly ok: true
      readonly person: Person
      readonly meeting: { readonly kind: 'checkpoint' | 'sync'; readonly id: string }
      readonly says: InvitationAnswer
      /** Revision of the invitation that is answered. */
      readonly sequence: number
      /** Instant; undefined where it does not say when. */
      readonly answeredAt: string | undefined
    }
  | { readonly ok: false; readonly reason: string }

const MOST_CHARACTERS = 100_000

export function readReply({ text, from }: Reply, program: Program): Answer {
  if (text.length > MOST_CHARACTERS) return no('it is too long for an answer')
  const lines = contentLines(text)
  const valueOf = (name: string): string | undefined => lines.find((one) => one.name === name)?.value
  if (valueOf('METHOD')?.toUpperCase() !== 'REPLY') return no('it is no answer to an invitation')
  if (lines.filter((one) => one.name === 'BEGIN' && one.value.toUpperCase() === 'VEVENT').length !== 1)
    return no('it answers none, or several')
  if (valueOf('RECURRENCE-ID') !== undefined) return no('it answers one date of a series, and not the series')
  const attendees = lines.filter((one) => one.name === 'ATTENDEE')
  const [attendee] = attendees
  if (!attendee || attendees.length > 1) return no('it does not say who answers')
  const address = attendee.value.replace(/^mailto:/i, '').toLowerCase()
  if (address !== from.toLowerCase()) return no(`it answers for ${address}, and comes from ${from}`)
  const meeting = meetingOf(program, valueOf('UID') ?? '')
  if (!meeting) return no('the program has no such meeting')
  const person = program.people.find((one) => one.email?.toLowerCase() === address)
  if (!person || !meeting.attendees.includes(person.id)) return no(`${address} was not invited`)
  const status = (attendee.parameters['PARTSTAT'] ?? '').toLowerCase()
  const says = ANSWERS.find((one) => one === status)
  if (says === undefined) return no('it does not say whether they come')
  const sequence = Number(valueOf('SEQUENCE') ?? '0')
  if (!Number.isInteger(sequence) || sequence < 0) return no('its SEQUENCE is no number')
  const answeredAt = instantFrom(valueOf('DTSTAMP') ?? '')
  return { ok: true, person, meeting: { kind: meeting.kind, id: meeting.id }, says, sequence, answeredAt }
}

/** `20260225T150000Z`. */
function instantFrom(text: string): string | undefined {
  const instant = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  return instant === text || Number.isNaN(Date.parse(instant)) ? undefined : instant
}

const no = (reason: string): Answer => ({ ok: false, reason })

function meetingOf(program: Program, uid: string) {
  const of = (kind: 'checkpoint' | 'sync', all: readonly (Checkpoint | Sync)[]) =>
    all.filter((one) => uidOf(program, kind, one.id) === uid).map(({ id, attendees }) => ({ kind, id, attendees }))
  return [...of('checkpoint', program.checkpoints), ...of('sync', program.syncs)][0]
}

interface Line {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
  readonly value: string
}

/** Unfolds, and splits `NAME;PARAMETER="x":value`; what is no content line is passed over. */
const contentLines = (text: string): readonly Line[] =>
  text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      const match = /^([A-Za-z-]{1,40})((?:;[A-Za-z-]{1,40}=(?:"[^"]*"|[^;:"]*))*):(.*)$/.exec(line)
      if (!match) return []
      const [, name = '', written = '', value = ''] = match
      const parameters = [...written.matchAll(/;([A-Za-z-]+)=(?:"([^"]*)"|([^;:"]*))/g)].map(
        ([, key = '', quoted, plain = '']): [string, string] => [key.toUpperCase(), quoted ?? plain],
      )
      return [{ name: name.toUpperCase(), parameters: Object.fromEntries(parameters), value: value.trim() }]
    })
