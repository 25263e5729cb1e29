import type { Channel } from '#core/notify/channel.ts'
import type { ChannelConfig } from '#core/program/model.ts'

/** What a channel may use of the process. */
export interface ChannelPorts {
  /** What the environment says; secrets come from here alone. */
  readonly environment: (name: string) => string | undefined
  /** Absolute folder of the program file: paths are relative to it. */
  readonly programFolder: string
  /** Prints for whoever started Muster. */
  readonly print: (text: string) => void
}

/** Opens a channel; it reads no secret and calls nobody before the first message. */
export type OpenChannel = (config: ChannelConfig, ports: ChannelPorts) => Promise<Channel> | Channel
