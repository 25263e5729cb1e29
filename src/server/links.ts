import { createHmac, timingSafeEqual } from 'node:crypto'

/** The secret in the links of a program: whoever holds it may see its calendar and its badges, and nothing else. */
export const linkSecret = (secret: Uint8Array, program: string): string =>
  createHmac('sha256', secret).update(`links\0${program}`).digest('base64url').slice(0, 32)

export function isLinkSecret(given: string, secret: Uint8Array, program: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(linkSecret(secret, program))]
  return left.length === right.length && timingSafeEqual(left, right)
}
