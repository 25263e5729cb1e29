import type { Budget, Graph } from './graph.ts'

/**
 * A good set by plateau search: put in the vertex that gains most over the neighbours it pushes
 * out, among equals the one untouched for longest; after a while without gain, one taken at
 * random. The random numbers come from a fixed seed, so that the answer is the same everywhere.
 */
export function localSearch(graph: Graph, moves: number, budget: Budget): number[] {
  const { size, neighbours, weights } = graph
  const isIn = new Uint8Array(size)
  /** Weight of the neighbours that are in. */
  const pushed = new Float64Array(size)
  const touchedAt = new Int32Array(size)
  // Vertices outside that cost nothing to put in, each with its place in the list.
  const list = new Int32Array(size)
  const place = new Int32Array(size).fill(-1)
  let count = 0
  let weight = 0
  let best: number[] = []
  let bestWeight = 0
  let random = 0x2545f491
  const below = (limit: number): number => {
    random ^= random << 13
    random ^= random >>> 17
    random ^= random << 5
    return (random >>> 0) % limit
  }
  const gain = (vertex: number): number => (weights[vertex] as number) - (pushed[vertex] as number)
  const review = (vertex: number): void => {
    const isListed = (place[vertex] as number) >= 0
    const belongs = isIn[vertex] === 0 && gain(vertex) >= 0
    if (belongs === isListed) return
    if (belongs) {
      list[count] = vertex
      place[vertex] = count
      count += 1
    } else {
      count -= 1
      const last = list[count] as number
      list[place[vertex] as number] = last
      place[last] = place[vertex] as number
      place[vertex] = -1
    }
  }
  const set = (vertex: number, to: 0 | 1): void => {
    const by = to === 1 ? (weights[vertex] as number) : -(weights[vertex] as number)
    isIn[vertex] = to
    weight += by
    for (const other of neighbours[vertex] as readonly number[]) {
      pushed[other] = (pushed[other] as number) + by
      review(other)
    }
    review(vertex)
    budget.left -= (neighbours[vertex] as readonly number[]).length
  }
  const put = (vertex: number, move: number): void => {
    for (const other of neighbours[vertex] as readonly number[]) {
      if (isIn[other] === 0) continue
      set(other, 0)
      touchedAt[other] = move
    }
    set(vertex, 1)
    touchedAt[vertex] = move
  }
  for (let vertex = 0; vertex < size; vertex += 1) review(vertex)
  const patience = 2 * size + 50
  let idle = 0
  for (let move = 1; move <= moves; move += 1) {
    let chosen = -1
    // A sample is enough of a long list, and keeps a move cheap.
    const looks = Math.min(count, 40)
    const offset = count > looks ? below(count) : 0
    for (let look = 0; look < looks; look += 1) {
      const vertex = list[(offset + look) % count] as number
      if (chosen < 0) chosen = vertex
      else {
        const more = gain(vertex) - gain(chosen)
        if (more > 0 || (more === 0 && (touchedAt[vertex] as number) < (touchedAt[chosen] as number))) chosen = vertex
      }
    }
    budget.left -= looks
    // What was pushed out a moment ago is not put back at once unless that gains.
    const isBack = chosen >= 0 && gain(chosen) === 0 && move - (touchedAt[chosen] as number) < 3 && (touchedAt[chosen] as number) > 0
    if (chosen < 0 || isBack || idle > patience) {
      chosen = below(size)
      if (idle > patience) idle = 0
    }
    if (isIn[chosen] === 0) put(chosen, move)
    idle += 1
    if (weight > bestWeight) {
      bestWeight = weight
      best = []
      for (let vertex = 0; vertex < size; vertex += 1) if (isIn[vertex] === 1) best.push(vertex)
      idle = 0
    }
  }
  return best
}
