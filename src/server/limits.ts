import type { Context, MiddlewareHandler } from 'hono'
import type { Env } from '#server/app.ts'
import { nameOf } from '#server/auth/who.ts'
import { problem } from '#server/problem.ts'

/** How much at once, and how much goes on: tokens in a bucket, and how many come back each second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface Rates {
  /** From one address, whoever it is. */
  readonly address: Rate
  /** Refused attempts to come in, from one address. */
  readonly attempts: Rate
  /** What one session or token reads, and writes. */
  readonly reads: Rate
  readonly writes: Rate
}

export const RATES: Rates = {
  address: { burst: 4000, perSecond: 400 },
  attempts: { burst: 20, perSecond: 0.2 },
  reads: { burst: 2000, perSecond: 200 },
  writes: { burst: 300, perSecond: 10 },
}

/** Buckets that are kept; those that nobody has asked for longest go first. */
const MOST_BUCKETS = 10_000

/** Token buckets by key, in bounded memory. */
export class Buckets {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #most: number
  readonly #left = new Map<string, { readonly left: number; readonly at: number }>()

  /** @param now Seconds that have passed since some moment. */
  constructor(rate: Rate, now: () => number, most = MOST_BUCKETS) {
    this.#rate = rate
    this.#now = now
    this.#most = most
  }

  get size(): number {
    return this.#left.size
  }

  /** Takes one: seconds to wait, 0 where there was one. */
  take(key: string): number {
    const left = this.#leftOf(key)
    if (left < 1) return Math.max(1, Math.ceil((1 - left) / this.#rate.perSecond))
    this.#left.delete(key)
    const [oldest] = this.#left.size >= this.#most ? this.#left.keys() : []
    if (oldest !== undefined) this.#left.delete(oldest)
    this.#left.set(key, { left: left - 1, at: this.#now() })
    return 0
  }

  #leftOf(key: string): number {
    const { burst, perSecond } = this.#rate
    const known = this.#left.get(key)
    return known ? Math.min(burst, known.left + (this.#now() - known.at) * perSecond) : burst
  }
}

/** How often anybody may ask: each address, each attempt to come in, each session and token. */
export class Limits {
  readonly #address: Buckets
  readonly #attempts: Buckets
  readonly #reads: Buckets
  readonly #writes: Buckets

  constructor(now: () => number, rates: Rates = RATES) {
    this.#address = new Buckets(rates.address, now)
    this.#attempts = new Buckets(rates.attempts, now)
    this.#reads = new Buckets(rates.reads, now)
    this.#writes = new Buckets(rates.writes, now)
  }

  /**
   * Before anybody is known. Whoever is refused too often is told to wait; whoever is in stays in, also
   * where a proxy that is not trusted makes one address of all.
   */
  readonly ofAddress: MiddlewareHandler<Env> = async (context, next) => {
    const address = blockOf(context.var.address)
    const wait = this.#address.take(address)
    if (wait > 0) return tooMany(context, wait)
    await next()
    const pause = context.res.status === 401 ? this.#attempts.take(address) : 0
    if (pause > 0) context.res = tooMany(context, pause)
    return undefined
  }

  /** Once it is known who asks. */
  readonly ofWho: MiddlewareHandler<Env> = async (context, next) => {
    const isRead = context.req.method === 'GET' || context.req.method === 'HEAD'
    const { who } = context.var
    const wait = (isRead ? this.#reads : this.#writes).take(who.mode === 'token' ? nameOf(who) : who.session)
    return wait > 0 ? tooMany(context, wait) : next()
  }
}

/** Whoever has one IPv6 address has 2^64 of them. */
export const blockOf = (address: string): string => {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = 8 - groups.length - (tail === undefined || tail === '' ? 0 : tail.split(':').length)
  const all = tail === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...tail.split(':')]
  return all.slice(0, 4).join(':')
}

function tooMany(context: Context, wait: number): Response {
  context.header('retry-after', String(wait))
  return problem(context, 429, 'too-many-requests', 'Too much was asked at once', { remedy: `Wait ${wait} s.` })
}
