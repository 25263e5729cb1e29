import type { ServerResponse } from 'node:http'
import type { Context } from 'hono'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Env } from '#server/app.ts'
import type { LiveProgram, Told } from '#server/live-program.ts'
import { problem } from '#server/problem.ts'

const ALIVE_SECONDS = 20
/** So often, ten minutes long: then whoever may still read comes back by itself, and a token that was revoked does not. */
const MOST_ALIVE = 30
/** A reader who takes nothing for so long that this much waits is let go; it comes back by itself. */
const MOST_WAITING_BYTES = 256 * 1024

/**
 * Live updates of one program: the number of the newest record at once and after each change, and
 * how jobs go on. Whoever comes back says what it saw last (`Last-Event-ID`); being told of the
 * newest is enough, since documents are asked for again. Every reader is sent the same bytes, made once.
 */
export class Broadcast {
  readonly #live: LiveProgram
  /** Each with how often it is still told that the server is there. */
  readonly #readers = new Map<ServerResponse, number>()
  #stop: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(live: LiveProgram) {
    this.#live = live
  }

  get readers(): number {
    return this.#readers.size
  }

  open(context: Context<Env>): Response {
    const response = (context.env as { readonly outgoing?: ServerResponse } | undefined)?.outgoing
    if (!response) return problem(context, 500, 'internal', 'This server cannot stream')
    const headers = Object.fromEntries(context.res.headers)
    // The end of the connection is the end of the events: no chunks, so that every reader is sent the same bytes.
    response.useChunkedEncodingByDefault = false
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
      'x-accel-buffering': 'no',
    })
    const { seq } = this.#live
    const seen = context.req.header('last-event-id') ?? context.req.query('after')
    response.write(seen === String(seq) ? ALIVE : bytesOf({ event: 'head', seq, data: { seq } }))
    this.#readers.set(response, MOST_ALIVE)
    response.once('close', () => this.#leave(response))
    this.#begin()
    return RESPONSE_ALREADY_SENT
  }

  /** Lets everybody go. */
  close(): void {
    for (const reader of this.#readers.keys()) reader.end()
  }

  #begin(): void {
    this.#stop ??= this.#live.listen((event) => this.#send(bytesOf(event)))
    this.#timer ??= setInterval(() => this.#keepAlive(), ALIVE_SECONDS * 1000).unref()
  }

  #leave(reader: ServerResponse): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    this.#stop?.()
    clearInterval(this.#timer)
    this.#stop = undefined
    this.#timer = undefined
  }

  #keepAlive(): void {
    for (const [reader, left] of this.#readers) {
      this.#readers.set(reader, left - 1)
      if (left === 0) reader.end()
    }
    this.#send(ALIVE)
  }

  #send(bytes: Uint8Array): void {
    for (const reader of this.#readers.keys()) {
      if ((reader.socket?.writableLength ?? 0) > MOST_WAITING_BYTES) reader.destroy()
      else reader.socket?.write(bytes)
    }
  }
}

const ALIVE = Buffer.from('event: alive\ndata: {}\n\n')

/** Only heads have an id: it is what whoever comes back has seen. */
const bytesOf = ({ event, seq, data }: Told): Uint8Array =>
  Buffer.from(`event: ${event}\n${event === 'head' ? `id: ${seq}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
