/**
 * Vertices that an optimal solution of the linear relaxation (each 0, 1/2 or 1, no two neighbours
 * above 1 together) sets to 1: some best set holds them all (Nemhauser, Trotter 1975). Solved as a
 * flow through two copies of the graph: source - left copy - right copies of the neighbours - sink,
 * a vertex's weight being the capacity of its own two arcs. What the closure of a left copy in the
 * residual graph reaches, and does not reach on the right, is 1.
 *
 * Also the relaxation's value, which no set exceeds.
 */
export function relax(
  neighbours: readonly (readonly number[])[],
  weights: ArrayLike<number>,
  alive: Uint8Array,
): { readonly taken: readonly number[]; readonly value: number; readonly spent: number } {
  const size = alive.length
  let spent = 0
  const start = new Int32Array(size + 1)
  for (let vertex = 0; vertex < size; vertex += 1) {
    let count = 0
    if (alive[vertex] === 1) for (const other of neighbours[vertex] as readonly number[]) count += alive[other] as number
    start[vertex + 1] = (start[vertex] as number) + count
  }
  const head = new Int32Array(start[size] as number)
  /** Arc the other way round of each arc. */
  const mirror = new Int32Array(head.length)
  const flow = new Float64Array(head.length)
  const filled = start.slice(0, size)
  for (let vertex = 0; vertex < size; vertex += 1) {
    if (alive[vertex] === 0) continue
    for (const other of neighbours[vertex] as readonly number[]) {
      if (alive[other] === 0 || other < vertex) continue
      const there = filled[vertex] as number
      const back = filled[other] as number
      filled[vertex] = there + 1
      filled[other] = back + 1
      head[there] = other
      head[back] = vertex
      mirror[there] = back
      mirror[back] = there
    }
  }
  const left = Float64Array.from(weights)
  const right = Float64Array.from(weights)
  // Most of the flow is found by looking once.
  for (let vertex = 0; vertex < size; vertex += 1) {
    for (let arc = start[vertex] as number; arc < (start[vertex + 1] as number) && (left[vertex] as number) > 0; arc += 1) {
      const other = head[arc] as number
      const more = Math.min(left[vertex] as number, right[other] as number)
      if (more <= 0) continue
      flow[arc] = (flow[arc] as number) + more
      left[vertex] = (left[vertex] as number) - more
      right[other] = (right[other] as number) - more
    }
  }

  // Left copies are 0 .. size-1, right ones size .. 2 size-1.
  const reached = new Int32Array(2 * size)
  const from = new Int32Array(2 * size)
  const queue = new Int32Array(2 * size)
  let stamp = 0
  /** Walks the residual graph from the left copy; the first copy at which `ends` says so, or -1. */
  const walk = (vertex: number, ends: (copy: number) => boolean): { readonly end: number; readonly count: number } => {
    stamp += 1
    reached[vertex] = stamp
    queue[0] = vertex
    let count = 1
    for (let next = 0; next < count; next += 1) {
      const copy = queue[next] as number
      const own = copy < size ? copy : copy - size
      for (let arc = start[own] as number; arc < (start[own + 1] as number); arc += 1) {
        spent += 1
        const other = copy < size ? (head[arc] as number) + size : (head[arc] as number)
        if (reached[other] === stamp || (copy >= size && (flow[mirror[arc] as number] as number) <= 0)) continue
        reached[other] = stamp
        // The arc from left to right that is used, in whichever direction.
        from[other] = copy < size ? arc : (mirror[arc] as number)
        if (ends(other)) return { end: other, count }
        queue[count] = other
        count += 1
      }
    }
    return { end: -1, count }
  }
  const isOpen = (copy: number): boolean => copy >= size && (right[copy - size] as number) > 0
  const augment = (vertex: number, end: number): void => {
    let most = Math.min(left[vertex] as number, right[end - size] as number)
    for (let copy = end; copy !== vertex;) {
      const arc = from[copy] as number
      if (copy >= size) copy = head[mirror[arc] as number] as number
      else {
        most = Math.min(most, flow[arc] as number)
        copy = (head[arc] as number) + size
      }
    }
    left[vertex] = (left[vertex] as number) - most
    right[end - size] = (right[end - size] as number) - most
    for (let copy = end; copy !== vertex;) {
      const arc = from[copy] as number
      flow[arc] = (flow[arc] as number) + (copy >= size ? most : -most)
      copy = copy >= size ? (head[mirror[arc] as number] as number) : (head[arc] as number) + size
    }
  }
  const closed = new Uint8Array(2 * size)
  const close = (count: number): void => {
    for (let index = 0; index < count; index += 1) closed[queue[index] as number] = 1
  }
  let isSaturated = true
  for (let vertex = 0; vertex < size; vertex += 1) {
    while (alive[vertex] === 1 && (left[vertex] as number) > 0) {
      const { end, count } = walk(vertex, isOpen)
      if (end < 0) {
        isSaturated = false
        close(count)
        break
      }
      augment(vertex, end)
    }
  }
  let value = 0
  for (let vertex = 0; vertex < size; vertex += 1)
    if (alive[vertex] === 1) value += ((left[vertex] as number) + (weights[vertex] as number)) / 2
  if (isSaturated) {
    // Another optimal solution may be whole where this one is halves everywhere.
    for (let vertex = 0; vertex < size; vertex += 1) {
      if (alive[vertex] === 0) continue
      const { end, count } = walk(vertex, (copy) => copy === vertex + size)
      if (end >= 0) continue
      close(count)
      break
    }
  }
  const taken: number[] = []
  for (let vertex = 0; vertex < size; vertex += 1) if (closed[vertex] === 1 && closed[vertex + size] === 0) taken.push(vertex)
  return { taken, value, spent }
}
