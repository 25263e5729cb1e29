import type { Channel, ChannelKindInfo } from '#core/notify/channel.ts'
import type { ChannelConfig, ChannelKind } from '#core/program/model.ts'
import { kind as calendar } from '#deliver/calendar/kind.ts'
import { kind as email } from '#deliver/email/kind.ts'
import { kind as file } from '#deliver/file/kind.ts'
import { kind as forge } from '#deliver/forge/kind.ts'
import type { ChannelPorts, OpenChannel } from '#deliver/ports.ts'
import { kind as slackWebhook } from '#deliver/slack-webhook/kind.ts'
import { kind as slack } from '#deliver/slack/kind.ts'
import { kind as stdout } from '#deliver/stdout/kind.ts'
import { kind as webhook } from '#deliver/webhook/kind.ts'

/** Every kind of channel there is: what it declares, and how its code is loaded on use. A new one is one folder and one line. */
const CHANNELS: Readonly<Record<ChannelKind, readonly [ChannelKindInfo, () => Promise<{ readonly open: OpenChannel }>]>> = {
  slack: [slack, () => import('#deliver/slack/index.ts')],
  'slack-webhook': [slackWebhook, () => import('#deliver/slack-webhook/index.ts')],
  email: [email, () => import('#deliver/email/index.ts')],
  calendar: [calendar, () => import('#deliver/calendar/index.ts')],
  webhook: [webhook, () => import('#deliver/webhook/index.ts')],
  forge: [forge, () => import('#deliver/forge/index.ts')],
  file: [file, () => import('#deliver/file/index.ts')],
  stdout: [stdout, () => import('#deliver/stdout/index.ts')],
}

export const CHANNEL_KIND_INFO = Object.fromEntries(Object.entries(CHANNELS).map(([kind, [info]]) => [kind, info])) as Readonly<
  Record<ChannelKind, ChannelKindInfo>
>

export async function openChannel(config: ChannelConfig, ports: ChannelPorts): Promise<Channel> {
  const { open } = await CHANNELS[config.send][1]()
  return open(config, ports)
}
