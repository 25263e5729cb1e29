import type { Dispatch, Sent } from '#core/notify/channel.ts'
import { asAddressed, takesBack, withFormer } from '#engine/former-people.ts'
import { settlementOf } from '#engine/deliver/retry.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import type { Delivering, InHand, Stage } from '#engine/deliver/stage.ts'
import { unlessAborted } from '#engine/unless-aborted.ts'

/** A channel has so long for one message. Less than the lease, so that nobody else takes it meanwhile. */
const SEND_SECONDS = 45
const GRACE_SECONDS = 5

/** Stage four: gives the message to its channel. */
export const send: Stage = async (inHand, delivering) => {
  const { tries, maybeSent } = inHand.message
  const sent = await give(inHand, delivering)
  return settlementOf(sent, { tries, maybeSent, now: delivering.ports.now(), random: delivering.ports.random })
}

async function give(
  { message, notice, config, person }: InHand,
  { program: current, known, now, ports, signal }: Delivering,
): Promise<Sent> {
  const program = asAddressed(takesBack(notice) ? withFormer(current, known.people) : current, notice)
  const limit = ports.timeLimit(SEND_SECONDS)
  const either = AbortSignal.any([limit, afterInterrupt(signal, limit, ports)])
  const dispatch: Dispatch = {
    key: message.key,
    attempt: message.tries,
    maybeSent: message.maybeSent,
    program,
    config,
    ...(person && { person }),
    notice,
    ...(message.previous !== undefined && { previous: message.previous }),
    now,
    signal: either,
  }
  let channel
  try {
    channel = await ports.channel(config, program)
  } catch (error) {
    return { outcome: 'retry', reason: messageOf(error) }
  }
  try {
    return (await unlessAborted(channel.send(dispatch), either)) ?? NO_ANSWER
  } catch (error) {
    return { outcome: 'retry', reason: messageOf(error), maybeSent: true }
  }
}

/** What is being sent when somebody interrupts may still end well, and is then known to have. */
function afterInterrupt(signal: AbortSignal, limit: AbortSignal, { timeLimit }: Pick<RunPorts, 'timeLimit'>): AbortSignal {
  const given = new AbortController()
  const wait = (): void => timeLimit(GRACE_SECONDS).addEventListener('abort', () => given.abort(), { once: true })
  if (signal.aborted) wait()
  else signal.addEventListener('abort', wait, { once: true, signal: limit })
  return given.signal
}

/** Who does not answer in time may have heard. */
const NO_ANSWER: Sent = { outcome: 'retry', reason: `no answer within ${SEND_SECONDS} s`, maybeSent: true }

const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
