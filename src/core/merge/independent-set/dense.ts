import { add, listOf, lowest, noBits, remove, type Bits } from '#core/merge/bits.ts'
import type { Budget, Graph } from './graph.ts'

/**
 * The best set of a small or dense graph that weighs more than `least`, or nothing when there is
 * none; undecided when the budget ends. Branch and bound over bit sets: a greedy cover by cliques,
 * each taking its least remaining weight off its members, bounds what a candidate set can give, and
 * only the vertices that the cover leaves need a branch (San Segundo and others 2011; Tavares 2016).
 */
export function searchDense(graph: Graph, least: number, budget: Budget): number[] | undefined {
  const { size } = graph
  const words = (size + 31) >>> 5
  const { names, place } = widthOrder(graph)
  const near = names.map((name) => {
    const bits = noBits(size)
    for (const other of graph.neighbours[name] as readonly number[]) add(bits, place[other] as number)
    return bits
  })
  const weights = Float64Array.from(names, (name) => graph.weights[name] as number)
  const isUnit = weights.every((one) => one === 1)
  let best: number[] | undefined
  let bestWeight = least
  const chosen: number[] = []

  const rest = noBits(size)
  const open = noBits(size)
  const left = new Float64Array(size).fill(1)
  let steps = 0

  /** Members of each clique of the last cover, for as many as were paid for. */
  const cliques: Bits[] = []

  /** Vertices of `candidates` that a cover worth `room` does not pay for, in the order of the cover. */
  const unpaid = (candidates: Bits, room: number): number[] => {
    rest.set(candidates)
    let paid = 0
    let count = 0
    if (!isUnit) left.set(weights)
    for (;;) {
      const clique = (cliques[count] ??= noBits(size)).fill(0)
      open.set(rest)
      let price = Infinity
      let found = 0
      for (let word = 0; word < words; word += 1) {
        for (let bits = open[word] as number; bits !== 0; bits = open[word] as number) {
          const vertex = (word << 5) + lowest(bits)
          add(clique, vertex)
          found += 1
          price = Math.min(price, left[vertex] as number)
          const list = near[vertex] as Bits
          for (let next = word; next < words; next += 1) open[next] = (open[next] as number) & (list[next] as number)
        }
      }
      steps += words * (found + 2)
      if (found === 0) return []
      if (paid + price > room) break
      paid += price
      count += 1
      if (isUnit) for (let word = 0; word < words; word += 1) rest[word] = (rest[word] as number) & ~(clique[word] as number)
      else
        for (const vertex of listOf(clique)) {
          left[vertex] = (left[vertex] as number) - price
          if (left[vertex] <= 0) remove(rest, vertex)
        }
    }
    const over = listOf(rest)
    return isUnit ? over.filter((vertex) => !fits(vertex, count)) : over
  }

  /** Finds a place in one of the cliques by moving one member of it to another clique. */
  const fits = (vertex: number, count: number): boolean => {
    const list = near[vertex] as Bits
    for (let first = 0; first < count; first += 1) {
      const clique = cliques[first] as Bits
      const stranger = onlyStranger(clique, list)
      if (stranger === SEVERAL) continue
      if (stranger !== NONE) {
        const known = near[stranger] as Bits
        let second = 0
        while (second < count && (second === first || onlyStranger(cliques[second] as Int32Array, known) !== NONE)) second += 1
        if (second === count) continue
        remove(clique, stranger)
        add(cliques[second] as Int32Array, stranger)
      }
      add(clique, vertex)
      return true
    }
    return false
  }
  /** The one member of the clique that is not in the list. */
  const onlyStranger = (clique: Bits, list: Bits): number => {
    let found = NONE
    for (let word = 0; word < words; word += 1) {
      steps += 1
      const bits = (clique[word] as number) & ~(list[word] as number)
      if (bits === 0) continue
      if (found !== NONE || (bits & (bits - 1)) !== 0) return SEVERAL
      found = (word << 5) + 31 - Math.clz32(bits)
    }
    return found
  }

  const grow = (candidates: Bits, weight: number): void => {
    if (weight > bestWeight) {
      bestWeight = weight
      best = chosen.map((vertex) => names[vertex] as number)
    }
    if (budget.left <= 0) return
    budget.left -= steps * STEP
    steps = 0
    const branches = unpaid(candidates, bestWeight - weight)
    for (const vertex of branches) remove(candidates, vertex)
    const next = noBits(size)
    for (const vertex of branches) {
      const list = near[vertex] as Bits
      for (let word = 0; word < words; word += 1) next[word] = (candidates[word] as number) & ~(list[word] as number)
      chosen.push(vertex)
      grow(next, weight + (weights[vertex] as number))
      chosen.pop()
      add(candidates, vertex)
    }
  }
  const all = noBits(size)
  for (let vertex = 0; vertex < size; vertex += 1) add(all, vertex)
  grow(all, 0)
  return best
}

const NONE = -1
const SEVERAL = -2
/** A word of bits costs that much of a neighbour looked at. */
const STEP = 0.3

/** The vertex with most neighbours among those left goes last, again and again: covers come out small. */
function widthOrder(graph: Graph): { readonly names: readonly number[]; readonly place: Int32Array } {
  const { size, neighbours } = graph
  const degree = Int32Array.from(neighbours, (list) => list.length)
  const place = new Int32Array(size).fill(-1)
  const names: number[] = new Array(size)
  for (let last = size - 1; last >= 0; last -= 1) {
    let most = -1
    for (let vertex = 0; vertex < size; vertex += 1)
      if ((place[vertex] as number) < 0 && (most < 0 || (degree[vertex] as number) > (degree[most] as number))) most = vertex
    place[most] = last
    names[last] = most
    for (const other of neighbours[most] as readonly number[]) degree[other] = (degree[other] as number) - 1
  }
  return { names, place }
}
