import { soundly } from '#cli/soundly.ts'
import { FOLDED, folding, type LedgerState } from '#core/ledger/state.ts'
import type { Store } from '#store/store.ts'

/** What the ledger says now, and how many events it has. */
export async function readState(store: Store, program: string): Promise<{ readonly state: LedgerState; readonly seq: number }> {
  const head = await store.head(program)
  const fold = folding()
  await soundly(store, program, async () => {
    for await (const event of store.read(program, { types: FOLDED })) if (event.seq <= (head?.seq ?? 0)) fold.take(event)
  })
  return { state: fold.state(), seq: head?.seq ?? 0 }
}
