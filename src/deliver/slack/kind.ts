import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { whatIsForAll, reachesAll } from '#deliver/shared/kinds.ts'

export const kind: ChannelKindInfo = { kind: 'slack', recipients: 'all', reaches: reachesAll, carries: whatIsForAll }
