import { z } from 'zod'
import type { Asked, Refused } from '#server/mcp/tool.ts'
import { keyedBy, type Keyed } from '#server/written.ts'

/** As the API takes it in `Idempotency-Key`. */
export const keyField = z
  .string()
  .regex(/^[\x21-\x7e]{8,200}$/, 'write 8 to 200 visible characters')
  .optional()
  .describe('Made by you, new for each intent, 8 to 200 visible characters: the same call sent again under its key is made once')

export const KEY_REUSED: Refused = {
  ok: false,
  code: 'key-reused',
  message: 'this key was used for another call',
  remedy: 'Make a new key for a new intent.',
}

/** The key of a call, made here where the caller made none. */
export function keyedCall(
  asked: Pick<Asked, 'caller' | 'newId'>,
  what: string,
  key: string | undefined,
  body: unknown,
): { readonly key: string; readonly keyed: Keyed } {
  const made = key ?? asked.newId()
  return { key: made, keyed: keyedBy(what, `${asked.caller}\0${made}`, body) }
}
