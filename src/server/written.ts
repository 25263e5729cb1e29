import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import type { WrittenEvent } from '#core/api/documents.ts'
import { canonical } from '#core/ledger/canonical.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'

export const written = ({ id, seq, hash, at, actor, type }: LedgerEvent): WrittenEvent => ({ id, seq, hash, at, actor, type })

/** A write as it is known again: the digest of its key, and of what was asked under it. */
export interface Keyed {
  readonly key: string
  readonly said: string
}

/** @param what Names the operation and what it is about: the same key for something else is another write. */
export const keyedWrite = (context: Context, what: string, body: unknown): Keyed =>
  keyedBy(what, context.req.header('idempotency-key') ?? '', body)

/** The same for what has no such header. */
export const keyedBy = (what: string, key: string, body: unknown): Keyed => ({
  key: sha256(`${what}\0${key}`).slice(0, 32),
  said: sha256(canonical(body)).slice(0, 16),
})

/**
 * Ids of events that came in under an idempotency key hold the digest of the key and of what was
 * asked: the ledger itself remembers them, for every process and after every crash.
 */
export const keyedId = ({ key, said }: Keyed, index: number): string => `key:${key}:${said}:${index}`

export function readKeyedId(id: string): Keyed | undefined {
  const [kind, key, said] = id.split(':')
  return kind === 'key' && key !== undefined && said !== undefined ? { key, said } : undefined
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
