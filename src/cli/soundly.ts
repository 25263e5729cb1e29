import { CommandError, EXIT } from '#cli/io.ts'
import { StoreError, type Store } from '#store/store.ts'

/**
 * Does work with what a ledger holds. Where that breaks down, the ledger is verified: a record that
 * was altered is the news then, and no bug.
 * @throws CommandError that names the first bad record, else whatever the work threw.
 */
export async function soundly<T>(store: Store, program: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CommandError || error instanceof StoreError) throw error
    const [{ verifyStream }, { sha256 }] = await Promise.all([import('#core/ledger/chain.ts'), import('#store/sha256.ts')])
    const verified = await verifyStream(store.read(program), sha256, { program })
    if (verified.ok) throw error
    throw new CommandError(`${verified.reason}\n  ${verified.remedy}`, EXIT.couldNotRun)
  }
}
