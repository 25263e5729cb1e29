import { cliqueBound } from './independent-set/bound.ts'
import { searchDense } from './independent-set/dense.ts'
import { endsOf, isDense, weightOf, type Budget, type Graph } from './independent-set/graph.ts'
import { localSearch } from './independent-set/local-search.ts'
import { reduce, type Kernel } from './independent-set/reduce.ts'
import { relax } from './independent-set/relax.ts'

export interface IndependentSet {
  /** Ascending. */
  readonly members: readonly number[]
  readonly weight: number
  /** No independent set weighs more; the weight itself when proven. */
  readonly atMost: number
  /** None weighs more: proven. */
  readonly optimal: boolean
  /** Of the budget. */
  readonly spent: number
}

/** Neighbours looked at: about a second on an ordinary machine, and the same answer on every one. */
export const BUDGET = 60_000_000

/** Of the budget goes to local search, which finds what it will find long before. */
const LOCAL_SHARE = 0.05

/**
 * The heaviest set of vertices of which no two are joined by an edge: exactly, by reductions,
 * component by component, and branch and bound; or, once the budget is spent, the best that was
 * found, with a bound.
 */
export function independentSet(graph: Graph, budget = BUDGET): IndependentSet {
  const whole: Budget = { left: budget }
  const kernel = reduce(graph, undefined, !isDense(graph), whole)
  let atMost = kernel.offset
  let isProven = true
  let open = kernel.parts.reduce((sum, part) => sum + part.graph.size, 0)
  const sets = kernel.parts.map(({ graph: part }) => {
    // Each part may spend its share of what is left, so that one that is hard leaves the others theirs.
    const share: Budget = { left: Math.max(0, whole.left * (part.size / open)) }
    open -= part.size
    whole.left -= share.left
    const solved = solve(part, share)
    whole.left += Math.max(0, share.left)
    atMost += solved.atMost
    isProven &&= solved.atMost === solved.weight
    return solved.members
  })
  const members = earliest(graph, kernel.lift(sets))
  const weight = weightOf(graph, members)
  return { members, weight, atMost, optimal: isProven, spent: budget - Math.max(0, whole.left) }
}

/** Of equal sets rather the one with the first vertices: exchanges a member for an earlier vertex that knows no other member. */
function earliest({ size, neighbours, weights }: Graph, members: readonly number[]): readonly number[] {
  const isIn = new Uint8Array(size)
  for (const member of members) isIn[member] = 1
  for (let changed = true; changed;) {
    changed = false
    for (let vertex = 0; vertex < size; vertex += 1) {
      if (isIn[vertex] === 1) continue
      let known = -1
      let count = 0
      for (const other of neighbours[vertex] as readonly number[]) {
        if (isIn[other] === 0) continue
        known = other
        count += 1
        if (count > 1) break
      }
      if (count !== 1 || known < vertex || weights[known] !== weights[vertex]) continue
      isIn[known] = 0
      isIn[vertex] = 1
      changed = true
    }
  }
  return Array.from({ length: size }, (_, vertex) => vertex).filter((vertex) => isIn[vertex] === 1)
}

interface Solved {
  readonly members: readonly number[]
  readonly weight: number
  readonly atMost: number
}

function solve(graph: Graph, budget: Budget): Solved {
  const looks = 20 + endsOf(graph) / graph.size
  let atMost = cliqueBound(graph, budget)
  if (!isDense(graph)) {
    const relaxed = relax(graph.neighbours, graph.weights, new Uint8Array(graph.size).fill(1))
    budget.left -= relaxed.spent
    atMost = Math.min(atMost, Math.floor(relaxed.value))
  }
  const moves = Math.ceil(Math.max(2 * graph.size, Math.min(40 * graph.size, (budget.left * LOCAL_SHARE) / looks)))
  let members = localSearch(graph, moves, budget)
  let weight = weightOf(graph, members)
  /** Whether a set weighs more than `least`, where a part of the budget is enough to say. */
  const ask = (least: number, part: number): void => {
    const own: Budget = { left: budget.left * part }
    budget.left -= own.left
    const found = branch(graph, least, own, 0)
    if (found) {
      members = found
      weight = weightOf(graph, found)
    }
    if (own.left > 0) {
      atMost = found ? weight : least
      budget.left += own.left
    }
  }
  if (weight < atMost) ask(weight, 0.7)
  // What cannot be proven can often be bounded: to show that no set is far better takes much less.
  let low = weight
  while (atMost - low > 1) {
    const middle = (low + atMost) >> 1
    ask(middle, 0.3)
    low = Math.max(weight, atMost === middle ? low : middle)
  }
  return { members, weight, atMost }
}

