import { add, addAll, listOf, meets, noBits, remove, type Bits } from '#core/merge/bits.ts'
import { independentSet } from '#core/merge/independent-set.ts'
import { at, mirrored, type Lanes } from '#core/merge/lanes.ts'

/**
 * How the streams land that do not stay untouched: in each wave as many as possible that do not
 * conflict with each other, together with what they still depend on. When the budget is spent, each
 * of the rest goes into the first wave that it fits in.
 */
export function furtherWaves(lanes: Lanes, untouched: readonly number[], budget: number): number[][] {
  const size = lanes.streams.length
  const rest = noBits(size)
  for (let stream = 0; stream < size; stream += 1) add(rest, stream)
  for (const stream of untouched) remove(rest, stream)
  const conflicting = mirrored(lanes.spoilers)
  for (const [stream, row] of conflicting.entries()) addAll(row, at(lanes.spoilers, stream))

  const waves: number[][] = []
  const purse = { left: budget }
  for (let open = listOf(rest); open.length > 0; open = listOf(rest)) {
    const wave = largestWave(lanes, conflicting, rest, open, purse)
    if (!wave) return [...waves, ...firstFit(lanes, conflicting, open)]
    for (const stream of wave) remove(rest, stream)
    waves.push(wave)
  }
  return waves
}

/** Nothing when the budget does not suffice to look at all of them. */
function largestWave(
  { streams, weights, before }: Lanes,
  conflicting: readonly Bits[],
  rest: Bits,
  open: readonly number[],
  purse: { left: number },
): number[] | undefined {
  /** What each brings along: itself and what it still waits for. */
  const brings = streams.map((): Bits => noBits(0))
  const against = streams.map((): Bits => noBits(0))
  let cost = 0
  for (const stream of open) {
    const all = noBits(streams.length)
    add(all, stream)
    for (const other of listOf(at(before, stream), rest)) add(all, other)
    brings[stream] = all
    const row = noBits(streams.length)
    for (const one of listOf(all)) {
      addAll(row, at(conflicting, one))
      cost += row.length
    }
    against[stream] = row
    if (cost > purse.left) return undefined
  }
  const whole = open.filter((stream) => !meets(at(brings, stream), at(against, stream)))
  const placeOf = new Map(whole.map((stream, place) => [stream, place]))
  const broughtBy = mirrored(brings)
  const neighbours = whole.map((stream) => {
    const row = noBits(streams.length)
    for (const other of listOf(at(against, stream), rest)) {
      addAll(row, at(broughtBy, other))
      cost += row.length
    }
    const list = listOf(row, rest).flatMap((other) => placeOf.get(other) ?? [])
    cost += list.length
    return list
  })
  if (3 * cost > purse.left) return undefined
  const found = independentSet({ size: whole.length, neighbours, weights: whole.map((stream) => at(weights, stream)) }, purse.left / 3)
  purse.left -= found.spent + cost
  const wave = noBits(streams.length)
  for (const member of found.members) addAll(wave, at(brings, at(whole, member)))
  return listOf(wave)
}

/** Those that others wait for come first. */
function firstFit({ streams, before }: Lanes, conflicting: readonly Bits[], open: readonly number[]): number[][] {
  const waves: Bits[] = []
  const waveOf: (number | undefined)[] = []
  const place = (stream: number): void => {
    let wave = Math.max(0, ...listOf(at(before, stream)).map((other) => waveOf[other] ?? 0))
    while (waves[wave] !== undefined && meets(at(waves, wave), at(conflicting, stream))) wave += 1
    add((waves[wave] ??= noBits(streams.length)), stream)
    waveOf[stream] = wave
  }
  const isOpen = noBits(streams.length)
  for (const stream of open) add(isOpen, stream)
  const rank = (stream: number): number => listOf(at(before, stream), isOpen).length
  const ranks = new Map(open.map((stream) => [stream, rank(stream)]))
  // Who has fewer before it cannot wait for who has more.
  for (const stream of open.toSorted((a, b) => (ranks.get(a) as number) - (ranks.get(b) as number))) place(stream)
  return waves.map((wave) => listOf(wave))
}
