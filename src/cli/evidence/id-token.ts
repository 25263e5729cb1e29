import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import type { CheckedIdToken, PublicKey } from '#core/evidence/reported.ts'
import type { CiTrust } from '#core/program/model.ts'

/** A JSON Web Key Set (RFC 7517). */
export interface KeySet {
  readonly keys: readonly PublicKey[]
}

export interface ToCheck {
  readonly idToken: string
  /** Those that its issuer signs with. */
  readonly keys: KeySet
}

/** Signatures by a key pair: with a shared secret whoever checks could have signed. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const MOST_BYTES = 1_000_000
const LIMIT_MILLISECONDS = 10_000

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) })

/** Whether a key of the issuer signed them, and what they say. What that proves is `identityOf`. */
export async function checkIdTokens(given: readonly ToCheck[]): Promise<ReadonlyMap<string, CheckedIdToken>> {
  const checked = new Map<string, CheckedIdToken>()
  for (const { idToken, keys } of given) checked.set(idToken, await checkIdToken(idToken, keys))
  return checked
}

async function checkIdToken(idToken: string, { keys }: KeySet): Promise<CheckedIdToken> {
  const { compactVerify, createLocalJWKSet, decodeProtectedHeader, exportJWK } = await import('jose')
  try {
    const { payload, key } = await compactVerify(idToken, createLocalJWKSet({ keys: keys as { kty: string }[] }), {
      algorithms: ALGORITHMS,
    })
    const { alg, kid } = decodeProtectedHeader(idToken)
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    return { ok: true, claims, key: { ...(await exportJWK(key)), ...(alg !== undefined && { alg }), ...(kid !== undefined && { kid }) } }
  } catch (error) {
    return { ok: false, reason: `its identity token is not genuine: ${plainText(error instanceof Error ? error.message : String(error))}` }
  }
}

/** The keys of the issuer, from where the program file says. */
export async function readIssuerKeys(io: Io, { keys }: CiTrust, folder: string): Promise<KeySet> {
  const text = await (/^https?:/.test(keys) ? fetchText(io, keys) : readFile(resolve(folder, keys), 'utf8')).catch((error: unknown) => {
    throw new CommandError(
      `the keys of the CI service cannot be read from ${plainText(keys)}: ${messageOf(error)}\n  nothing was accepted; ci.keys in the program file takes a path, too`,
      EXIT.couldNotRun,
    )
  })
  const read = keySet.safeParse(json(text))
  if (read.success) return read.data
  throw new CommandError(`${plainText(keys)} holds no key set (JWKS); nothing was accepted`, EXIT.couldNotRun)
}

async function fetchText(io: Io, address: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(LIMIT_MILLISECONDS)])
  const response = await fetch(address, { headers: { accept: 'application/json', ...headers }, redirect: 'error', signal })
  if (!response.ok) throw new Error(`the answer is ${response.status}`)
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/**
 * The identity token of the CI job that this runs in. GitHub Actions makes one for the audience that
 * is asked for; GitLab CI has made one for that which its configuration names.
 */
export async function requestIdToken({ env, ...io }: Io, audience: string): Promise<string> {
  const made = env['MUSTER_ID_TOKEN']
  if (made) return made
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = env
  if (!address || !secret || !URL.canParse(address))
    throw new CommandError(
      'the CI service gave this job no identity token\n' +
        '  GitHub Actions: permissions: { id-token: write }\n' +
        '  GitLab CI: id_tokens: { MUSTER_ID_TOKEN: { aud: muster } }, with the audience of the program file',
    )
  const url = new URL(address)
  url.searchParams.set('audience', audience)
  const answer = await fetchText({ env, ...io }, url.href, { authorization: `Bearer ${secret}` }).catch((error: unknown) => {
    throw new CommandError(`the CI service gave no identity token: ${messageOf(error)}`, EXIT.couldNotRun)
  })
  const read = z.object({ value: z.string().min(1) }).safeParse(json(answer))
  if (read.success) return read.data.value
  throw new CommandError('the CI service gave no identity token: its answer has none', EXIT.couldNotRun)
}

/** With what lies beneath: `fetch failed` alone says nothing. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return plainText(String(error))
  return plainText(error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
