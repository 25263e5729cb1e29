import { CommandError, EXIT } from '#cli/io.ts'
import { verifyStream, type Head, type Verification } from '#core/ledger/chain.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** As much of a store as reading a ledger needs. */
export type Ledgers = Pick<Store, 'head' | 'programs' | 'read'>

/** Walks a ledger. The store's own note of its end finds what was cut off, unless that was edited too. */
export async function verifyLedger(ledgers: Ledgers, program: string, noted: readonly Head[] = []): Promise<Verification> {
  const end = await ledgers.head(program)
  return verifyStream(ledgers.read(program), sha256, { program, heads: end ? [...noted, end] : noted })
}

/**
 * The head of a ledger that holds: what does not is neither copied nor vouched for.
 * @throws CommandError that names the first bad record, or says that there is none.
 */
export async function soundHead(ledgers: Ledgers, program: string, noted: readonly Head[] = []): Promise<Head> {
  const verified = await verifyLedger(ledgers, program, noted)
  if (!verified.ok) throw new CommandError(`${program}: ${verified.reason}\n  ${verified.remedy}`, 1)
  if (!verified.head) throw new CommandError(`${program} has no record yet`, EXIT.couldNotRun)
  return verified.head
}
