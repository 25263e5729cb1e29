import type { EventType } from '#core/ledger/events.ts'
import { soundly } from '#cli/soundly.ts'
import { folding, type LedgerState } from '#core/ledger/state.ts'
import type { Store } from '#store/store.ts'

/** Events that say what is true; the others hold what was judged. */
const SAYING: readonly EventType[] = [
  'check-in',
  'blocker-opened',
  'blocker-changed',
  'blocker-acknowledged',
  'blocker-resolved',
  'sign-off',
  'waiver',
  'override',
]

/** What the ledger says now, and how many events it has. */
export async function readState(store: Store, program: string): Promise<{ readonly state: LedgerState; readonly seq: number }> {
  const head = await store.head(program)
  const fold = folding()
  await soundly(store, program, async () => {
    for await (const event of store.read(program, { types: SAYING })) if (event.seq <= (head?.seq ?? 0)) fold.take(event)
  })
  return { state: fold.state(), seq: head?.seq ?? 0 }
}
