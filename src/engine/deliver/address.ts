import type { Hash } from '#core/ledger/canonical.ts'
import type { ChannelKindInfo } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import type { ChannelConfig, ChannelKind, Program } from '#core/program/model.ts'
import { addDays, addSeconds, wallToInstant } from '#core/schedule/time.ts'
import { heldUntil } from '#engine/deliver/mute.ts'
import { asAddressed, takesBack } from '#engine/former-people.ts'

export interface Addressing {
  readonly program: Program
  /** Names what is told, for ever: told twice, it is one message. */
  readonly cause: string
  /** Instant of writing. */
  readonly now: string
  readonly channelKinds: Readonly<Record<ChannelKind, ChannelKindInfo>>
  readonly hash: Hash
}

/** Longest key that every store keeps. */
const MOST_KEY = 250

/**
 * The messages of a notice: one for each channel that `notify.routes` names for its kind, or that
 * carries it, and of a channel that writes to persons one for each person who is concerned and can
 * be reached.
 */
export function address(notice: Notice, { program, cause, now, channelKinds, hash }: Addressing): NewMessage[] {
  return channelsFor(program, notice, channelKinds).flatMap((config) =>
    recipients(program, notice, channelKinds[config.send]).map((to): NewMessage => {
      const key = `${cause}/${notice.kind}/${notice.thread}/${config.id}/${to}${apart(notice)}`
      const expires = expiryOf(program, notice)
      return {
        key: key.length <= MOST_KEY ? key : `${notice.kind}/${config.id}/${hash(key)}`,
        channel: config.id,
        to,
        thread: notice.thread,
        ...(notice.urgent && { urgent: true }),
        notBefore: heldUntil(program, config, notice, now) ?? now,
        ...(expires !== undefined && { expires }),
        notice,
      }
    }),
  )
}

function channelsFor(program: Program, { kind }: Notice, kinds: Addressing['channelKinds']): ChannelConfig[] {
  const route = program.notify.routes[kind]
  return program.channels.filter((one) => kinds[one.send].carries(kind) && (route === undefined || route.includes(one.id)))
}

export const EVERYBODY = '*'

function recipients(program: Program, notice: Notice, kind: ChannelKindInfo): string[] {
  if (kind.recipients === 'all') return isPersonal(notice) ? [] : [EVERYBODY]
  const { people } = asAddressed(program, notice)
  return [...new Set(notice.people)].filter((id) => {
    const person = people.find((one) => one.id === id)
    return person !== undefined && kind.reaches(person) === true
  })
}

/** What tells notices of one kind apart that one cause has in one thread: a decision says of each stream how it stands. */
const apart = (notice: Notice): string => (notice.kind === 'status' ? `/${notice.data.stream.id}` : isPersonal(notice) ? '/taken-back' : '')

/** That a meeting takes place without somebody, or is not sent to an address any more, is said to them alone. */
const isPersonal = (notice: Notice): boolean =>
  notice.kind === 'invitation' && takesBack(notice) && (notice.data.change !== 'cancelled' || notice.data.addresses !== null)

const DAY_SECONDS = 86_400

/** What leads up to a meeting is of no use once it has begun; that it is open, or a sync, once it is over. */
function expiryOf({ calendar }: Program, notice: Notice): string | undefined {
  switch (notice.kind) {
    case 'reminder':
    case 'check-in':
      return notice.data.checkpoint.at
    case 'opened':
      return notice.data.checkpoint.endsAt
    case 'sync':
      return notice.data.sync.endsAt
    case 'stand-up':
      return wallToInstant(addDays(notice.data.date, 1), calendar.zone)
    case 'status':
      return addSeconds(notice.at, DAY_SECONDS)
    case 'invitation':
      return takesBack(notice) ? undefined : (notice.data.meeting.repeats?.until ?? notice.data.meeting.endsAt)
    case 'decision':
    case 'sign-off':
    case 'blocker':
    case 'escalation':
    case 'stalled':
    case 'waiver':
    case 'trouble':
    case 'digest':
      return undefined
  }
}
