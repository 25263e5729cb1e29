import type { OutboxMessage } from '#core/notify/outbox.ts'
import { claimed, timeOf, toClaim, toMessage, type MessageRow } from '#store/outbox-plan.ts'
import type { ClaimedMessage, ClaimOptions, Outbox } from '#store/outbox.ts'

/** Messages of one program in the order in which they were written, and its leases. */
export class MemoryOutbox {
  readonly #rows = new Map<string, MessageRow>()
  readonly #leases = new Map<string, { readonly holder: string; readonly until: number }>()

  add(rows: readonly MessageRow[]): void {
    for (const row of rows) if (!this.#rows.has(row.id)) this.#rows.set(row.id, row)
  }

  claim({ now, leaseSeconds, limit, except = [] }: ClaimOptions, clock: number): readonly ClaimedMessage[] {
    const time = timeOf(now)
    const seen = new Set<string>()
    const found: { readonly taken: MessageRow; readonly thread: string }[] = []
    const delivered = new Map<string, string>()
    for (const row of this.#rows.values()) {
      const thread = row.lane.replace('!', '')
      if (row.state === 'delivered' && row.reference !== null) delivered.set(thread, row.reference)
      const isWaiting = row.state === 'pending' || row.state === 'sending'
      if (!isWaiting || seen.has(row.lane) || seen.has(`!${row.lane}`)) continue
      seen.add(row.lane)
      if (found.length >= limit || except.includes(row.channel) || (row.state === 'pending' ? row.due > time : row.lease_until > clock))
        continue
      const taken = claimed(row, clock + leaseSeconds * 1000)
      this.#rows.set(row.id, taken)
      found.push({ taken, thread })
    }
    return found.map(({ taken, thread }) => toClaim(taken, delivered.get(thread) ?? null))
  }

  row(key: string): MessageRow | undefined {
    return this.#rows.get(key)
  }

  write(row: MessageRow): void {
    this.#rows.set(row.id, row)
  }

  messages({ states, thread, limit = Infinity }: NonNullable<Parameters<Outbox['messages']>[1]>): readonly OutboxMessage[] {
    const isWanted = ({ state, thread: of }: MessageRow) => (states?.includes(state) ?? true) && (thread === undefined || of === thread)
    return [...this.#rows.values()].filter(isWanted).slice(0, limit).map(toMessage)
  }

  lease(name: string, holder: string, seconds: number, clock: number): boolean {
    const held = this.#leases.get(name)
    if (held && held.until > clock && held.holder !== holder) return false
    this.#leases.set(name, { holder, until: clock + seconds * 1000 })
    return true
  }

  leased(name: string, clock: number): number | undefined {
    const held = this.#leases.get(name)
    return held && (held.until - clock) / 1000
  }
}
