import type { Radar, RadarChanges, RadarPair } from '#core/merge/radar.ts'

/**
 * What changed from one radar to the next, with the time of the earlier one; undefined when they
 * have different target branches. A conflict counts as solved only when both streams can still be
 * judged and do not conflict: one that cannot be seen any more is not solved.
 */
export function changesBetween(before: Radar, now: Radar): RadarChanges | undefined {
  if (before.target.branch !== now.target.branch) return undefined
  const old = new Map(before.streams.map((stream) => [stream.id, stream]))
  const present = new Map(now.streams.map((stream) => [stream.id, stream]))
  const stayed = now.streams.flatMap((stream) => {
    const was = old.get(stream.id)
    return was ? [{ was, stream }] : []
  })
  const isJudged = (id: string): boolean => ['clean', 'landed'].includes(present.get(id)?.state ?? 'gone')
  const known = byPair(before.pairs)
  const listed = byPair(now.pairs)
  const conflicts = now.pairs.filter(isConflicted)
  return {
    at: before.at,
    targetMoved: before.target.commit !== now.target.commit,
    appeared: now.streams.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    gone: before.streams.filter(({ id }) => !present.has(id)).map(({ id }) => id),
    moved: stayed.filter(({ was, stream }) => was.commit !== stream.commit).map(({ stream }) => stream.id),
    states: stayed.flatMap(({ was, stream }) =>
      was.state === stream.state ? [] : [{ stream: stream.id, from: was.state, to: stream.state }],
    ),
    newConflicts: conflicts.flatMap((pair) =>
      known.get(keyOf(pair))?.verdict === 'conflicted' ? [] : [{ a: pair.a, b: pair.b, files: pathsOf(pair) }],
    ),
    solved: before.pairs.flatMap((pair) =>
      isConflicted(pair) && !listed.has(keyOf(pair)) && isJudged(pair.a) && isJudged(pair.b) ? [{ a: pair.a, b: pair.b }] : [],
    ),
    changed: conflicts.flatMap((pair) => {
      const was = known.get(keyOf(pair))
      if (was?.verdict !== 'conflicted') return []
      const added = without(pathsOf(pair), pathsOf(was))
      const removed = without(pathsOf(was), pathsOf(pair))
      return added.length + removed.length === 0 ? [] : [{ a: pair.a, b: pair.b, added, removed }]
    }),
  }
}

const isConflicted = (pair: RadarPair): boolean => pair.verdict === 'conflicted'

/** The same whichever of the two was asked about first. */
const keyOf = ({ a, b }: { readonly a: string; readonly b: string }): string => JSON.stringify([a, b].sort())

const byPair = (pairs: readonly RadarPair[]): ReadonlyMap<string, RadarPair> => new Map(pairs.map((pair) => [keyOf(pair), pair]))

const pathsOf = (pair: RadarPair): readonly string[] => [...new Set(pair.files.map(({ path }) => path))]

const without = (paths: readonly string[], others: readonly string[]): readonly string[] => {
  const known = new Set(others)
  return paths.filter((path) => !known.has(path))
}
