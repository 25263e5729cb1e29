import { setTimeout as wait } from 'node:timers/promises'
import type { Io } from '#cli/io.ts'
import { runningPorts } from '#cli/running.ts'
import type { Served } from '#cli/serve/served-program.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { runLoop, type LoopPorts } from '#engine/run.ts'
import type { LiveProgram } from '#server/live-program.ts'

/** Does what is due of a served program, as `muster run` does; woken by every new record, and by whoever nudges. Ends with the signal. */
export async function runServed(io: Io, { file, ledger, nudge, collected }: Served, live: LiveProgram): Promise<void> {
  const { ports: running, close } = runningPorts(io, { program: file.program(), folder: file.folder }, ledger)
  const ports: RunPorts = {
    ...running,
    progress: (event) => event.step === 'source' && collected(live.id, event.source, event.seconds),
  }
  const stop = live.listen(({ event }) => event === 'head' && nudge.wake?.())
  const loop: LoopPorts = {
    elapsed: () => performance.now(),
    async sleep(seconds, signal, seq) {
      // What came in meanwhile woke nobody.
      if (nudge.at !== undefined || (seq !== undefined && live.seq > seq)) return
      const woken = new AbortController()
      nudge.wake = () => woken.abort()
      await wait(seconds * 1000, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined)
    },
    nudged() {
      const { at } = nudge
      delete nudge.at
      return at
    },
    load: async () => {
      await file.look()
      return file.trouble() ?? { program: file.program() }
    },
  }
  try {
    await runLoop(file.program(), ports, loop, io.signal)
  } finally {
    delete nudge.wake
    stop()
    await close()
  }
}
