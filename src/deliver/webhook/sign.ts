import { createHash, createHmac } from 'node:crypto'

/** Signed as Standard Webhooks 1.0 asks: HMAC-SHA256 over id, time and body, with the secret's bytes. */

export type Key = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly reason: string }

/** `whsec_` and base64 of 24 to 64 bytes, as the specification has it. */
export function keyOf(secret: string, name: string): Key {
  const text = secret.replace(/^whsec_/, '')
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bytes.length >= 24 && bytes.length <= 64) return { ok: true, bytes }
  return { ok: false, reason: `${name} holds no signing secret: write whsec_ and 24 to 64 bytes in base64` }
}

/** The same for every attempt, so that the other side can tell a retry. */
export const webhookId = (key: string): string => `msg_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`

export function signedHeaders(key: Uint8Array, id: string, seconds: number, body: string): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}
