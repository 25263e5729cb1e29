import type { RadarStream } from '#core/merge/radar.ts'
import type { View } from '#render/radar/view.ts'
import { MOST_COLUMNS } from '#render/radar/matrix.ts'
import { stateWords } from '#render/radar/words.ts'
import { count } from '#render/words.ts'

/** The conflict graph, before it is drawn. Nodes go by numbers, so that no name has to be one. */
export interface Graph {
  readonly nodes: readonly {
    readonly key: string
    readonly name: string
    readonly words: string
    readonly state: RadarStream['state'] | 'target'
  }[]
  readonly edges: readonly { readonly a: string; readonly b: string; readonly label: string; readonly unknown: boolean }[]
  /** What is not drawn. */
  readonly left: readonly string[]
}

/** Those with most files first when there are too many. Above forty streams only those with an edge are drawn. */
export function graphOf(view: View, mostEdges = Number.POSITIVE_INFINITY): Graph {
  const { streams, pairs, target } = view.radar
  const keys = new Map(streams.map(({ id }, index) => [id, `s${index + 1}`]))
  const all = [
    ...view.inState('conflicted').map(({ id, files }) => ({ a: id, b: undefined, size: files.length, label: count(files.length, 'file'), unknown: false })),
    ...pairs.map(({ a, b, verdict, files, onlyWhenFirst }) => ({
      a,
      b,
      size: files.length,
      label:
        verdict === 'unavailable'
          ? '?'
          : `${count(files.length, 'file')}${onlyWhenFirst === undefined ? '' : `, ${view.name(onlyWhenFirst)} first`}`,
      unknown: verdict === 'unavailable',
    })),
  ] // prettier-ignore
  const drawn = all.length <= mostEdges ? all : all.toSorted((x, y) => y.size - x.size).slice(0, mostEdges)
  const met = new Set(drawn.flatMap(({ a, b }) => [a, b]))
  const shown = streams.filter(({ id, state }) => streams.length <= MOST_COLUMNS || met.has(id) || state === 'unavailable')
  const hidden = streams.length - shown.length
  return {
    nodes: [
      ...(met.has(undefined) ? [{ key: 't', name: target.branch, words: 'target', state: 'target' as const }] : []),
      ...shown.map((stream) => ({
        key: keys.get(stream.id) ?? '',
        name: stream.name,
        words: stateWords(stream, view.name),
        state: stream.state,
      })),
    ],
    edges: drawn.map(({ a, b, label, unknown }) => ({
      a: keys.get(a) ?? '',
      b: b === undefined ? 't' : (keys.get(b) ?? ''),
      label,
      unknown,
    })),
    left: [
      ...(hidden === 0 ? [] : [`${count(hidden, 'stream')} without a conflict drawn`]),
      ...(drawn.length === all.length ? [] : [`${all.length - drawn.length} of ${count(all.length, 'conflict')}`]),
    ],
  }
}
