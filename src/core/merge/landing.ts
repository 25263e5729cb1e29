import { add, listOf } from '#core/merge/bits.ts'
import { BUDGET } from '#core/merge/independent-set.ts'
import { daysOf } from '#core/merge/days.ts'
import { ascending, at, lanesOf, mirrored, placesOf, type Lanes } from '#core/merge/lanes.ts'
import type { LandingPlan } from '#core/merge/radar.ts'
import { untouchedSet } from '#core/merge/untouched.ts'
import { furtherWaves } from '#core/merge/waves.ts'
import type { Calendar } from '#core/program/model.ts'

export interface PlanStream {
  readonly id: string
  /** Streams that must land before it. */
  readonly after: readonly string[]
  /** Streams it is stacked on: it would land their commits with its own, so they land before it too. */
  readonly contains?: readonly string[]
  /** How dear its rework is, a whole number from 1; 1 where absent. With it `atLeast` is a sum of such numbers. */
  readonly weight?: number
  /** It lands on this day at the earliest, `YYYY-MM-DD`. */
  readonly readyOn?: string
}

/** Two streams of which the later one needs rework; with a third, only when that one of the two landed first. */
export type Conflict = readonly [a: string, b: string, onlyWhenFirst?: string | undefined]

export interface PlanInput {
  /** In the program's order. */
  readonly streams: readonly PlanStream[]
  /** Those that name a stream which is not planned do not count. */
  readonly conflicts: readonly Conflict[]
  /** Streams that do not land, and why; what depends on them does not either. */
  readonly held?: LandingPlan['held']
  /** Without it the plan has no days. `from` is the first one, `YYYY-MM-DD`. */
  readonly days?: { readonly calendar: Calendar; readonly perDay: number; readonly from: string }
}

/**
 * Which streams land when. One needs rework exactly when a stream that it conflicts with landed
 * before it, so the untouched ones are an independent set of the conflict graph, and fewest
 * reworks is the largest one that dependencies allow. Each further wave is the largest set among
 * the rest that does not conflict within itself. `order` takes the waves in turn, within them the
 * program's order, and what a stream depends on before it; where there are days it is their order,
 * in which a date can bring a stream before those of an earlier wave, never the later of two that
 * conflict before the other.
 */
export function planLanding(input: PlanInput): LandingPlan {
  const { planned, held } = settle(input)
  const lanes = lanesOf(planned, input.conflicts)
  const untouched = untouchedSet(lanes, BUDGET * 0.7)
  const waves = [untouched.members, ...furtherWaves(lanes, untouched.members, BUDGET * 0.3)]
  const sequence = inSequence(lanes, waves)
  const days = input.days && daysOf(lanes, sequence, input.days)
  const order = days ? days.flatMap((day) => day.streams) : sequence
  const places = placesOf(order)
  const placeOf = (stream: number): number => places[stream] as number
  const because = lanes.spoilers.map((others, stream) =>
    listOf(others)
      .filter((other) => placeOf(other) < placeOf(stream))
      .toSorted((a, b) => placeOf(a) - placeOf(b)),
  )
  // Short of the largest set, the order may spare a stream that was not meant to be spared.
  const isSpared = (stream: number): boolean => at(because, stream).length === 0
  const spared = order.filter(isSpared).toSorted(ascending)
  const rest = waves.slice(1).map((wave) => wave.filter((stream) => !isSpared(stream)))
  const reworked = order.filter((stream) => !isSpared(stream))
  const cost = reworked.reduce((sum, stream) => sum + at(lanes.weights, stream), 0)
  const atLeast = lanes.weights.reduce((sum, one) => sum + one, 0) - untouched.atMost
  const ids = (streams: readonly number[]): string[] => streams.map((stream) => at(lanes.streams, stream).id)
  return {
    order: ids(order),
    waves: [spared, ...rest].filter((wave) => wave.length > 0).map(ids),
    rework: reworked.map((stream) => ({ stream: at(lanes.streams, stream).id, because: ids(at(because, stream)) })),
    atLeast,
    optimal: cost === atLeast,
    days: (days ?? []).map((day) => ({ ...day, streams: ids(day.streams) })),
    held,
  }
}

/** Streams that must land before it, for whatever reason. */
export const waitsFor = ({ after, contains = [] }: PlanStream): readonly string[] => [...after, ...contains]

/** Holds back what depends on a stream that is held, that is not there, or that waits for it; likewise what is stacked on one. */
function settle({ streams, held: given = [] }: PlanInput): { readonly planned: readonly PlanStream[]; readonly held: LandingPlan['held'] } {
  const held = new Map(given.map((one) => [one.stream, one.because]))
  const ids = new Set(streams.map((one) => one.id))
  let planned = streams.filter((one) => !held.has(one.id))
  const spread = (): void => {
    for (let changed = true; changed;) {
      changed = false
      for (const stream of planned) {
        const { id, after } = stream
        const wait = held.has(id) ? undefined : waitsFor(stream).find((other) => held.has(other) || !ids.has(other))
        if (wait === undefined) continue
        held.set(
          id,
          `it ${after.includes(wait) ? 'depends on' : 'contains'} ${wait}, which ${held.has(wait) ? 'is held' : 'was not looked at'}`,
        )
        changed = true
      }
      planned = planned.filter((one) => !held.has(one.id))
    }
  }
  spread()
  const waiting = new Map(planned.map((one) => [one.id, waitsFor(one)]))
  for (const { id } of planned) if (reaches(waiting, id)) held.set(id, 'it waits for a stream that waits for it')
  planned = planned.filter((one) => !held.has(one.id))
  spread()
  return { planned, held: [...held].map(([stream, because]) => ({ stream, because })) }
}

/** Whether a stream waits for itself, also through others. */
function reaches(waiting: ReadonlyMap<string, readonly string[]>, id: string): boolean {
  const seen = new Set<string>()
  const open = [...(waiting.get(id) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === id) return true
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(waiting.get(next) ?? []))
  }
  return false
}

/** Wave by wave in the program's order, except that nothing lands before what it depends on, nor before whom it would spoil. */
function inSequence({ before, spoilers }: Lanes, waves: readonly (readonly number[])[]): number[] {
  const [untouched = []] = waves
  const first = before.map((row) => row.slice())
  for (const stream of untouched) for (const other of listOf(at(spoilers, stream))) add(at(first, other), stream)
  const followers = mirrored(first).map((row) => listOf(row))
  const missing = first.map((row) => listOf(row).length)
  const wanted = waves.flat()
  const rank = placesOf(wanted)
  const ready = new Set(wanted.filter((stream) => missing[stream] === 0))
  const sequence: number[] = []
  while (ready.size > 0) {
    let next = -1
    for (const stream of ready) if (next < 0 || (rank[stream] as number) < (rank[next] as number)) next = stream
    ready.delete(next)
    sequence.push(next)
    for (const stream of at(followers, next)) {
      missing[stream] = at(missing, stream) - 1
      if (missing[stream] === 0) ready.add(stream)
    }
  }
  return sequence
}
