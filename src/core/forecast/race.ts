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
  const { series, stops, marks } = racer
  const passed = marks.map(() => new Int16Array(runs).fill(NEVER))
  const bandDays = band ? Math.max(0, band.to - band.from) : 0
  const bands = series.map(() => new Float64Array(bandDays * (band?.runs ?? 0)))
  const from = Math.min(end, ...series.map(({ first }) => first))
  const paths = series.map((one, at) => pathOf(one, marks, passed, at, end))
  const means = marks.flatMap((mark, id) => ('parts' in mark ? [meanOf(mark, paths, passed[id] as Int16Array)] : []))
  const generator = xoroshiro128plus(mix(seed ^ Math.imul(racer.lane + 1, 0x9e3779b1)))
  const turn: Turn = {
    run: 0,
    luck: 0,
    from,
    begin: from,
    rest: 1,
    drawn: 0,
    chances: new Float64Array(end - from + 1),
    end,
    racer,
    factors: factorsOf(racer, end),
    isPlain: racer.pace.times === 1 && racer.pace.before === 1,
  }

  for (let run = 0; run < runs; run += 1) {
    turn.run = run
    turn.luck = generator.next()
    turn.drawn = 0
    if (stops.length > 0) {
      const stopped = Math.min(end, Math.max(from, stoppedUntil(stops, turn.luck)))
      // Of the day on which a stop ends, the rest is worked.
      turn.begin = Math.floor(stopped)
      turn.rest = turn.begin + 1 - stopped
    }
    for (let at = 0; at < paths.length; at += 1) {
      const path = paths[at] as Path
      path.day = from
      path.goal = 0
      if (path.least.length > 0) walk(path, turn, 0)
    }
    for (let at = 0; at < means.length; at += 1) passMean(means[at] as Mean, turn)
    if (band === undefined || run >= band.runs) continue
    for (let at = 0; at < paths.length; at += 1) {
      const path = paths[at] as Path
      const kept = bands[at] as Float64Array
      if (path.day < band.to) walk(path, turn, band.to)
      for (let day = band.from; day < band.to; day += 1) kept[(day - band.from) * band.runs + run] = path.values[day] as number
    }
  }
  return { passed, bands }
}

/** One run, as far as it has got. */
interface Turn {
  run: number
  luck: number
  readonly from: number
  /** First day that is worked, and how much of it. */
  begin: number
  rest: number
  /** How many chances are drawn. */
  drawn: number
  /** One for each worked day, for all series, so that what was gained on one day stays together. */
  readonly chances: Float64Array
  readonly end: number
  readonly racer: Racer
  /** By day: by what a pace is multiplied. */
  readonly factors: Float64Array
  readonly isPlain: boolean
}

const factorsOf = ({ pace }: Racer, end: number): Float64Array =>
  Float64Array.from({ length: end }, (_, day) => (day >= pace.from ? pace.times : pace.before))

/** One series in one run, as far as it was asked for. */
interface Path {
  readonly first: number
  readonly start: number
  readonly paces: Float64Array
  /** Thresholds, ascending, and where the days are noted on which they are passed. */
  readonly least: Float64Array
  readonly days: readonly Int16Array[]
  /** By day: its value; known before `day`. */
  readonly values: Float64Array
  day: number
  goal: number
}

function pathOf(
  { first, value, paces }: RacerSeries,
  marks: readonly Mark[],
  passed: readonly Int16Array[],
  at: number,
  end: number,
): Path {
  const own = marks
    .flatMap((mark, id) => ('series' in mark && mark.series === at ? [{ least: mark.least, days: passed[id] as Int16Array }] : []))
    .toSorted((a, b) => a.least - b.least)
  return {
    first,
    start: value,
    paces,
    least: Float64Array.from(own, ({ least }) => least),
    days: own.map(({ days }) => days),
    values: new Float64Array(end),
    day: 0,
    goal: 0,
  }
}

