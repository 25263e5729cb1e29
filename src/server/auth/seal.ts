import { createHmac } from 'node:crypto'
import { sameSecret } from '#server/auth/same.ts'

/** More is no cookie of ours. */
const MOST_CHARACTERS = 4096

/** Values that only this server can have made: JSON and its HMAC. Whoever holds one may read it, and change nothing. */
export interface Seal<T extends object> {
  close(value: T): string
  /** Undefined for what was not closed here. */
  open(sealed: string | undefined): T | undefined
}

/** @param purpose Keeps values of one kind from passing for another. */
export function sealWith<T extends object>(secret: Uint8Array, purpose: string): Seal<T> {
  const sign = (text: string): string => createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url')
  return {
    close(value) {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${text}.${sign(text)}`
    },
    open(sealed) {
      if (sealed === undefined || sealed.length > MOST_CHARACTERS) return undefined
      const [text = '', signature = '', ...more] = sealed.split('.')
      if (more.length > 0 || !sameSecret(signature, sign(text))) return undefined
      return JSON.parse(Buffer.from(text, 'base64url').toString()) as T
    },
  }
}
