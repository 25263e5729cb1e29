import type * as nodeCrypto from 'node:crypto'

let crypto: typeof nodeCrypto | undefined

/**
 * sha256 of the UTF-8 bytes, lower-case hex: the `Hash` of everything Muster records. Its module is
 * loaded on first use, because commands that only read never need it and it takes a tenth of their time.
 */
export function sha256(text: string): string {
  crypto ??= process.getBuiltinModule('node:crypto')
  return crypto.hash('sha256', text)
}