/** The hot loop: goes on until every threshold is passed and the days before `until` are known. */
function walk(path: Path, turn: Turn, until: number): void {
  const { first, paces, least, values, start, days } = path
  const { begin, luck, chances, end, run, rest, racer, factors, isPlain } = turn
  const { block } = racer
  const scale = paces.length / DRAWS
  /** Days before it are not worked in full, or at another pace. */
  const special = isPlain ? (rest === 1 ? 0 : begin + 1) : end
  const opening = Math.min(end, first > begin ? first : begin)
  let { day, goal } = path
  let { drawn } = turn
  for (; day < opening; day += 1) values[day] = start
  for (; drawn < day - begin; drawn += 1) chances[drawn] = chanceOf(luck, drawn, block, chances)
  let value = day > opening ? (values[day - 1] as number) : start
  let wanted = goal < least.length ? (least[goal] as number) : Infinity
  let limit = goal < least.length ? end : until
  for (; day < limit; day += 1) {
    const work = day - begin
    let chance = 0
    if (work < drawn) chance = chances[work] as number
    else {
      chance = block === 1 ? draw(luck, work) : chanceOf(luck, work, block, chances)
      chances[work] = chance
      drawn = work + 1
    }
    const gain = paces[(chance * scale) | 0] as number
    value += day < special ? gain * (factors[day] as number) * (work === 0 ? rest : 1) : gain
    values[day] = value
    if (value < wanted) continue
    for (; goal < least.length && value >= (least[goal] as number); goal += 1) (days[goal] as Int16Array)[run] = day
    wanted = goal < least.length ? (least[goal] as number) : Infinity
    if (goal === least.length) limit = until
  }
  path.day = day
  path.goal = goal
  turn.drawn = drawn
}

/** The chance of a worked day: one holds for a whole block. */
const chanceOf = (luck: number, work: number, block: number, chances: Float64Array): number =>
  work % block === 0 ? draw(luck, work) : (chances[work - 1] as number)

interface Mean {
  readonly paths: readonly Path[]
  /** By path: what one of it counts, and the most that all of it does. */
  readonly per: Float64Array
  readonly most: Float64Array
  readonly least: number
  readonly days: Int16Array
  /** No path ever falls. */
  readonly isRising: boolean
}

function meanOf({ parts, least }: Extract<Mark, { parts: unknown }>, all: readonly Path[], days: Int16Array): Mean {
  const paths = parts.map(({ series }) => all[series] as Path)
  return {
    paths,
    per: Float64Array.from(parts, ({ low, weight }) => weight / low),
    most: Float64Array.from(parts, ({ weight }) => weight),
    least,
    days,
    isRising: paths.every(({ paces }) => paces.every((pace) => pace >= 0)),
  }
}

/** Finds the first day on which a mean of capped shares is enough: among the days that are known by halving, then day by day. */
function passMean(mean: Mean, turn: Turn): void {
  const { paths, least, days, isRising } = mean
  let day = turn.begin
  if (isRising) {
    let high = turn.end
    for (let at = 0; at < paths.length; at += 1) high = Math.min(high, (paths[at] as Path).day)
    while (day < high) {
      const middle = (day + high) >> 1
      if (sumAt(mean, turn, middle) >= least) high = middle
      else day = middle + 1
    }
  }
  for (; day < turn.end; day += 1) {
    if (sumAt(mean, turn, day) < least) continue
    days[turn.run] = day
    return
  }
}

function sumAt({ paths, per, most }: Mean, turn: Turn, day: number): number {
  let sum = 0
  for (let at = 0; at < paths.length; at += 1) {
    const path = paths[at] as Path
    if (path.day <= day) walk(path, turn, day + 1)
    sum += Math.min(most[at] as number, Math.max(0, (path.values[day] as number) * (per[at] as number)))
  }
  return sum
}

/** Until when the open blockers stop it, in this run. */
function stoppedUntil(stops: readonly Float64Array[], luck: number): number {
  let until = 0
  for (const [at, ends] of stops.entries()) until = Math.max(until, ends[Math.floor((draw(luck, -1 - at) * ends.length) / DRAWS)] ?? 0)
  return until
}

/** How many numbers a draw can give. */
const DRAWS = 0x1_0000_0000

/** The k-th draw of a run: a whole number from 0 to below DRAWS. */
const draw = (luck: number, k: number): number => mix((luck + Math.imul(k, 0x9e3779b9)) | 0) >>> 0

/** Spreads the bits of a 32-bit number evenly: shift and multiply, with the constants of least bias in the hash-prospector of Chris Wellons. */
function mix(value: number): number {
  let x = value ^ (value >>> 16)
  x = Math.imul(x, 0x21f0aaad)
  x ^= x >>> 15
  x = Math.imul(x, 0x735a2d97)
  return x ^ (x >>> 15)
}
