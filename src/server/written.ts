import type { LedgerEvent } from '#core/ledger/events.ts'

/** An event as a write answers with it. */
export type WrittenEvent = Pick<LedgerEvent, 'id' | 'seq' | 'hash' | 'at' | 'actor' | 'type'>

export const written = ({ id, seq, hash, at, actor, type }: LedgerEvent): WrittenEvent => ({ id, seq, hash, at, actor, type })

/**
 * Ids of events that came in under an idempotency key hold the digest of the key and of what was
 * asked: the ledger itself remembers them, for every process and after every crash.
 */
export const keyedId = (key: string, said: string, index: number): string => `key:${key}:${said}:${index}`

export function readKeyedId(id: string): { readonly key: string; readonly said: string } | undefined {
  const [kind, key, said] = id.split(':')
  return kind === 'key' && key !== undefined && said !== undefined ? { key, said } : undefined
}
