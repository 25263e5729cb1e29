import { matcher } from '#core/evidence/glob.ts'
import { globIndex } from '#core/evidence/glob-index.ts'
import type { ProbedStream } from '#core/merge/probe.ts'
import type { Trespass } from '#core/merge/radar.ts'

/** Paths that only one stream may change, as globs. */
export interface Exclusive {
  readonly id: string
  readonly exclusive: readonly string[]
}

/** Lets streams, all of them where none is named, change what is exclusively another's. */
export interface TrespassException {
  readonly paths: readonly string[]
  readonly streams?: readonly string[]
  readonly reason: string
}

/**
 * Files changed by a stream that are exclusively another's, in the order of the streams and their
 * paths. What a stream has only because it is stacked on one that changed it is that one's doing.
 */
export function trespasses(
  probed: readonly ProbedStream[],
  exclusive: readonly Exclusive[],
  exceptions: readonly TrespassException[],
): readonly Trespass[] {
  const ownersOf = globIndex(exclusive.map(({ id, exclusive: globs }) => ({ globs, value: id })))
  const allowances = exceptions.map((one) => ({ ...one, matches: matcher(one.paths) }))
  const stackedOn = new Set(probed.flatMap(({ contains }) => contains))
  const changed = new Map(
    probed.filter(({ id }) => stackedOn.has(id)).map(({ id, changes }) => [id, new Set(changes.map(({ path }) => path))]),
  )
  return probed.flatMap((stream) =>
    stream.changes.flatMap(({ path }): readonly Trespass[] => {
      const owners = ownersOf(path)
      if (owners.length === 0 || owners.includes(stream.id)) return []
      if (stream.contains.some((id) => changed.get(id)?.has(path) === true)) return []
      const exception = allowances.find(
        ({ streams = [], matches }) => (streams.length === 0 || streams.includes(stream.id)) && matches(path),
      )
      return owners.map((owner) => ({ path, stream: stream.id, owner, ...(exception && { allowed: exception.reason }) }))
    }),
  )
}
