import { verifySignature } from '#cli/evidence/signing.ts'
import { foldTokens, recheck, type Rechecked, type Recorded, type Verifier } from '#core/evidence/reported.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** The tokens of a ledger, and how their signatures are checked. */
export async function readVerifier(store: Store, program: string): Promise<Verifier> {
  const events: LedgerEvent[] = []
  for await (const event of store.read(program, { types: ['token-issued', 'token-revoked'] })) events.push(event)
  return { tokens: foldTokens(events), verify: verifySignature }
}

/** What CI has reported. Each piece that is looked at is checked again: its signature, its token, its source. */
export async function readReported(store: Store, program: Program): Promise<readonly Recorded[]> {
  const verifier = await readVerifier(store, program.id)
  const records: Recorded[] = []
  for await (const { type, seq, at, body } of store.read(program.id, { types: ['reported'] })) {
    if (type !== 'reported') continue
    let checked: Rechecked | undefined
    records.push({ seq, at, body, check: () => (checked ??= recheck(body, at, program, verifier, sha256)) })
  }
  return records
}