/** A best set without the vertices that are gone, if it weighs more than `least`; nothing when none does, or the budget ends. */
function search(graph: Graph, gone: readonly number[], least: number, budget: Budget, depth: number): number[] | undefined {
  if (budget.left <= 0) return undefined
  const kernel = reduce(graph, gone, depth < 2, budget)
  const sets = searchParts(kernel, least - kernel.offset, budget, depth)
  return sets && kernel.lift(sets)
}

function searchParts({ parts }: Kernel, least: number, budget: Budget, depth: number): (readonly number[])[] | undefined {
  const [only] = parts
  if (only === undefined) return least < 0 ? [] : undefined
  const bounds = parts.map((part) => cliqueBound(part.graph, budget))
  let most = bounds.reduce((sum, one) => sum + one, 0)
  const sets: (readonly number[])[] = []
  for (const [index, part] of parts.entries()) {
    const bound = bounds[index] as number
    if (most <= least) return undefined
    const set = branch(part.graph, least - (most - bound), budget, depth)
    if (!set) return undefined
    most += weightOf(part.graph, set) - bound
    sets.push(set)
  }
  return most > least ? sets : undefined
}

function branch(graph: Graph, least: number, budget: Budget, depth: number): number[] | undefined {
  if (isDense(graph)) return searchDense(graph, least, budget)
  const vertex = mostJoined(graph)
  const list = graph.neighbours[vertex] as readonly number[]
  const own = graph.weights[vertex] as number
  let best: number[] | undefined
  let bar = least
  const within = search(graph, [vertex, ...list], bar - own, budget, depth + 1)
  if (within) {
    best = [...within, vertex]
    bar = weightOf(graph, best)
  }
  return search(graph, [vertex, ...mirrorsOf(graph, vertex)], bar, budget, depth + 1) ?? best
}

/** Of those with most neighbours the one whose neighbours know each other least. */
function mostJoined(graph: Graph): number {
  let most = 0
  let fewest = Infinity
  let chosen = 0
  const mark = new Int32Array(graph.size).fill(-1)
  for (const list of graph.neighbours) most = Math.max(most, list.length)
  for (let vertex = 0; vertex < graph.size; vertex += 1) {
    const list = graph.neighbours[vertex] as readonly number[]
    if (list.length < most) continue
    for (const other of list) mark[other] = vertex
    let edges = 0
    for (const other of list) for (const far of graph.neighbours[other] as readonly number[]) if (mark[far] === vertex) edges += 1
    if (edges >= fewest) continue
    fewest = edges
    chosen = vertex
  }
  return chosen
}

/**
 * Vertices that, when this one is left out, may be left out too, because what it knows beyond them
 * is a clique: otherwise exchanging would give as good a set with it (Fomin, Grandoni, Kratsch
 * 2009). Holds where all weigh the same.
 */
function mirrorsOf(graph: Graph, vertex: number): number[] {
  const list = graph.neighbours[vertex] as readonly number[]
  for (let index = 1; index < graph.size; index += 1) if (graph.weights[index] !== graph.weights[0]) return []
  const mark = new Int32Array(graph.size)
  for (const other of list) mark[other] = 1
  mark[vertex] = 2
  const mirrors: number[] = []
  for (const other of list) {
    for (const far of graph.neighbours[other] as readonly number[]) {
      if (mark[far] !== 0) continue
      mark[far] = 2
      const known = new Set(graph.neighbours[far] as readonly number[])
      const beyond = list.filter((one) => !known.has(one))
      if (beyond.every((one) => beyond.every((two) => one === two || (graph.neighbours[one] as readonly number[]).includes(two))))
        mirrors.push(far)
    }
  }
  return mirrors
}
