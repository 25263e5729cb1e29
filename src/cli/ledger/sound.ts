import { CommandError, EXIT } from '#cli/io.ts'
import { verifyStream, type Head, type Verification } from '#core/ledger/chain.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** As much of a store as reading a ledger needs. */
export type Ledgers = Pick<Store, 'head' | 'programs' | 'read'> & Partial<Pick<Store, 'last'>>

/** Walks a ledger. The store's own note of its end finds what was cut off, unless that was edited too. */
export async function verifyLedger(
  ledgers: Ledgers,
  program: string,
  noted: readonly Head[] = [],
  look: (event: LedgerEvent) => void = () => undefined,
): Promise<Verification> {
  // Asked first: what is appended meanwhile must not look like a record behind the end.
  const last = (await ledgers.last?.(program)) ?? 0
  const end = await ledgers.head(program)
  const verified = await verifyStream(looked(ledgers.read(program), look), sha256, { program, heads: end ? [...noted, end] : noted })
  return verified.ok && last > (end?.seq ?? 0) ? behindTheEnd(end, last) : verified
}

async function* looked(events: AsyncIterable<LedgerEvent>, look: (event: LedgerEvent) => void): AsyncIterable<LedgerEvent> {
  for await (const event of events) {
    look(event)
    yield event
  }
}

/** A record that is dated before one that was written earlier. */
export interface SetBack {
  readonly seq: number
  readonly at: string
  readonly after: { readonly seq: number; readonly at: string }
}

/** Clocks of several machines differ by less. */
const APART_MS = 5 * 60_000

/** Watches for the first record that a clock which was set back has dated: the chain holds, and its times do not. */
export function clockWatch() {
  let newest: LedgerEvent | undefined
  let found: SetBack | undefined
  const look = (event: LedgerEvent): void => {
    const { seq, at } = event
    if (newest && Date.parse(at) < Date.parse(newest.at) - APART_MS) found ??= { seq, at, after: { seq: newest.seq, at: newest.at } }
    else newest = event
  }
  return { look, found: () => found }
}

const behindTheEnd = (end: Head | undefined, last: number): Verification => ({
  ok: false,
  seq: (end?.seq ?? 0) + 1,
  kind: 'inserted',
  reason: `Record ${last} stands behind the end that the store notes, ${end ? `record ${end.seq}` : 'which is none'}: the note was changed or removed.`,
  remedy: 'Restore the ledger from a copy taken before the change.',
})

/**
 * The head of a ledger that holds: what does not is neither copied nor vouched for, nor run by.
 * Undefined where there is no record.
 * @throws CommandError that names the first bad record.
 */
export async function requireSound(
  ledgers: Ledgers,
  program: string,
  { noted, exitCode = 1 }: { readonly noted?: readonly Head[]; readonly exitCode?: number } = {},
): Promise<Head | undefined> {
  const verified = await verifyLedger(ledgers, program, noted)
  if (!verified.ok) throw new CommandError(`${program}: ${verified.reason}\n  ${verified.remedy}`, exitCode)
  return verified.head
}

/** @throws CommandError also where there is no record. */
export async function soundHead(ledgers: Ledgers, program: string, noted: readonly Head[] = []): Promise<Head> {
  const head = await requireSound(ledgers, program, { noted })
  if (!head) throw new CommandError(`${program} has no record yet`, EXIT.couldNotRun)
  return head
}
