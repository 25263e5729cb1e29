import { CommandError } from '#cli/io.ts'
import type { Head } from '#core/ledger/chain.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { StoreError, type Store } from '#store/store.ts'
import type { Ledgers } from './sound.ts'

/** How a ledger in a file goes with the one here. */
export type Comparison =
  /** The file has all of it, and perhaps more. */
  { readonly fits: true; readonly onto: Head | undefined } | { readonly fits: false; readonly onto: Head; readonly reason: string }

/** Two ledgers of one program that went different ways cannot be joined. */
export async function compare(here: Ledgers, there: Ledgers, program: string): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([here.head(program), there.head(program)])
  if (!ours || !theirs) return { fits: true, onto: ours }
  const different = await firstDifference(here, there, program, Math.min(ours.seq, theirs.seq))
  if (different !== undefined)
    return { fits: false, onto: ours, reason: `record ${different} in the file is another one than record ${different} here` }
  if (ours.seq > theirs.seq)
    return { fits: false, onto: ours, reason: `the ledger here goes on to record ${ours.seq}, the file ends at ${theirs.seq}` }
  return { fits: true, onto: ours }
}

/** Up to a record that both have. Where that one is the same, all before it are. */
async function firstDifference(here: Ledgers, there: Ledgers, program: string, last: number): Promise<number | undefined> {
  const [ours] = await some(here.read(program, { after: last - 1, limit: 1 }), 1)
  const [theirs] = await some(there.read(program, { after: last - 1 }), 1)
  if (ours?.hash === theirs?.hash) return undefined
  const others = there.read(program)[Symbol.asyncIterator]()
  try {
    for await (const event of here.read(program)) {
      const other = await others.next()
      if (other.done === true || other.value.hash !== event.hash) return event.seq
    }
    return last
  } finally {
    await others.return?.()
  }
}

async function some(events: AsyncIterable<LedgerEvent>, count: number): Promise<LedgerEvent[]> {
  const list: LedgerEvent[] = []
  for await (const event of events) {
    list.push(event)
    if (list.length >= count) break
  }
  return list
}

/**
 * Takes over what the file has and the ledger here does not, in one transaction; with `replace` all
 * of it, in place of what is here. Gives how many records are new, and how many there are.
 */
export async function takeOver(
  store: Store,
  there: Ledgers,
  program: string,
  { onto, replace }: { readonly onto: Head | undefined; readonly replace: boolean },
): Promise<{ readonly taken: number; readonly all: number }> {
  const after = replace ? 0 : (onto?.seq ?? 0)
  const end = (await there.head(program))?.seq ?? 0
  if (end === after) return { taken: 0, all: end }
  try {
    await store.adopt(program, there.read(program, { after }), { onto, replace })
    return { taken: end - after, all: end }
  } catch (error) {
    if (error instanceof StoreError && ['conflict', 'broken-chain', 'id-reused', 'invalid-event'].includes(error.code))
      throw new CommandError(`${error.message}\n  ${error.remedy}`, 1)
    throw error
  }
}
