import type { ProbedPair, ProbedStream } from '#core/merge/probe.ts'
import type { HotFile } from '#core/merge/radar.ts'

const MOST_FILES = 50

/**
 * Files that two or more streams change, those with the most writers first, then those with the
 * most conflicts; at most fifty. A stream that is stacked on another has that one's changes too,
 * and is no second writer of them.
 */
export function hotFiles(
  streams: readonly ProbedStream[],
  pairs: readonly ProbedPair[],
  ownersOf: (path: string) => readonly string[],
): readonly HotFile[] {
  const writers = new Map<string, ProbedStream[]>()
  for (const stream of streams) {
    if (stream.state !== 'clean' && stream.state !== 'conflicted') continue
    for (const { path } of stream.changes) {
      const known = writers.get(path)
      if (known) known.push(stream)
      else writers.set(path, [stream])
    }
  }
  const conflicts = new Map<string, number>()
  for (const { verdict, files } of pairs)
    if (verdict === 'conflicted') for (const { path } of files) conflicts.set(path, (conflicts.get(path) ?? 0) + 1)
  return [...writers]
    .flatMap(([path, all]) => {
      const own = all.length < 2 ? [] : all.filter((stream) => !stream.contains.some((id) => all.some((other) => other.id === id)))
      return own.length < 2 ? [] : [{ path, streams: own.map(({ id }) => id), conflicts: conflicts.get(path) ?? 0 }]
    })
    .toSorted((a, b) => b.streams.length - a.streams.length || b.conflicts - a.conflicts || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_FILES)
    .map((file) => ({ path: file.path, streams: file.streams, owners: ownersOf(file.path), conflicts: file.conflicts }))
}
