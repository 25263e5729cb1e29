import { independentSet } from '#core/merge/independent-set.ts'
import type { Budget } from '#core/merge/independent-set/graph.ts'
import { add, addAll, has, listOf, noBits, type Bits } from '#core/merge/bits.ts'
import { ascending, at, mirrored, type Lanes } from '#core/merge/lanes.ts'

export interface Untouched {
  /** Ascending. */
  readonly members: readonly number[]
  /** No set that can stay untouched weighs more. */
  readonly atMost: number
}

/** Sets of streams that are left out to break cycles; each costs an independent set. */
const MOST_TRIALS = 200

/**
 * The heaviest set of streams that can all land before whatever would spoil them. Say that a
 * stream leads another when staying untouched it must land before it: the other spoils it, or
 * depends on what does. Then a set can stay untouched exactly when it leads round in no circle. A
 * stream that leads itself is out; two that lead each other are an edge, and the heaviest
 * independent set is the answer unless longer circles remain, which are broken by branching on who
 * of one is left out, the most promising first.
 */
export function untouchedSet(lanes: Lanes, budget: number): Untouched {
  const { weights } = lanes
  const leads = leadsOf(lanes)
  const ledBy = mirrored(leads)
  const free = [...leads.keys()].filter((stream) => !has(at(leads, stream), stream))
  const partners = leads.map((others, stream) => listOf(others, at(ledBy, stream)))
  const isMutual = leads.every((others, stream) => listOf(others).length === at(partners, stream).length)
  const purse: Budget = { left: budget }
  let best: readonly number[] = []
  let bestWeight = 0
  const weigh = (members: readonly number[]): number => members.reduce((sum, one) => sum + at(weights, one), 0)

  /** The heaviest set without those left out, circles of three and more aside. */
  const trial = (out: ReadonlySet<number>, must: ReadonlySet<number>, share: number): Trial => {
    const open = free.filter((stream) => !out.has(stream))
    const placeOf = new Map(open.map((stream, place) => [stream, place]))
    const neighbours = open.map((stream) => at(partners, stream).flatMap((other) => placeOf.get(other) ?? []))
    const found = independentSet({ size: open.length, neighbours, weights: open.map((stream) => at(weights, stream)) }, purse.left * share)
    purse.left -= found.spent
    return { out, must, members: found.members.map((place) => at(open, place)), atMost: found.atMost }
  }
  let trials = 1
  const queue = [trial(new Set(), new Set(), isMutual ? 1 : 0.7)]
  for (;;) {
    queue.sort((a, b) => a.atMost - b.atMost)
    const top = queue.pop()
    if (!top) return { members: best, atMost: bestWeight }
    if (top.atMost <= bestWeight) return { members: best, atMost: bestWeight }
    const circle = circleOf(top.members, leads, purse)
    const fitting = circle ? withoutCircles(top.members, free, leads, purse) : top.members
    if (weigh(fitting) > bestWeight) {
      best = fitting.toSorted(ascending)
      bestWeight = weigh(best)
    }
    if (!circle || trials >= MOST_TRIALS || purse.left <= 0) {
      if (bestWeight >= top.atMost) continue
      // Not proven: what is still open bounds it.
      return { members: best, atMost: top.atMost }
    }
    // Exactly one branch for every set: leaves out a member, and keeps those of the circle before it.
    const must = new Set(top.must)
    for (const member of circle) {
      if (must.has(member)) continue
      trials += 1
      queue.push(trial(new Set([...top.out, member]), new Set(must), 0.1))
      must.add(member)
    }
  }
}

interface Trial {
  readonly out: ReadonlySet<number>
  /** Members of broken circles that another branch leaves out. */
  readonly must: ReadonlySet<number>
  readonly members: readonly number[]
  readonly atMost: number
}

function leadsOf({ before, spoilers }: Lanes): readonly Bits[] {
  const followers = mirrored(before)
  return spoilers.map((others) => {
    const row = others.slice()
    for (const other of listOf(others)) addAll(row, at(followers, other))
    return row
  })
}

/** From how many streams a shortest circle is looked for. */
const MOST_STARTS = 16

/** A short way from some member back to itself, or nothing. */
function circleOf(members: readonly number[], leads: readonly Bits[], purse: Budget): readonly number[] | undefined {
  const arcs = circling(members, leads, purse)
  let shortest: number[] | undefined
  let starts = 0
  for (const start of arcs.keys()) {
    starts += 1
    if (starts > MOST_STARTS && shortest) return shortest
    const from = new Map<number, number>()
    const queue = [start]
    for (let next = 0; next < queue.length && !from.has(start); next += 1) {
      const one = at(queue, next)
      const others = arcs.get(one) ?? []
      purse.left -= others.length
      for (const other of others) {
        if (from.has(other)) continue
        from.set(other, one)
        queue.push(other)
      }
    }
    if (!from.has(start)) continue
    const circle = [start]
    for (let back = from.get(start); back !== undefined && back !== start; back = from.get(back)) circle.push(back)
    if (!shortest || circle.length < shortest.length) shortest = circle
    if (shortest.length <= 3) break
  }
  return shortest
}

/** Whom each leads, without those that lead nobody or are led by nobody, again and again. */
function circling(members: readonly number[], leads: readonly Bits[], purse: Budget): Map<number, readonly number[]> {
  let arcs = new Map<number, readonly number[]>()
  let kept = members
  for (let before = -1; kept.length !== before;) {
    before = kept.length
    const isIn = noBits(leads.length)
    for (const one of kept) add(isIn, one)
    purse.left -= kept.length * isIn.length
    arcs = new Map(kept.map((one) => [one, listOf(at(leads, one), isIn)]))
    const isLed = new Set([...arcs.values()].flat())
    kept = kept.filter((one) => isLed.has(one) && (arcs.get(one) ?? []).length > 0)
  }
  return arcs
}

/** Leaves out members until no circle remains, and puts in whoever then fits. */
function withoutCircles(members: readonly number[], free: readonly number[], leads: readonly Bits[], purse: Budget): number[] {
  const kept = noBits(leads.length)
  for (const stream of [...members, ...free]) if (!isReached(stream, kept, leads, purse)) add(kept, stream)
  return listOf(kept)
}

/** Whether the stream leads back to itself through the set. */
function isReached(stream: number, within: Bits, leads: readonly Bits[], purse: Budget): boolean {
  const seen = noBits(leads.length)
  const open = [stream]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next !== stream && has(at(leads, next), stream)) return true
    purse.left -= seen.length
    for (const other of listOf(at(leads, next), within)) {
      if (has(seen, other)) continue
      add(seen, other)
      open.push(other)
    }
  }
  return false
}
