import { setTimeout as wait } from 'node:timers/promises'
import { readReported } from '#cli/evidence/ledger.ts'
import type { Io } from '#cli/io.ts'
import { VERSION } from '#cli/version.ts'
import { openEdges } from '#cli/wire.ts'
import type { Channel } from '#core/notify/channel.ts'
import { compose } from '#core/notify/compose.ts'
import type { ChannelConfig, Program } from '#core/program/model.ts'
import { due, nextWakeAt } from '#core/schedule/due.ts'
import { formatZoned } from '#core/schedule/time.ts'
import { foldingHistory } from '#core/schedule/history.ts'
import { CHANNEL_KIND_INFO, openChannel } from '#deliver/registry.ts'
import type { LoopPorts } from '#engine/run.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { terminal } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

export interface RunningPorts {
  readonly ports: RunPorts
  readonly close: () => Promise<void>
}

export interface RunFile {
  readonly program: Program
  /** Absolute folder of the program file. */
  readonly folder: string
}

/** The real world behind the engine: this process, its store, its channels. */
export function runningPorts(io: Io, { program: { calendar }, folder }: RunFile, ledger: Store): RunningPorts {
  const channels = new Map<string, { readonly config: string; readonly channel: Promise<Channel> }>()

  /** Kept open as long as nothing about it changes in the program. */
  function channel(config: ChannelConfig): Promise<Channel> {
    const text = JSON.stringify(config)
    const known = channels.get(config.id)
    if (known?.config === text) return known.channel
    // One that never opened has said so to whoever wanted to send.
    void known?.channel.then((one) => one.close()).catch(() => {})
    const opened = openChannel(config, {
      environment: (name) => io.env[name],
      programFolder: folder,
      print: io.stdout.write,
    })
    channels.set(config.id, { config: text, channel: opened })
    opened.catch(() => channels.delete(config.id))
    return opened
  }

  const ports: RunPorts = {
    due,
    nextWakeAt,
    folding: foldingHistory,
    compose,
    ledger,
    openEdges: async (program) => {
      const edges = await openEdges(io, program, folder)
      return { ports: edges.ports, refresh: (signal) => edges.mirror.refresh(signal), close: () => edges.close() }
    },
    readReported: (program: Program) => readReported(ledger, program),
    channelKinds: CHANNEL_KIND_INFO,
    channel,
    holder: `${io.host}/${io.newId()}`,
    now: io.now,
    newId: io.newId,
    hash: sha256,
    random: Math.random,
    version: VERSION,
    timeLimit: (seconds) => AbortSignal.timeout(seconds * 1000),
    every(seconds, work) {
      const timer = setInterval(work, seconds * 1000)
      timer.unref()
      return { end: () => clearInterval(timer) }
    },
    say: (line) => io.stderr.write(`${terminal(`${formatZoned(io.now(), calendar.zone)} ${line}`)}\n`),
  }
  return {
    ports,
    async close() {
      // Nobody sends any more: how one closes, or that it never opened, changes nothing that is on record.
      for (const { channel } of channels.values()) await channel.then((one) => one.close()).catch(() => {})
    },
  }
}

/** So often it is asked whether somebody has written: one row by its key. */
const ASK_MILLISECONDS = 500

/** Sleeps that long. An interrupt ends it early, and whatever anybody puts on record. */
export const sleepBeside =
  (ledger: Pick<Store, 'head'>, program: string): LoopPorts['sleep'] =>
  async (seconds, signal, seq) => {
    const interrupted = Promise.withResolvers<false>()
    const interrupt = (): void => interrupted.resolve(false)
    signal.addEventListener('abort', interrupt)
    /** While the store cannot be asked nothing is known to have changed. */
    const hasMoved = (): Promise<boolean> => {
      const asked = ledger.head(program).then(
        (head) => (head?.seq ?? 0) !== seq,
        () => false,
      )
      return Promise.race([asked, interrupted.promise])
    }
    const end = performance.now() + seconds * 1000
    try {
      for (let left = seconds * 1000; left > 0 && !signal.aborted; left = end - performance.now()) {
        const pause = seq === undefined ? left : Math.min(left, ASK_MILLISECONDS)
        await wait(pause, undefined, { signal }).catch(() => undefined)
        if (pause < left && (await hasMoved())) return
      }
    } finally {
      signal.removeEventListener('abort', interrupt)
    }
  }
