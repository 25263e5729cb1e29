/** A graph with a weight on each vertex; vertices are 0 .. size-1. Never changed once built. */
export interface Graph {
  readonly size: number
  /** Each neighbour once, none of them the vertex itself. */
  readonly neighbours: readonly (readonly number[])[]
  /** Whole numbers from 1. */
  readonly weights: ArrayLike<number>
}

/** What a search may still spend, in neighbours looked at; a clock would give another answer on another machine. */
export interface Budget {
  left: number
}

export const weightOf = (graph: Graph, vertices: readonly number[]): number =>
  vertices.reduce((sum, vertex) => sum + (graph.weights[vertex] as number), 0)

export const endsOf = (graph: Graph): number => graph.neighbours.reduce((sum, list) => sum + list.length, 0)

/** Bit sets win where a vertex knows much of the graph, or the graph is small. */
export const isDense = (graph: Graph): boolean => graph.size <= 60 || endsOf(graph) > graph.size * graph.size * 0.08

export interface Part {
  readonly graph: Graph
  /** Vertex of the whole that each vertex of the part stands for. */
  readonly names: readonly number[]
}

/** The connected parts of what is alive, the smallest first; of equal ones the one with the first vertex. */
export function partsOf(size: number, neighbours: readonly (readonly number[])[], weights: ArrayLike<number>, alive: Uint8Array): Part[] {
  const place = new Int32Array(size).fill(-1)
  const parts: Part[] = []
  for (let start = 0; start < size; start += 1) {
    if (alive[start] === 0 || (place[start] as number) >= 0) continue
    const names = [start]
    place[start] = 0
    for (let next = 0; next < names.length; next += 1) {
      for (const other of neighbours[names[next] as number] as readonly number[]) {
        if (alive[other] === 0 || (place[other] as number) >= 0) continue
        place[other] = names.length
        names.push(other)
      }
    }
    const lists = names.map((name) => {
      const list: number[] = []
      for (const other of neighbours[name] as readonly number[]) if (alive[other] === 1) list.push(place[other] as number)
      return list
    })
    parts.push({ graph: { size: names.length, neighbours: lists, weights: names.map((name) => weights[name] as number) }, names })
  }
  return parts.sort((a, b) => a.graph.size - b.graph.size)
}
