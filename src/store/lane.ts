import type { Outcome, Request } from '#store/plan.ts'
import type { Store } from '#store/store.ts'

interface Waiting extends Request {
  readonly settle: (outcome: Outcome) => void
}

/**
 * Group commit: what is asked for while something is being written is written together next, in one
 * transaction with one wait for the disk. `commit` gives one outcome for each request, in their order.
 */
export function lane(
  commit: (requests: readonly Request[]) => Promise<readonly Outcome[]>,
): (request: Request) => ReturnType<Store['append']> {
  let waiting: Waiting[] = []
  let isRunning = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const outcomes = await commit(batch).catch((refused: unknown) => batch.map((): Outcome => ({ refused })))
      for (const [index, outcome] of outcomes.entries()) batch[index]?.settle(outcome)
    }
    isRunning = false
  }

  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...request, settle: (outcome) => ('refused' in outcome ? reject(outcome.refused) : resolve(outcome)) })
      if (isRunning) return
      isRunning = true
      queueMicrotask(() => void drain())
    })
}
