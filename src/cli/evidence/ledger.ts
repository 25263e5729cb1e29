import { checkIdTokens, type ToCheck } from '#cli/evidence/id-token.ts'
import { verifySignature } from '#cli/evidence/signing.ts'
import { foldTokens, recheck, type Rechecked, type Recorded, type Verifier } from '#core/evidence/reported.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** The tokens of a ledger, how their signatures are checked, and what is found of identity tokens. */
export async function readVerifier(store: Store, program: string, idTokens: readonly ToCheck[] = []): Promise<Verifier> {
  const events: LedgerEvent[] = []
  for await (const event of store.read(program, { types: ['token-issued', 'token-revoked'] })) events.push(event)
  return { tokens: foldTokens(events), verify: verifySignature, idTokens: await checkIdTokens(idTokens) }
}

/** What CI has reported. Each piece that is looked at is checked again: its signature, its token, its source. */
export async function readReported(store: Store, program: Program): Promise<readonly Recorded[]> {
  const reported: Extract<LedgerEvent, { type: 'reported' }>[] = []
  for await (const event of store.read(program.id, { types: ['reported'] })) if (event.type === 'reported') reported.push(event)
  const idTokens = reported.flatMap(({ body: { envelope, key } }) =>
    'idToken' in envelope ? [{ idToken: envelope.idToken, keys: { keys: key ? [key] : [] } }] : [],
  )
  const verifier = await readVerifier(store, program.id, idTokens)
  return reported.map(({ seq, at, body }) => {
    let checked: Rechecked | undefined
    return { seq, at, body, check: () => (checked ??= recheck(body, at, program, verifier, sha256)) }
  })
}
