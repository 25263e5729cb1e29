/** Interleaved CPU-time comparison: each round runs every contestant once, ratios are medians over rounds. */
export interface Contestant {
  readonly name: string
  readonly run: () => unknown
}

export interface Ratio {
  readonly name: string
  /** Median over rounds of this contestant's CPU time divided by the first one's. */
  readonly ratio: number
  readonly milliseconds: number
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** Times the contestants in turn, `rounds` times after `warmup` rounds, against the first. */
export async function compareCpu(contestants: readonly Contestant[], rounds: number, warmup = 3): Promise<readonly Ratio[]> {
  const times: number[][] = contestants.map(() => [])
  for (let round = -warmup; round < rounds; round += 1) {
    for (const [index, { run }] of contestants.entries()) {
      globalThis.gc?.()
      const began = cpu()
      await run()
      if (round >= 0) times[index]?.push(cpu() - began)
    }
  }
  const floor = times[0] ?? []
  return contestants.map(({ name }, index) => ({
    name,
    ratio: median((times[index] ?? []).map((time, round) => time / (floor[round] ?? NaN))),
    milliseconds: median(times[index] ?? []),
  }))
}

/** One line a figure: what, measured, goal, and whether it was reached. */
export function report(figure: string, measured: number, goal: number, direction: 'at most' | 'at least', unit = 'x'): boolean {
  const reached = direction === 'at most' ? measured <= goal : measured >= goal
  console.log(`${reached ? 'ok  ' : 'MISS'} ${figure}: ${measured.toFixed(2)}${unit} (goal: ${direction} ${goal}${unit})`)
  return reached
}
