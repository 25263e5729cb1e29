import { CommandError, EXIT } from '#cli/io.ts'
import { digest } from '#core/ledger/canonical.ts'
import type { DecisionEvent } from '#engine/recall.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

/** Characters of an id that say which one is meant; fewer are rather the number of another record. */
const LEAST = 4

/** A recorded decision by id, by the beginning of its id, by its number, or the latest. */
export async function findDecision(store: Store, program: string, id: string | undefined): Promise<DecisionEvent> {
  if (id === undefined || id === 'latest') {
    const latest = await store.latest(program, 'decision')
    if (latest?.type === 'decision') return latest
    throw new CommandError('no decision is recorded yet\n  run `muster check` first', EXIT.couldNotRun)
  }
  const found: DecisionEvent[] = []
  for await (const event of store.read(program, { types: ['decision'] })) {
    if (event.type !== 'decision') continue
    if (event.id === id || String(event.seq) === id) return event
    if (id.length >= LEAST && event.id.startsWith(id)) found.push(event)
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
export async function recompute(store: Store, program: string, record: DecisionEvent) {
  const [{ judgeCheck }, { recall }] = await Promise.all([import('#core/check.ts'), import('#engine/recall.ts')])
  const { inputs } = record.body
  const input = await recall(store, program, record)
  // An explanation of anything but what was decided on would be a lie.
  if (!input || digest(input.program, sha256) !== inputs.program || digest(input.snapshot, sha256) !== inputs.evidence)
    throw new CommandError('the ledger no longer holds what this decision was made from\n  run `muster verify`', EXIT.couldNotRun)
  return { input, ...judgeCheck(input) }
}
