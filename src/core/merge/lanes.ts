import { add, addAll, listOf, noBits, type Bits } from '#core/merge/bits.ts'
import { waitsFor, type Conflict, type PlanStream } from '#core/merge/landing.ts'

/** The streams that land, by their place in the program, and what ties them. */
export interface Lanes {
  readonly streams: readonly PlanStream[]
  readonly weights: readonly number[]
  /** Who must land before a stream, also through others. */
  readonly before: readonly Bits[]
  /** Whose landing before it makes a stream need rework. */
  readonly spoilers: readonly Bits[]
}

/** An element that is known to be there. */
export const at = <T>(list: { readonly [index: number]: T }, index: number): T => list[index] as T

export const ascending = (a: number, b: number): number => a - b

/** Where in the list each number stands. */
export function placesOf(order: readonly number[]): (number | undefined)[] {
  const places: (number | undefined)[] = []
  for (const [place, one] of order.entries()) places[one] = place
  return places
}

/** Dependencies must have no cycle, and name streams of the list only. */
export function lanesOf(streams: readonly PlanStream[], conflicts: readonly Conflict[]): Lanes {
  const places = new Map(streams.map((one, index) => [one.id, index]))
  const spoilers = streams.map(() => noBits(streams.length))
  for (const [a, b, onlyWhenFirst] of conflicts) {
    const one = places.get(a)
    const two = places.get(b)
    if (one === undefined || two === undefined || one === two) continue
    if (onlyWhenFirst !== a) add(at(spoilers, one), two)
    if (onlyWhenFirst !== b) add(at(spoilers, two), one)
  }
  const after = streams.map((one) => waitsFor(one).map((id) => places.get(id) as number))
  return { streams, weights: streams.map((one) => one.weight ?? 1), before: closure(after), spoilers }
}

/** Each vertex with all that its arcs reach. */
function closure(arcs: readonly (readonly number[])[]): Bits[] {
  const rows = arcs.map(() => noBits(arcs.length))
  const isDone = new Uint8Array(arcs.length)
  for (const start of arcs.keys()) {
    const path = isDone[start] === 1 ? [] : [start]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = at(arcs, top).find((other) => isDone[other] === 0)
      if (next !== undefined) {
        path.push(next)
        continue
      }
      path.pop()
      isDone[top] = 1
      for (const other of at(arcs, top)) {
        add(at(rows, top), other)
        addAll(at(rows, top), at(rows, other))
      }
    }
  }
  return rows
}

/** The other way round: in whose sets each number is. */
export function mirrored(rows: readonly Bits[]): Bits[] {
  const turned = rows.map(() => noBits(rows.length))
  for (const [one, row] of rows.entries()) for (const other of listOf(row)) add(at(turned, other), one)
  return turned
}
