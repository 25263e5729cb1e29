import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { reachesAll } from '#deliver/shared/kinds.ts'

export const kind: ChannelKindInfo = { kind: 'file', recipients: 'all', reaches: reachesAll, carries: () => true }
