import type { Decided, Given } from '#core/people/given.ts'
import { isConflict } from '#engine/run-ports.ts'

/** Others may record at the same time; each lost race means that somebody else's event was written. */
const MOST_TRIES = 50

/** Decides from the ledger as it is now and appends onto that: again, when somebody else recorded meanwhile. */
export async function untilAppended<T>(attempt: () => Promise<T>, isLost: (error: unknown) => boolean = isConflict): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!isLost(error) || tries >= MOST_TRIES) throw error
    }
  }
}

/** Decides an act; what counts for one tree alone is decided again with the files of its branch. */
export async function decideAct(
  given: Given,
  decide: (given: Given) => Decided | Promise<Decided>,
  treeOf: (branch: string) => Promise<string>,
): Promise<Decided> {
  const decided = await decide(given)
  return decided.ok || decided.branch === undefined ? decided : decide({ ...given, tree: await treeOf(decided.branch) })
}
