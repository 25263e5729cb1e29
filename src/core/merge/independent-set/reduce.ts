import { isDense, partsOf, type Budget, type Graph, type Part } from './graph.ts'
import { relax } from './relax.ts'

/** What remains of a graph once everything that can be settled without trying is settled. */
export interface Kernel {
  /** Weight of the best set of the graph, less that of the best set of what remains. */
  readonly offset: number
  readonly parts: readonly Part[]
  /** A best set of the graph out of best sets of the parts, each in the part's own vertices. */
  lift(sets: readonly (readonly number[])[]): number[]
}

/** Undone from the last to the first to lift a set of the kernel to one of the graph. */
type Undo =
  /** In, whatever the rest. */
  | { readonly how: 'take'; readonly vertex: number }
  /** In unless one of the others is. */
  | { readonly how: 'unless'; readonly vertex: number; readonly others: readonly number[] }
  /** Stands for the others when in, and for itself when not. */
  | { readonly how: 'fold'; readonly vertex: number; readonly others: readonly number[] }
  /** In exactly when the other is. */
  | { readonly how: 'with'; readonly vertex: number; readonly other: number }

/** How much may be looked at to show one vertex needless, beyond which it is cheaper to try. */
const LONGEST_CONFINEMENT = 12

/**
 * Reductions that keep at least one best set: neighbourhood removal and folding, simplicial weight
 * transfer and twins (Lamm, Schulz, Strash, Williger, Zhang 2019, "Exactly solving the maximum
 * weight independent set problem on large real-world graphs"), unconfined vertices with weights
 * (Xiao, Nagamochi 2013; Xiao, Huang, Zhou, Ding 2021) and the linear relaxation (Nemhauser,
 * Trotter 1975) in its extreme form (Iwata, Oka, Yoshida 2014).
 *
 * `gone`: vertices to leave out of a graph that is reduced already, so that only what is near them
 * is looked at; absent: the graph is new.
 */
