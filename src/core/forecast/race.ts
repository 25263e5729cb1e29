import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/**
 * The simulation of one stream, over and over: on each work day ahead its series grow by what one
 * drawn day of the past brought, until every mark is passed. Only arithmetic that every machine
 * does alike.
 *
 * The k-th draw of a run depends on the seed, the stream, the run and k alone, never on how many
 * draws other runs took: so two scenarios meet the same luck, and what differs between them is the
 * scenario (common random numbers).
 */
export interface Racer {
  /** Number of the stream in the program: streams draw independently. */
  readonly lane: number
  /** Work days that a draw holds: as many as usually lie between two measurements. */
  readonly block: number
  readonly series: readonly RacerSeries[]
  /** For each blocker that stops it: until which position on the axis of days, by draw. */
  readonly stops: readonly Float64Array[]
  /** From this day on the paces are multiplied. */
  readonly pace: { readonly times: number; readonly from: number; readonly before: number }
  readonly marks: readonly Mark[]
}

export interface RacerSeries {
  /** First day that is simulated: the one after its last measurement. */
  readonly first: number
  /** Value then. */
  readonly value: number
  /** Changes of past work days, of which one is drawn. */
  readonly paces: Float64Array
}

/** Something that is passed when a value, or a mean of capped shares, gets to `least`. */
export type Mark =
  | { readonly series: number; readonly least: number }
  | { readonly parts: readonly { readonly series: number; readonly low: number; readonly weight: number }[]; readonly least: number }

/** Not passed within the days simulated. */
export const NEVER = 32_767

export interface Raced {
  /** By mark and run: number of the day on which it is passed, or NEVER. */
  readonly passed: readonly Int16Array[]
  /** By series: `bandRuns` values of the first band day, of the second, and so on. */
  readonly bands: readonly Float64Array[]
}

export interface Course {
  readonly seed: number
  readonly runs: number
  /** First day beyond the simulation. */
  readonly end: number
  /** Values are kept of these days, in the first `runs` runs. */
  readonly band?: { readonly from: number; readonly to: number; readonly runs: number }
}

export function race(racer: Racer, { seed, runs, end, band }: Course): Raced {
  const { series, marks, stops, block } = racer
  const width = series.length
  const passed = marks.map(() => new Int16Array(runs).fill(NEVER))
  const bandDays = band ? Math.max(0, band.to - band.from) : 0
  const bands = series.map(() => new Float64Array(bandDays * (band?.runs ?? 0)))
  const firsts = Int32Array.from(series, ({ first }) => first)
  const starts = Float64Array.from(series, ({ value }) => value)
  const sizes = Int32Array.from(series, ({ paces }) => paces.length)
  const offsets = new Int32Array(width)
  for (let at = 1; at < width; at += 1) offsets[at] = (offsets[at - 1] ?? 0) + (sizes[at - 1] ?? 0)
  const paces = new Float64Array(series.reduce((sum, one) => sum + one.paces.length, 0))
  for (const [at, one] of series.entries()) paces.set(one.paces, offsets[at])

  // Thresholds of one series lie side by side, ascending, so that only the next one is looked at.
  const single = marks
    .flatMap((mark, id) => ('series' in mark ? [{ ...mark, id }] : []))
    .toSorted((a, b) => a.series - b.series || a.least - b.least)
  const least = Float64Array.from(single, (mark) => mark.least)
  const tables = single.map(({ id }) => passed[id] ?? new Int16Array(runs))
  const begins = Int32Array.from(series, (_, at) => single.filter((mark) => mark.series < at).length)
  const ends = Int32Array.from(series, (_, at) => single.filter((mark) => mark.series <= at).length)
  const means = marks.flatMap((mark, id) => ('parts' in mark ? [{ ...mark, table: passed[id] ?? new Int16Array(runs) }] : []))

  const values = new Float64Array(width)
  const next = new Int32Array(width)
  const from = Math.min(end, ...firsts)
  const generator = xoroshiro128plus(mix(seed ^ Math.imul(racer.lane + 1, 0x9e3779b1)))
  const { times, from: faster, before } = racer.pace
  const isPlain = times === 1 && before === 1

  for (let run = 0; run < runs; run += 1) {
    const luck = generator.next()
    const keep = band && run < band.runs ? band : undefined
    let stopped = 0
    for (let at = 0; at < stops.length; at += 1) {
      const lengths = stops[at] ?? EMPTY
      stopped = Math.max(stopped, lengths[Math.floor(draw(luck, -1 - at) * lengths.length)] ?? 0)
    }
    let open = marks.length
    let left = 0
    let drawn = 0
    let chance = 0
    values.set(starts)
    next.set(begins)
    for (let day = from; day < end; day += 1) {
      // Of a day on which a stop ends, its rest is worked.
      const room = day >= stopped ? 1 : day + 1 - stopped
      if (room > 0) {
        if (left === 0) {
          chance = draw(luck, drawn)
          drawn += 1
          left = block
        }
        left -= 1
        const share = isPlain ? room : room * (day >= faster ? times : before)
        for (let at = 0; at < width; at += 1) {
          if (day < (firsts[at] as number)) continue
          const value =
            (values[at] as number) + (paces[(offsets[at] as number) + Math.floor(chance * (sizes[at] as number))] as number) * share
          values[at] = value
          let mark = next[at] as number
          while (mark < (ends[at] as number) && value >= (least[mark] as number)) {
            ;(tables[mark] as Int16Array)[run] = day
            mark += 1
            open -= 1
          }
          next[at] = mark
        }
        for (const { parts, least: bound, table } of means) {
          if (table[run] !== NEVER) continue
          let sum = 0
          for (const { series: at, low, weight } of parts) sum += Math.min(1, Math.max(0, (values[at] as number) / low)) * weight
          if (sum < bound) continue
          table[run] = day
          open -= 1
        }
      }
      if (keep && day >= keep.from && day < keep.to) {
        const slot = (day - keep.from) * keep.runs + run
        for (let at = 0; at < width; at += 1) (bands[at] as Float64Array)[slot] = values[at] as number
      }
      if (open === 0 && (keep === undefined || day + 1 >= keep.to)) break
    }
  }
  return { passed, bands }
}

const EMPTY = new Float64Array(0)

/** The k-th uniform number of a run, from 0 to below 1. */
const draw = (luck: number, k: number): number => (mix(luck + Math.imul(k, 0x9e3779b9)) >>> 0) / 0x1_0000_0000

/** Spreads the bits of a 32-bit number evenly: shift and multiply, with the constants of least bias in the hash-prospector of Chris Wellons. */
function mix(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x21f0aaad)
  x ^= x >>> 15
  x = Math.imul(x, 0x735a2d97)
  return x ^ (x >>> 15)
}
