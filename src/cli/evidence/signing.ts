import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import type { Verify } from '#core/evidence/reported.ts'

/** DER around the 32 bytes of an Ed25519 key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export interface Signer {
  /** Id of the token. */
  readonly token: string
  /** Base64 of 32 bytes. */
  readonly publicKey: string
  /** Base64 of the signature over a text. */
  readonly sign: (text: string) => string
}

/** A new token: `secret` is what CI is given as MUSTER_TOKEN, and is kept nowhere. */
export function newToken(): { readonly secret: string; readonly signer: Signer } {
  const seed = randomBytes(32)
  const signer = signerOf(seed)
  return { secret: `muster_${signer.token}_${seed.toString('base64url')}`, signer }
}

/** Undefined for what is no token. */
export function readToken(secret: string): Signer | undefined {
  const [, id, seed] = /^muster_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/.exec(secret.trim()) ?? []
  if (seed === undefined) return undefined
  const signer = signerOf(Buffer.from(seed, 'base64url'))
  return signer.token === id ? signer : undefined
}

function signerOf(seed: Buffer): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  const bytes = spki.subarray(PUBLIC_PREFIX.length)
  return {
    token: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    publicKey: bytes.toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  }
}

/** Ed25519 (RFC 8032). False also for a key that is none. */
export const verifySignature: Verify = (publicKey, text, signature) => {
  const key = publicKeyOf(publicKey)
  return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

function publicKeyOf(base64: string): KeyObject | undefined {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== 32) return undefined
  try {
    return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, bytes]), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
