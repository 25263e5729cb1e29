import type { ZodType } from 'zod'
import type { Sent } from '#core/notify/channel.ts'
import { endedBy, refusal } from '#deliver/shared/outcome.ts'
import { ExchangeError, type Wire } from '#net/exchange.ts'
import type { Credential } from '#net/forge/credential.ts'
import type { Place } from '#net/forge/place.ts'
import { limitOf } from '#net/limit.ts'

/** The message goes no further, and how it ended. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly sent: Extract<Sent, { readonly outcome: 'retry' | 'failed' }>
  /** Of the answer; 0 where there was none. */
  readonly status: number

  constructor(sent: Refused['sent'], status: number) {
    super(sent.reason)
    this.sent = sent
    this.status = status
  }
}

interface CallPorts {
  readonly place: Place
  readonly credential: Credential
  readonly wire: Wire
  readonly signal: AbortSignal
}

const MOST_PAGES = 20
const PER_PAGE = 100

/** Calls of a forge's API, each made once: the outbox tries again. */
export class Calls {
  readonly #ports: CallPorts

  constructor(ports: CallPorts) {
    this.#ports = ports
  }

  async ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'PUT', path: string, schema: ZodType<T>, body?: unknown): Promise<T> {
    const { place, credential, wire, signal } = this.#ports
    const text = body === undefined ? undefined : JSON.stringify(body)
    const ended = await endedBy(
      wire.ask({
        url: new URL(`${place.api}${path}`),
        method,
        signal,
        headers: {
          accept: 'application/json',
          'user-agent': 'muster',
          ...(place.forge === 'github' && { 'x-github-api-version': '2022-11-28' }),
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...(await credential.headers()),
        },
        ...(text !== undefined && { body: text }),
      }),
    )
    const what = `${method} ${path.split('?')[0]} at ${new URL(place.web).host}`
    const limit = ended instanceof ExchangeError ? undefined : limitOf(ended)
    if (limit !== undefined)
      throw new Refused({ outcome: 'retry', reason: `${what}: the rate limit is used up`, afterSeconds: Math.max(1, limit) }, 429)
    const refused = refusal(ended, what, credential.secrets())
    if (refused && refused.outcome !== 'uncertain') throw new Refused(refused, ended instanceof ExchangeError ? 0 : ended.status)
    const read = schema.safeParse(ended instanceof ExchangeError ? undefined : parsed(ended.body))
    if (read.success) return read.data
    throw new Refused({ outcome: 'failed', reason: `the answer to ${what} is not as documented` }, 0)
  }

  /** All pages of a list, up to what nobody reads any more. */
  async list<T>(path: string, schema: ZodType<readonly T[]>): Promise<readonly T[]> {
    const all: T[] = []
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const part = await this.ask('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=${PER_PAGE}&page=${page}`, schema)
      all.push(...part)
      if (part.length < PER_PAGE) break
    }
    return all
  }
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown
  } catch {
    return undefined
  }
}

/** Runs a change; false where the thing is gone, or is not ours to change. */
export async function changed(change: Promise<unknown>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    if (error instanceof Refused && (error.status === 403 || error.status === 404)) return false
    throw error
  }
}
