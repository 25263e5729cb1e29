import { randomBytes } from 'node:crypto'
import { sameSecret } from '#server/auth/same.ts'

const LINK_SECONDS = 3600
/** From one page to the next. */
const HANDOFF_SECONDS = 60

/** A key that lets in once, and not for ever. */
interface OneTime {
  readonly key: string
  readonly until: number
}

/** Keys of the links that let the owner of this machine in: one at a time, each works once. */
export class OneTimeKeys {
  readonly #now: () => number
  #link: OneTime
  #handoff: OneTime | undefined

  /** @param first Key of the first link. @param now Seconds. */
  constructor(first: string, now: () => number) {
    this.#now = now
    this.#link = { key: first, until: now() + LINK_SECONDS }
  }

  /** Whether the key lets in: it is used up by that. Gives the key that the next page asks for. */
  use(key: string): string | undefined {
    if (!this.#holds(this.#link, key)) return undefined
    this.#link = { ...this.#link, until: 0 }
    this.#handoff = { key: fresh(), until: this.#now() + HANDOFF_SECONDS }
    return this.#handoff.key
  }

  useHandoff(key: string): boolean {
    const holds = this.#handoff !== undefined && this.#holds(this.#handoff, key)
    if (holds) this.#handoff = undefined
    return holds
  }

  /** A new key in the place of one that is used up or too old; undefined while one still waits to be used. */
  renew(): string | undefined {
    if (this.#link.until > this.#now()) return undefined
    this.#link = { key: fresh(), until: this.#now() + LINK_SECONDS }
    return this.#link.key
  }

  #holds({ key, until }: OneTime, given: string): boolean {
    return sameSecret(key, given) && until > this.#now()
  }
}

const fresh = (): string => randomBytes(24).toString('base64url')
