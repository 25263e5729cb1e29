import { createHash } from 'node:crypto'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { accessFault, accessId, foldAccess, isAccessToken, type Access } from '#core/people/access.ts'
import { sameSecret } from '#server/auth/same.ts'
import type { Who } from '#server/auth/who.ts'
import type { LiveProgram } from '#server/live-program.ts'

type Found = { readonly ok: true; readonly who: Who } | { readonly ok: false; readonly reason: string }

interface Folded {
  readonly seq: number
  readonly all: ReadonlyMap<string, Access>
}

/** The tokens of every program, as their ledgers have them now: what is revoked anywhere lets nobody in from then on. */
export class Bearers {
  readonly #lives: ReadonlyMap<string, LiveProgram>
  readonly #now: () => string
  readonly #folded = new Map<string, Folded>()
  readonly #used = new Map<string, string>()

  constructor(lives: ReadonlyMap<string, LiveProgram>, now: () => string) {
    this.#lives = lives
    this.#now = now
  }

  async find(token: string): Promise<Found> {
    if (!isAccessToken(token)) return { ok: false, reason: 'it is no token of the API' }
    const sha256 = createHash('sha256').update(token).digest('hex')
    for (const live of this.#lives.values()) {
      await live.refresh()
      const access = (await this.of(live)).get(accessId(sha256))
      if (!access || !sameSecret(access.sha256, sha256)) continue
      const fault = accessFault(access, this.#now())
      if (fault !== undefined) return { ok: false, reason: fault }
      this.#used.set(access.access, this.#now())
      return { ok: true, who: { mode: 'token', program: live.id, access } }
    }
    return { ok: false, reason: 'it is not known here' }
  }

  /** Instant at which a token was used last since the server was started. Not on record: that would be a write for each request. */
  usedAt(access: string): string | undefined {
    return this.#used.get(access)
  }

  async of(live: LiveProgram): Promise<ReadonlyMap<string, Access>> {
    const { seq } = live
    const known = this.#folded.get(live.id) ?? { seq: 0, all: new Map() }
    if (known.seq === seq) return known.all
    const events: LedgerEvent[] = []
    for await (const event of live.served.ledger.read(live.id, { after: known.seq, types: ['access-granted', 'access-revoked'] }))
      if (event.seq <= seq) events.push(event)
    const all = foldAccess(events, known.all)
    this.#folded.set(live.id, { seq, all })
    return all
  }
}
