import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { LiveProgram } from '#server/live-program.ts'

const ALIVE_MILLISECONDS = 20_000

/**
 * Live updates: the number of the newest record, at once and after each change. Whoever comes back
 * says what it saw last (`Last-Event-ID`); being told of the newest is enough, since documents are
 * asked for again.
 */
export const events = (context: Context, live: LiveProgram): Response =>
  streamSSE(context, async (stream) => {
    const stop = live.listen((seq) => void stream.writeSSE({ event: 'head', id: String(seq), data: JSON.stringify({ seq }) }))
    stream.onAbort(stop)
    const seen = Number(context.req.header('last-event-id') ?? Number.NaN)
    await stream.writeSSE(
      seen === live.seq ? { event: 'alive', data: '{}' } : { event: 'head', id: String(live.seq), data: JSON.stringify({ seq: live.seq }) },
    )
    while (!stream.aborted) {
      await stream.sleep(ALIVE_MILLISECONDS)
      await stream.writeSSE({ event: 'alive', data: '{}' })
    }
  })
