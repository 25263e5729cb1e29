import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, ChannelKind, Program } from '#core/program/model.ts'
import { addDays, addSeconds, epoch, instantOf, minutesOfDay, wallOf, wallToInstant } from '#core/schedule/time.ts'
import { dropped, heldBack, type Delivering, type InHand, type Stage } from '#engine/deliver/stage.ts'

/** Stage one: what is of no use any more, and what may not go out now. What may have gone out already is finished first. */
export const mute: Stage = ({ message, notice, config, person }, { program, known, goingOut, now }) => {
  if (message.expires !== undefined && epoch(message.expires) <= epoch(now)) return dropped('it was of no use any more')
  if (message.maybeSent) return undefined
  const quiet = heldUntil(program, config, notice, now)
  if (quiet !== undefined) return heldBack(quiet, 'it is held back for the quiet hours')
  // What waited for a digest goes out in it, as one message.
  if (!person || message.tries > 1 || isHeldForDigest({ message, notice }, { program })) return undefined
  const underWay = [...goingOut.values()].flatMap(({ to, at }) => (to === person.id ? [at] : []))
  const sentAt = [...(known.deliveredTo.get(person.id) ?? []), ...underWay]
  const limited = limitedUntil(program, config, notice, { sentAt, now })
  if (limited !== undefined) return heldBack(limited, `${person.name} has had as many messages as they want in an hour`)
  if (!notice.urgent) goingOut.set(message.key, { to: person.id, at: epoch(now) })
  return undefined
}

/** Channels that no person is woken by. */
const MACHINES: ReadonlySet<ChannelKind> = new Set<ChannelKind>(['webhook', 'file', 'stdout'])

const isMuted = (config: ChannelConfig, notice: Notice): boolean => !notice.urgent && !MACHINES.has(config.send)

/** End of the quiet hours that `now` lies in, or the digest after it; undefined where it may go out. */
export function heldUntil(program: Program, config: ChannelConfig, notice: Notice, now: string): string | undefined {
  const { quiet, digest } = program.notify
  if (!quiet || !isMuted(config, notice)) return undefined
  const { date, time } = wallOf(now, program.calendar.zone)
  const [minute, from, until] = [time, quiet.from, quiet.until].map((text) => minutesOfDay(text) ?? 0) as [number, number, number]
  const isQuiet = from < until ? minute >= from && minute < until : minute >= from || minute < until
  if (!isQuiet) return undefined
  const ends = wallToInstant(`${until > minute ? date : addDays(date, 1)} ${quiet.until}`, program.calendar.zone)
  if (ends === undefined) return undefined
  return digest === undefined ? ends : nextDigest(program, ends, digest)
}

/** The first digest at or after an instant. */
export function nextDigest(program: Program, from: string, digest: string): string {
  const { date } = wallOf(from, program.calendar.zone)
  for (const days of [0, 1]) {
    const at = wallToInstant(`${addDays(date, days)} ${digest}`, program.calendar.zone)
    if (at !== undefined && epoch(at) >= epoch(from)) return at
  }
  return from
}

/** It was held back until a digest that has come. */
export function isHeldForDigest(
  { message, notice }: Pick<InHand, 'message' | 'notice'>,
  { program }: Pick<Delivering, 'program'>,
): boolean {
  const { digest } = program.notify
  if (digest === undefined || notice.urgent || notice.kind === 'digest') return false
  if (epoch(message.notBefore) <= epoch(notice.at)) return false
  return epoch(nextDigest(program, message.notBefore, digest)) === epoch(message.notBefore)
}

const HOUR_SECONDS = 3600

/**
 * When the next message to a person may go out, given when the last ones did: now (undefined), or
 * at the next digest where there is one, or when the hour of the oldest one is over.
 */
export function limitedUntil(
  program: Program,
  config: ChannelConfig,
  notice: Notice,
  { sentAt, now }: { readonly sentAt: readonly number[]; readonly now: string },
): string | undefined {
  const { perPersonHour, digest } = program.notify
  if (perPersonHour === undefined || !isMuted(config, notice) || notice.kind === 'digest') return undefined
  const recent = sentAt.filter((one) => one > epoch(now) - HOUR_SECONDS * 1000).toSorted((a, b) => a - b)
  const oldest = recent.at(-perPersonHour)
  if (oldest === undefined) return undefined
  // A second past it, so that what is held is really free then.
  const free = addSeconds(instantOf(oldest), HOUR_SECONDS + 1)
  return digest === undefined ? free : nextDigest(program, free, digest)
}
