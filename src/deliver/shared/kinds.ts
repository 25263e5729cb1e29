import type { ChannelKindInfo } from '#core/notify/channel.ts'

/** Parts that kinds of channels declare alike. */

export const reachesAll: ChannelKindInfo['reaches'] = () => true

export const reachesByMail: ChannelKindInfo['reaches'] = ({ name, email }) =>
  email === undefined ? `${name} has no email in the program` : true

/** Invitations go into calendars; everywhere else it is told that a meeting comes, and when. */
export const allButInvitations: ChannelKindInfo['carries'] = (kind) => kind !== 'invitation'

/** A digest is one person's. */
export const whatIsForAll: ChannelKindInfo['carries'] = (kind) => kind !== 'invitation' && kind !== 'digest'
