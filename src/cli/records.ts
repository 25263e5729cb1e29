import { CommandError, EXIT } from '#cli/io.ts'
import { digest } from '#core/ledger/canonical.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

export type Decided = Extract<LedgerEvent, { type: 'decision' }>

/** A recorded decision by id, by the beginning of its id, by its number, or the latest. */
export async function findDecision(store: Store, program: string, id: string | undefined): Promise<Decided> {
  if (id === undefined || id === 'latest') {
    const latest = await store.latest(program, 'decision')
    if (latest?.type === 'decision') return latest
    throw new CommandError('no decision is recorded yet\n  run `muster check` first', EXIT.couldNotRun)
  }
  const found: Decided[] = []
  for await (const event of store.read(program, { types: ['decision'] })) {
    if (event.type === 'decision' && (event.id.startsWith(id) || String(event.seq) === id)) found.push(event)
  }
  const [first, second] = found
  if (first && !second) return first
  throw new CommandError(
    first
      ? `"${id}" begins ${found.length} ids; write more of it`
      : `no decision is recorded as "${id}"\n  \`muster status\` shows the latest`,
  )
}

/** Recomputes the report of a recorded decision from what the ledger holds. */
export async function recompute(store: Store, program: string, record: Decided['body']) {
  const [{ judgeCheck }, { foldEvents }] = await Promise.all([import('#core/check.ts'), import('#core/ledger/state.ts')])
  const events: LedgerEvent[] = []
  let plan
  let snapshot
  for await (const event of store.read(program)) {
    if (event.type === 'program' && event.body.digest === record.inputs.program) plan = event.body.program
    else if (event.type === 'evidence' && event.body.digest === record.inputs.evidence) snapshot = event.body.snapshot
    else if (event.seq < record.inputs.ledgerBefore) events.push(event)
  }
  const gone = () =>
    new CommandError('the ledger no longer holds what this decision was made from\n  run `muster verify`', EXIT.couldNotRun)
  // An explanation of anything but what was decided on would be a lie.
  if (!plan || !snapshot || digest(plan, sha256) !== record.inputs.program || digest(snapshot, sha256) !== record.inputs.evidence)
    throw gone()
  const checkpoint = plan.checkpoints.find((one) => one.id === record.checkpoint)
  if (!checkpoint) throw gone()
  const input = {
    program: plan,
    checkpoint,
    snapshot,
    ledger: foldEvents(events),
    at: record.clock,
    ...(record.streams && { streams: record.streams }),
  }
  return { input, ...judgeCheck(input) }
}
