import type { Repository } from '#core/evidence/collector.ts'
import { squashOf } from '#core/evidence/squash.ts'
import type { Prober, ProbedStream } from '#core/merge/probe.ts'

/** To git a branch that was squashed collides with whatever became of its work since; there is nothing of it left to land. */
export const knowingSquashes = (prober: Prober, repository: Pick<Repository, 'mergeBase' | 'changes' | 'ownLine'>): Prober => ({
  ...prober,
  async probe(request) {
    const probed = await prober.probe(request)
    const streams: ProbedStream[] = []
    for (const stream of probed.streams) {
      request.signal.throwIfAborted()
      const isSquashed = stream.state === 'conflicted' && (await isIn(repository, stream.commit, request.target))
      streams.push(isSquashed ? { ...stream, state: 'landed', files: [], changes: [] } : stream)
    }
    return { ...probed, streams }
  },
})

/** What only the prober knows (work that is not committed) was squashed nowhere. */
const isIn = (repository: Parameters<typeof squashOf>[0], head: string, target: string): Promise<boolean> =>
  squashOf(repository, head, target).then(
    (squash) => squash?.isTakenBack === false,
    () => false,
  )
