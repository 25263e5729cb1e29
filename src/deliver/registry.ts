import type { Channel, ChannelKindInfo } from '#core/notify/channel.ts'
import type { ChannelConfig, ChannelKind } from '#core/program/model.ts'
import type { ChannelPorts, OpenChannel } from '#deliver/ports.ts'

const everything = () => true
const anybody = () => true as const

/** Every kind of channel, without loading it. */
export const CHANNEL_KIND_INFO: Readonly<Record<ChannelKind, ChannelKindInfo>> = {
  slack: { kind: 'slack', recipients: 'all', reaches: anybody, carries: (kind) => kind !== 'invitation' && kind !== 'digest' },
  'slack-webhook': {
    kind: 'slack-webhook',
    recipients: 'all',
    reaches: anybody,
    carries: (kind) => kind !== 'invitation' && kind !== 'digest',
  },
  email: {
    kind: 'email',
    recipients: 'person',
    reaches: (person) => (person.email === undefined ? `${person.name} has no email` : true),
    carries: (kind) => kind !== 'invitation',
  },
  calendar: {
    kind: 'calendar',
    recipients: 'person',
    reaches: (person) => (person.email === undefined ? `${person.name} has no email` : true),
    carries: (kind) => kind === 'invitation',
  },
  webhook: { kind: 'webhook', recipients: 'all', reaches: anybody, carries: everything },
  forge: { kind: 'forge', recipients: 'all', reaches: anybody, carries: (kind) => kind === 'status' || kind === 'decision' },
  file: { kind: 'file', recipients: 'all', reaches: anybody, carries: everything },
  stdout: { kind: 'stdout', recipients: 'all', reaches: anybody, carries: everything },
}

const LOADERS: Readonly<Partial<Record<ChannelKind, () => Promise<{ readonly open: OpenChannel }>>>> = {
  file: () => import('#deliver/file/index.ts'),
  stdout: () => import('#deliver/stdout/index.ts'),
}

/** @throws Error in words for people when it cannot be opened. */
export async function openChannel(config: ChannelConfig, ports: ChannelPorts): Promise<Channel> {
  const load = LOADERS[config.send]
  if (!load) throw new Error(`this version of Muster cannot send over ${config.send}`)
  return (await load()).open(config, ports)
}
