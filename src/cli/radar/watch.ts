import { wantsColor, type Io } from '#cli/io.ts'
import type { RadarSession } from '#cli/radar/session.ts'
import type { Radar } from '#core/merge/radar.ts'
import { renderChanges } from '#render/radar/changes.ts'

/**
 * Looks until it is cancelled and prints one line for each thing that changed; the first look
 * prints how it stands. What fails once (a branch deleted meanwhile) is said, and looked at again.
 * The exit code is that of the last look.
 */
export async function watchRadar(io: Io, session: RadarSession, seconds: number): Promise<number> {
  let before: Radar | undefined
  let said: string | undefined
  while (!io.signal.aborted) {
    try {
      const found = await session.look(before ? { before } : {})
      const text = renderChanges(found, before, { zone: session.zone, color: wantsColor(io, io.stdout) })
      if (text !== '') io.stdout.write(text)
      before = found
      said = undefined
    } catch (error) {
      if (io.signal.aborted) break
      const reason = error instanceof Error ? error.message : String(error)
      if (before === undefined) throw error
      if (reason !== said) io.stderr.write(`muster: the branches could not be looked at: ${reason.split('\n')[0] ?? ''}\n`)
      said = reason
    }
    await pause(seconds * 1000, io.signal)
  }
  return before?.exitCode ?? 0
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
