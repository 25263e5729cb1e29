/** How many seconds a unit of time is, also one per operation (`ns/op`); 1 for every other unit, whose samples are taken as they are. */
export const factorOf = (unit: string): number => SECONDS.get(perOperation(unit)) ?? 1

/** Whether a clock measured it. */
export const isTime = (unit: string): boolean => SECONDS.has(perOperation(unit))

/** Which way a figure in this unit gets better; undefined where the unit does not tell. */
export function directionOf(unit: string): 'lower' | 'higher' | undefined {
  const plain = unit.trim().toLowerCase()
  if (RATE.test(plain)) return 'higher'
  return isTime(unit) || COST.test(plain) ? 'lower' : undefined
}

const perOperation = (unit: string): string =>
  unit
    .trim()
    .toLowerCase()
    .replace(/\/(?:op|iter|call)$/, '')

const RATE = /.\/(?:s|sec|second|ms|us|\u00b5s|\u03bcs|ns|min)$|^(?:rps|qps|tps|iops|fps|hz)$/
const COST = /.\/(?:op|iter|call)$|^(?:[kmgt]i?)?b$|^bytes?$/

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['sec', 1],
  ['seconds', 1],
  ['ms', 1e-3],
  ['milliseconds', 1e-3],
  ['us', 1e-6],
  ['\u00b5s', 1e-6],
  ['\u03bcs', 1e-6],
  ['microseconds', 1e-6],
  ['ns', 1e-9],
  ['nanoseconds', 1e-9],
])
