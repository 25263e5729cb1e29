import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { reachesByMail } from '#deliver/shared/kinds.ts'

export const kind: ChannelKindInfo = {
  kind: 'calendar',
  recipients: 'person',
  reaches: reachesByMail,
  carries: (notice) => notice === 'invitation',
}
