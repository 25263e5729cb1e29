import type { Cause, Occasion } from '#core/notify/compose.ts'
import type { NewMessage } from '#core/notify/outbox.ts'
import { address } from '#engine/deliver/address.ts'
import type { RunPorts } from '#engine/run-ports.ts'

export type TellPorts = Pick<RunPorts, 'compose' | 'channelKinds' | 'hash'>

/** The messages of a cause, to be written in the transaction of what they tell of. `cause` names it for ever. */
export function tell(cause: Cause, name: string, occasion: Occasion, ports: TellPorts): NewMessage[] {
  const { program, now } = occasion
  if (program.channels.length === 0) return []
  return ports
    .compose(cause, occasion)
    .flatMap((notice) => address(notice, { program, cause: name, now, channelKinds: ports.channelKinds, hash: ports.hash }))
}
