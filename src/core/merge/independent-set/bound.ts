import type { Budget, Graph } from './graph.ts'

/**
 * No set weighs more: cliques that cover every vertex, each giving at most its heaviest one. Dear
 * and rare vertices first, each joining the largest clique of its neighbours that it completes.
 */
export function cliqueBound(graph: Graph, budget: Budget): number {
  const { size, neighbours, weights } = graph
  const order = Array.from({ length: size }, (_, vertex) => vertex).sort(
    (a, b) =>
      (weights[b] as number) - (weights[a] as number) ||
      (neighbours[a] as readonly number[]).length - (neighbours[b] as readonly number[]).length,
  )
  const cliqueOf = new Int32Array(size).fill(-1)
  const sizes: number[] = []
  const known = new Int32Array(size)
  let bound = 0
  for (const vertex of order) {
    let chosen = -1
    const list = neighbours[vertex] as readonly number[]
    for (const other of list) {
      const clique = cliqueOf[other] as number
      if (clique < 0) continue
      known[clique] = (known[clique] as number) + 1
      if (known[clique] === sizes[clique] && (chosen < 0 || sizes[clique] > (sizes[chosen] as number))) chosen = clique
    }
    for (const other of list) if ((cliqueOf[other] as number) >= 0) known[cliqueOf[other] as number] = 0
    budget.left -= 2 * list.length
    if (chosen < 0) {
      chosen = sizes.length
      sizes.push(0)
      bound += weights[vertex] as number
    }
    cliqueOf[vertex] = chosen
    sizes[chosen] = (sizes[chosen] as number) + 1
  }
  return bound
}
