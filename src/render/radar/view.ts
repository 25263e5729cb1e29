import type { ConflictFile } from '#core/merge/probe.ts'
import type { Radar, RadarPair, RadarStream } from '#core/merge/radar.ts'

/** A radar with what every format looks up in it. */
export interface View {
  readonly radar: Radar
  readonly zone: string
  /** The name of a stream; the id of one that the radar does not have. */
  readonly name: (id: string) => string
  readonly stream: (id: string) => RadarStream | undefined
  readonly conflicts: readonly RadarPair[]
  /** Pairs about which git could say nothing. */
  readonly unknown: readonly RadarPair[]
  /** Streams with the pairs they are in, of those that are listed. */
  readonly partners: ReadonlyMap<string, readonly RadarPair[]>
  /** Those that conflict with the target, and those in a conflicting pair, in the radar's order. */
  readonly colliding: readonly RadarStream[]
  readonly inState: (state: RadarStream['state']) => readonly RadarStream[]
}

/** With `shorten` for sinks where a name must not take the whole line. */
export function viewOf(radar: Radar, zone = 'UTC', shorten: (name: string) => string = (name) => name): View {
  const byId = new Map(radar.streams.map((stream) => [stream.id, stream]))
  const partners = new Map<string, RadarPair[]>()
  for (const pair of radar.pairs)
    for (const id of [pair.a, pair.b]) {
      const known = partners.get(id)
      if (known) known.push(pair)
      else partners.set(id, [pair])
    }
  const collides = ({ id, state }: RadarStream): boolean =>
    state === 'conflicted' || partners.get(id)?.some(({ verdict }) => verdict === 'conflicted') === true
  return {
    radar,
    zone,
    name: (id) => shorten(byId.get(id)?.name ?? id),
    stream: (id) => byId.get(id),
    conflicts: radar.pairs.filter(({ verdict }) => verdict === 'conflicted'),
    unknown: radar.pairs.filter(({ verdict }) => verdict === 'unavailable'),
    partners,
    colliding: radar.streams.filter(collides),
    inState: (state) => radar.streams.filter((stream) => stream.state === state),
  }
}

/** A conflict of two sides: a pair, or a stream and the target. */
export interface Collision {
  readonly a: Side
  readonly b: Side
  readonly files: readonly ConflictFile[]
  readonly owners: readonly string[]
  /** Further remarks on the two. */
  readonly remarks: readonly string[]
  /** The second side is the target. */
  readonly isTarget: boolean
}

export interface Side {
  readonly name: string
  readonly lead?: string
}

/** Conflicts with the target first, since they stand already, then the pairs. */
export const collisionsOf = (view: View): readonly Collision[] => [
  ...view.inState('conflicted').map((stream) => ({
    a: sideOf(view, stream.id),
    b: { name: view.radar.target.branch },
    files: stream.files,
    owners: [],
    remarks: [],
    isTarget: true,
  })),
  ...view.conflicts.map((pair) => ({
    a: sideOf(view, pair.a),
    b: sideOf(view, pair.b),
    files: pair.files,
    owners: pair.owners,
    remarks: [
      ...(pair.onlyWhenFirst === undefined ? [] : [`only when ${view.name(pair.onlyWhenFirst)} lands first`]),
      ...(pair.stacked ? ['one is stacked on the other'] : []),
    ],
    isTarget: false,
  })),
]

const sideOf = (view: View, id: string): Side => {
  const lead = view.stream(id)?.lead
  return { name: view.name(id), ...(lead !== undefined && { lead }) }
}
