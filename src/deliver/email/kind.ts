import type { ChannelKindInfo } from '#core/notify/channel.ts'
import { allButInvitations, reachesByMail } from '#deliver/shared/kinds.ts'

export const kind: ChannelKindInfo = { kind: 'email', recipients: 'person', reaches: reachesByMail, carries: allButInvitations }
