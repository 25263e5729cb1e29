import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { independentSet } from '#core/merge/independent-set.ts'
import { searchDense } from '#core/merge/independent-set/dense.ts'
import { weightOf, type Graph } from '#core/merge/independent-set/graph.ts'
import { reduce } from '#core/merge/independent-set/reduce.ts'

type Edges = readonly (readonly [number, number])[]

/** Drops loops, and edges named twice. */
function graphOf(size: number, edges: Edges, weights?: ArrayLike<number>): Graph {
  const sets = Array.from({ length: size }, () => new Set<number>())
  for (const [a, b] of edges) {
    if (a === b) continue
    sets[a]?.add(b)
    sets[b]?.add(a)
  }
  return { size, neighbours: sets.map((set) => [...set]), weights: weights ?? new Float64Array(size).fill(1) }
}

/** Tries every set. */
function heaviest(graph: Graph): number {
  const near = graph.neighbours.map((list) => list.reduce((bits, other) => bits | (1 << other), 0))
  const grow = (open: number): number => {
    if (open === 0) return 0
    const vertex = 31 - Math.clz32(open)
    const without = open & ~(1 << vertex)
    return Math.max(grow(without), (graph.weights[vertex] as number) + grow(without & ~(near[vertex] as number)))
  }
  return grow(2 ** graph.size - 1)
}

const isIndependent = ({ neighbours }: Graph, members: readonly number[]): boolean =>
  members.every((one) => !neighbours[one]?.some((other) => members.includes(other)))

const weights = (size: number): fc.Arbitrary<readonly number[]> =>
  fc.oneof(
    fc.constant(Array.from({ length: size }, () => 1)),
    ...[2, 9].map((max) => fc.array(fc.integer({ min: 1, max }), { minLength: size, maxLength: size })),
  )

const graphs = (size: number, most: number): fc.Arbitrary<Graph> =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: most }), weights(size))
    .map(([edges, own]) => graphOf(size, edges, own))

const small = fc.integer({ min: 1, max: 16 }).chain((size) => fc.integer({ min: 0, max: 5 * size }).chain((most) => graphs(size, most)))

/** Numbers that look random and are the same on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** As many different edges as asked, ends drawn by the function. */
function draw(count: number, end: () => number): Edges {
  const known = new Map<string, readonly [number, number]>()
  while (known.size < count) {
    const [a, b] = [end(), end()].toSorted((x, y) => x - y) as [number, number]
    if (a !== b) known.set(`${a} ${b}`, [a, b])
  }
  return [...known.values()]
}

/** Every vertex with the same number of ends, paired at random. */
function regular(size: number, degree: number, seed: number): Edges {
  const below = numbers(seed)
  const ends = Array.from({ length: size * degree }, (_, index) => index % size)
  for (let last = ends.length - 1; last > 0; last -= 1) {
    const other = below(last + 1)
    ;[ends[last], ends[other]] = [ends[other] as number, ends[last] as number]
  }
  return Array.from({ length: ends.length >> 1 }, (_, index) => [ends[2 * index] as number, ends[2 * index + 1] as number])
}

test('the heaviest set, as trying all of them finds it', () => {
  fc.assert(
    fc.property(small, (graph) => {
      const found = independentSet(graph)
      expect(isIndependent(graph, found.members)).toBe(true)
      expect(found).toMatchObject({ weight: heaviest(graph), atMost: found.weight, optimal: true })
      expect(weightOf(graph, found.members)).toBe(found.weight)
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
  )
})

test('reductions keep a best set, and lift it back', () => {
  const bipartite = graphs(8, 24).map((graph) =>
    graphOf(
      16,
      graph.neighbours.flatMap((list, left) => list.map((right) => [left, right + 8] as const)),
      [...Array.from(graph.weights), ...Array.from(graph.weights).toReversed()],
    ),
  )
  fc.assert(
    fc.property(fc.oneof(small, bipartite), (graph) => {
      const kernel = reduce(graph, undefined, true, { left: Infinity })
      const sets = kernel.parts.map((part) => searchDense(part.graph, 0, { left: Infinity }) ?? [])
      const members = kernel.lift(sets)
      expect(isIndependent(graph, members)).toBe(true)
      expect(weightOf(graph, members)).toBe(heaviest(graph))
      expect(kernel.offset + kernel.parts.reduce((sum, part, index) => sum + weightOf(part.graph, sets[index] ?? []), 0)).toBe(
        heaviest(graph),
      )
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
  )
})

test('branching on sparse graphs and bit sets without any reduction agree', () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const below = numbers(seed)
    const edges = seed % 2 === 0 ? regular(90, 3, seed) : draw(170, () => below(90))
    const graph = graphOf(90, edges, seed % 3 === 0 ? Array.from({ length: 90 }, () => 1 + below(4)) : undefined)
    const whole = searchDense(graph, 0, { left: Infinity }) ?? []
    const found = independentSet(graph)
    expect(isIndependent(graph, found.members)).toBe(true)
    expect([found.weight, found.optimal]).toEqual([weightOf(graph, whole), true])
  }
})

describe('1,000 vertices and 1,500 edges are proven', () => {
  const size = 1000
  const families: Readonly<Record<string, (seed: number) => Edges>> = {
    'drawn evenly': (seed) => {
      const below = numbers(seed)
      return draw(1500, () => below(size))
    },
    'a few that most collide with': (seed) => {
      const below = numbers(seed)
      return draw(1500, () => Math.min(below(size), below(size), below(size)))
    },
    'two sides': (seed) => {
      const below = numbers(seed)
      return draw(1500, () => below(size / 2)).map(([a, b]) => [a, b + size / 2])
    },
    'most join two others': (seed) => regular(size, 2, seed).concat(regular(size, 1, seed + 100).slice(0, 120)),
  }
  test.each(Object.entries(families))('%s', (_, edgesOf) => {
    for (const seed of [1, 2, 3]) {
      const graph = graphOf(size, edgesOf(seed))
      const found = independentSet(graph)
      expect(isIndependent(graph, found.members)).toBe(true)
      expect(found.optimal).toBe(true)
    }
  })
})

test('when the budget ends the set is whole, the bound true, and both the same every time', () => {
  const below = numbers(5)
  for (const graph of [
    graphOf(
      70,
      draw(240, () => below(70)),
    ),
    graphOf(120, regular(120, 3, 7)),
    graphOf(
      60,
      draw(300, () => below(60)),
    ),
  ]) {
    const proven = independentSet(graph)
    expect(proven.optimal).toBe(true)
    for (const budget of [0, 1000, 30_000, 100_000]) {
      const found = independentSet(graph, budget)
      expect(isIndependent(graph, found.members)).toBe(true)
      const others = Array.from({ length: graph.size }, (_, vertex) => vertex).filter((vertex) => !found.members.includes(vertex))
      expect(others.every((vertex) => graph.neighbours[vertex]?.some((other) => found.members.includes(other)))).toBe(true)
      expect(found.weight).toBeLessThanOrEqual(proven.weight)
      expect(found.atMost).toBeGreaterThanOrEqual(proven.weight)
      expect(found.optimal).toBe(found.atMost === found.weight)
      expect(independentSet(graph, budget)).toEqual(found)
    }
    expect(independentSet(graph, 1000).optimal).toBe(false)
  }
})
