import type { NewEvent } from '#core/ledger/events.ts'
import type { Settlement } from '#core/notify/outbox.ts'
import { musterEvent } from '#engine/perform.ts'
import type { Claimed, RunPorts } from '#engine/run-ports.ts'

/** Stage six: the end of an attempt and what is on record of it are one transaction. False when somebody else has taken the message since. */
export async function record(program: string, message: Claimed, settlement: Settlement, ports: RunPorts): Promise<boolean> {
  const { key, channel, to, attempt } = message
  const events: NewEvent[] =
    settlement.state === 'pending'
      ? []
      : [musterEvent(ports.newId(), ports.now(), { type: 'delivery', body: { message: key, channel, to, attempt, ...settlement } })]
  return (await ports.ledger.settle(program, key, attempt, settlement, events)) !== undefined
}
