import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { reachesAll } from '#deliver/shared/kinds.ts'

/** A stream has one pull request: what is told there is how the stream stands. */
export const kind: ChannelKindInfo = {
  kind: 'forge',
  recipients: 'all',
  reaches: reachesAll,
  carries: (notice) => notice === 'status',
}
