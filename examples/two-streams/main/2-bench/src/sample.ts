import { LEVELS, type LogRecord } from './record.ts'

const SERVICES = ['api', 'auth', 'billing', 'mail', 'search'] as const
const EVENTS = ['request started', 'request done', 'request timed out', 'cache miss', 'retry scheduled', 'token refreshed'] as const

/** Whole numbers from 0 to below `limit`, the same for the same seed on every machine. */
export type Draw = (limit: number) => number

/** A linear congruential generator (Numerical Recipes, second edition, chapter 7.1). */
export function seeded(seed: number): Draw {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

export const pick = <T>(from: readonly T[], draw: Draw): T => from[draw(from.length)] as T

/** A log of `size` records, one every second from nine o'clock. */
export function sampleLog(size: number, seed: number): readonly LogRecord[] {
  const draw = seeded(seed)
  const start = Date.UTC(2026, 1, 23, 9)
  return Array.from({ length: size }, (_, index) => ({
    at: `${new Date(start + index * 1000).toISOString().slice(0, 19)}Z`,
    level: pick(LEVELS, draw),
    service: pick(SERVICES, draw),
    message: `${pick(EVENTS, draw)} id=${draw(10_000)}`,
  }))
}
