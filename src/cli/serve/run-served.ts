import { setTimeout as wait } from 'node:timers/promises'
import type { Io } from '#cli/io.ts'
import { runningPorts } from '#cli/running/ports.ts'
import { latest } from '#cli/running/watched-file.ts'
import type { Served } from '#cli/serve/served-program.ts'
import type { RunPorts } from '#engine/run-ports.ts'
import { runLoop, type LoopPorts } from '#engine/run.ts'
import type { LiveProgram } from '#server/live-program.ts'

/** Does what is due of a served program, as `muster run` does; woken by every new record, and when a forge tells of a push. Ends with the signal. */
export async function runServed(io: Io, served: Served, live: LiveProgram): Promise<void> {
  const { file, ledger, collected } = served
  const { ports: running, close } = runningPorts(io, { program: file.program(), folder: file.folder }, ledger)
  const ports: RunPorts = {
    ...running,
    progress: (event) => event.step === 'source' && collected(live.id, event.source, event.seconds),
  }
  let isWoken = false
  let endSleep: () => void = () => {}
  served.loop.wake = () => {
    isWoken = true
    endSleep()
  }
  const stop = live.listen(({ event }) => event === 'head' && endSleep())
  const loop: LoopPorts = {
    elapsed: () => performance.now(),
    async sleep(seconds, signal, seq) {
      const woken = new AbortController()
      endSleep = () => woken.abort()
      // What came while it was at work woke nobody.
      if (!isWoken && (seq === undefined || live.seq <= seq))
        await wait(seconds * 1000, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(() => undefined)
      isWoken = false
    },
    load: () => latest(file),
  }
  try {
    await runLoop(file.program(), ports, loop, io.signal)
  } finally {
    delete served.loop.wake
    stop()
    await close()
  }
}