export function reduce(graph: Graph, gone: readonly number[] | undefined, relaxes: boolean, budget: Budget): Kernel {
  const { size } = graph
  const weights = Float64Array.from(graph.weights)
  const neighbours = [...graph.neighbours] as number[][]
  const owned = new Uint8Array(size)
  const alive = new Uint8Array(size).fill(1)
  const degree = new Int32Array(size)
  const mark = new Int32Array(size)
  const undo: Undo[] = []
  let stamp = 0
  let offset = 0
  let spent = 0

  // Two queues: what is cheap is settled everywhere before anything dear is tried.
  const cheap: number[] = []
  const dear: number[] = []
  const queued = new Uint8Array(size)
  const skipsDear = isDense(graph)
  const touch = (vertex: number): void => {
    const isQueued = queued[vertex] as number
    if ((isQueued & 1) === 0) cheap.push(vertex)
    if ((isQueued & 2) === 0 && !skipsDear) dear.push(vertex)
    queued[vertex] = 3
  }
  const drop = (vertex: number): void => {
    alive[vertex] = 0
    const list = neighbours[vertex] as number[]
    spent += list.length
    for (const other of list) {
      if (alive[other] === 0) continue
      degree[other] = (degree[other] as number) - 1
      touch(other)
    }
  }
  const near = (vertex: number): number[] => {
    const list = neighbours[vertex] as number[]
    spent += list.length
    return list.filter((other) => alive[other] === 1)
  }
  const take = (vertex: number, others: readonly number[]): void => {
    undo.push({ how: 'take', vertex })
    offset += weights[vertex] as number
    alive[vertex] = 0
    for (const other of others) drop(other)
  }
  const markAll = (vertices: readonly number[]): number => {
    stamp += 1
    for (const vertex of vertices) mark[vertex] = stamp
    return stamp
  }
  const marked = (vertex: number, known: number): number => {
    const list = neighbours[vertex] as number[]
    spent += list.length
    let count = 0
    for (const other of list) if (alive[other] === 1 && mark[other] === known) count += 1
    return count
  }

  /** All neighbours know each other: the vertex is the best of them unless one weighs more. */
  const simplicial = (vertex: number, others: readonly number[]): boolean => {
    const own = weights[vertex] as number
    for (const other of others) if ((degree[other] as number) < others.length) return false
    const known = markAll(others)
    for (const other of others) if (marked(other, known) < others.length - 1) return false
    const heavier = others.filter((other) => (weights[other] as number) > own)
    if (heavier.length === 0) {
      take(vertex, others)
      return true
    }
    undo.push({ how: 'unless', vertex, others: heavier })
    offset += own
    drop(vertex)
    for (const other of others) if ((weights[other] as number) <= own) drop(other)
    for (const other of heavier) {
      weights[other] = (weights[other] as number) - own
      touch(other)
    }
    return true
  }

  /** Either all neighbours or the vertex: one vertex stands for the choice. */
  const fold = (vertex: number, others: readonly number[], sum: number): boolean => {
    const own = weights[vertex] as number
    let lightest = Infinity
    for (const other of others) lightest = Math.min(lightest, weights[other] as number)
    if (sum - lightest > own) return false
    const known = markAll(others)
    for (const other of others) if (marked(other, known) > 0) return false
    undo.push({ how: 'fold', vertex, others })
    offset += own
    weights[vertex] = sum - own
    for (const other of others) drop(other)
    stamp += 1
    mark[vertex] = stamp
    const joined: number[] = []
    for (const other of others) {
      for (const far of neighbours[other] as number[]) {
        if (alive[far] === 0 || mark[far] === stamp) continue
        mark[far] = stamp
        joined.push(far)
        if (owned[far] === 0) {
          neighbours[far] = (neighbours[far] as number[]).filter((one) => alive[one] === 1)
          owned[far] = 1
        }
        ;(neighbours[far] as number[]).push(vertex)
        degree[far] = (degree[far] as number) + 1
        touch(far)
      }
    }
    neighbours[vertex] = joined
    owned[vertex] = 1
    degree[vertex] = joined.length
    touch(vertex)
    return true
  }

  /** Vertices with the same neighbours stand or fall together. */
  const twin = (vertex: number, others: readonly number[]): boolean => {
    let rarest = others[0] as number
    for (const other of others) if ((degree[other] as number) < (degree[rarest] as number)) rarest = other
    const known = markAll(others)
    for (const candidate of neighbours[rarest] as number[]) {
      if (candidate === vertex || alive[candidate] === 0 || degree[candidate] !== others.length || mark[candidate] === known) continue
      if (marked(candidate, known) < others.length) continue
      undo.push({ how: 'with', vertex: candidate, other: vertex })
      weights[vertex] = (weights[vertex] as number) + (weights[candidate] as number)
      drop(candidate)
      touch(vertex)
      return true
    }
    return false
  }

  const settle = (vertex: number): void => {
    const others = near(vertex)
    const own = weights[vertex] as number
    let sum = 0
    for (const other of others) sum += weights[other] as number
    if (own >= sum) return take(vertex, others)
    if (simplicial(vertex, others)) return
    if (fold(vertex, others, sum)) return
    twin(vertex, others)
  }

  /**
   * Supposes that every best set holds the vertex, and follows what that forces; a contradiction
   * shows a best set without it.
   */
  const isNeedless = (vertex: number): boolean => {
    stamp += 2
    const inside = stamp
    const beside = stamp - 1
    const held = [vertex]
    const rim: number[] = []
    const hold = (one: number): void => {
      mark[one] = inside
      for (const other of neighbours[one] as number[]) {
        if (alive[other] === 0 || mark[other] === beside) continue
        mark[other] = beside
        rim.push(other)
      }
      spent += (neighbours[one] as number[]).length
    }
    hold(vertex)
    for (let changed = true; changed && held.length < LONGEST_CONFINEMENT;) {
      changed = false
      for (const one of rim) {
        let slack = weights[one] as number
        let outside = 0
        let heaviest = -1
        spent += (neighbours[one] as number[]).length
        for (const other of neighbours[one] as number[]) {
          if (alive[other] === 0 || mark[other] === beside) continue
          if (mark[other] === inside) slack -= weights[other] as number
          else {
            outside += weights[other] as number
            if (heaviest < 0 || (weights[other] as number) > (weights[heaviest] as number)) heaviest = other
          }
          if (slack < 0) break
        }
        if (slack < 0) continue
        if (outside <= slack) return true
        if (outside - (weights[heaviest] as number) <= slack) {
          held.push(heaviest)
          hold(heaviest)
          changed = true
          break
        }
      }
    }
    return false
  }

  /** Two steps away a vertex may have become needless. */
  const remove = (vertex: number): void => {
    const others = near(vertex)
    drop(vertex)
    for (const other of others) {
      for (const far of neighbours[other] as number[]) {
        if (alive[far] === 1 && ((queued[far] as number) & 2) === 0 && !skipsDear) {
          queued[far] = (queued[far] as number) | 2
          dear.push(far)
        }
      }
    }
  }

  for (let vertex = 0; vertex < size; vertex += 1) {
    degree[vertex] = (neighbours[vertex] as number[]).length
    if (gone === undefined) touch(vertex)
  }
  for (const vertex of gone ?? []) remove(vertex)
  const run = (): void => {
    for (;;) {
      const vertex = cheap.pop()
      if (vertex !== undefined) {
        queued[vertex] = (queued[vertex] as number) & 2
        if (alive[vertex] === 1) settle(vertex)
        continue
      }
      const other = dear.pop()
      if (other === undefined) return
      queued[other] = (queued[other] as number) & 1
      if (alive[other] === 1 && isNeedless(other)) remove(other)
    }
  }
  run()
  for (let more = relaxes; more;) {
    const found = relax(neighbours, weights, alive)
    spent += found.spent
    more = found.taken.length > 0
    for (const vertex of found.taken) if (alive[vertex] === 1) take(vertex, near(vertex))
    run()
  }
  budget.left -= 2 * spent + 4 * size
  const parts = partsOf(size, neighbours, weights, alive)
  return {
    offset,
    parts,
    lift(sets) {
      const isIn = new Uint8Array(size)
      for (const [index, set] of sets.entries()) for (const vertex of set) isIn[parts[index]?.names[vertex] as number] = 1
      for (const step of undo.toReversed()) {
        if (step.how === 'take') isIn[step.vertex] = 1
        else if (step.how === 'with') isIn[step.vertex] = isIn[step.other] as number
        else if (step.how === 'unless') isIn[step.vertex] = step.others.some((other) => isIn[other] === 1) ? 0 : 1
        else if (isIn[step.vertex] === 1) {
          isIn[step.vertex] = 0
          for (const other of step.others) isIn[other] = 1
        } else isIn[step.vertex] = 1
      }
      const set: number[] = []
      for (let vertex = 0; vertex < size; vertex += 1) if (isIn[vertex] === 1) set.push(vertex)
      return set
    },
  }
}
