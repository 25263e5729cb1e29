import { readNotice, type Notice } from '#core/notify/notice.ts'
import { epoch } from '#core/schedule/time.ts'
import { dedup } from '#engine/deliver/dedup.ts'
import { isHeldForDigest } from '#engine/deliver/mute.ts'
import { dropped, heldBack, type Delivering, type InHand, type Stage } from '#engine/deliver/stage.ts'
import { occasionOf } from '#engine/perform.ts'
import { isConflictOrTwin } from '#engine/run-ports.ts'
import { tell } from '#engine/tell.ts'

/** Stage three: what was held back for one person until the same digest goes out as one message. */
export const group: Stage = async (inHand, delivering) => {
  const { message, notice, person } = inHand
  if (!person || message.maybeSent || message.tries > 1 || !isHeldForDigest(inHand, delivering)) return undefined
  const key = `digest:${message.channel}/${person.id}@${message.notBefore}`
  const fired = delivering.known.history.fired.get(key)
  if (fired) {
    // What came after the digest was written is not in it.
    return epoch(fired.at) >= epoch(notice.at) ? dropped('it went out in a digest') : undefined
  }
  const held = await heldWith(inHand, delivering)
  if (held.length < 2) return undefined
  switch (await writeDigest(key, person.id, held, inHand, delivering)) {
    case 'written':
      return dropped('it went out in a digest')
    case 'lost':
      // For the same digest as before: at another time it would not be known to be in it.
      return heldBack(message.notBefore, 'it is being put into a digest')
    // Who has left the program, or gets no digests there, gets each by itself.
    case 'nobody':
      return undefined
  }
}

/** Everything that waits for the same digest and still is so, itself among it, oldest first. */
async function heldWith(inHand: InHand, delivering: Delivering): Promise<readonly Notice[]> {
  const { message } = inHand
  const { ports, program, now } = delivering
  const open = await ports.ledger.messages(program.id, { states: ['pending', 'sending'] })
  const held = open.filter(
    (one) =>
      one.channel === message.channel &&
      one.to === message.to &&
      one.notBefore === message.notBefore &&
      !one.maybeSent &&
      one.tries <= 1 &&
      (one.expires === undefined || epoch(one.expires) > epoch(now)),
  )
  const notices = await Promise.all(
    held.map(async (one) => {
      const notice = readNotice(one.notice)
      const isOver = notice && (await dedup({ ...inHand, message: one, notice }, delivering))
      return isOver ? undefined : notice
    }),
  )
  return notices.filter((one) => one !== undefined)
}

/** One transaction, which only succeeds on the ledger that was read: of two who try, one writes the digest. */
async function writeDigest(
  key: string,
  person: string,
  notices: readonly Notice[],
  { message, config }: InHand,
  { ports, program, known, now }: Delivering,
): Promise<'written' | 'lost' | 'nobody'> {
  const event = {
    id: `fired:${key}`,
    at: now,
    actor: 'muster',
    type: 'fired',
    body: { timer: key, kind: 'digest', due: message.notBefore },
  } as const
  const occasion = occasionOf({ program: { ...program, channels: [config] }, known, now }, [event])
  const messages = tell({ of: 'digest', person, notices }, key, occasion, ports).filter((one) => one.to === person)
  if (messages.length === 0) return 'nobody'
  try {
    await ports.ledger.append(program.id, [event], { messages, expectedSeq: known.seq })
    return 'written'
  } catch (error) {
    if (isConflictOrTwin(error)) return 'lost'
    throw error
  }
}
