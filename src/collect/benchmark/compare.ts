import { matcher } from '#core/evidence/glob.ts'
import type { BenchmarkReport, SampleSet } from './parse.ts'

export interface NamedReport {
  readonly path: string
  readonly value: BenchmarkReport
}

/** The two sides of a comparison, or why the files do not tell them apart. */
export type Sides =
  | { readonly ok: true; readonly baseline: SampleSet; readonly current: SampleSet; readonly unit: string }
  | { readonly ok: false; readonly status: 'missing' | 'errored'; readonly reason: string }

/** Picks the sides: the keys of the plain format, or the commands or files that the options name. */
export function sidesOf(
  reports: readonly NamedReport[],
  options: { readonly baseline?: string | undefined; readonly current?: string | undefined },
): Sides {
  const first = reports.find(({ value }) => value.format === 'plain')
  if (first?.value.baseline && first.value.current) {
    if (reports.length > 1)
      return { ok: false, status: 'errored', reason: `${reports.length} files match, and a file with a baseline of its own stands alone` }
    return { ok: true, baseline: first.value.baseline, current: first.value.current, unit: first.value.unit }
  }
  const sets = reports.flatMap(({ path, value }) => value.results.map((set) => ({ path, set, isOnly: value.results.length === 1 })))
  const names = [...new Set(sets.map(({ set }) => set.command ?? ''))].map((name) => JSON.stringify(name.slice(0, 60)))
  const pick = (side: 'baseline' | 'current'): SampleSet | Extract<Sides, { ok: false }> => {
    const wanted = options[side]
    if (wanted === undefined)
      return { ok: false, status: 'errored', reason: `the option "${side}" must name one of the commands ${names.join(', ')}, or a file` }
    const byCommand = sets.filter(({ set }) => set.command === wanted)
    const found = byCommand.length > 0 ? byCommand : sets.filter(({ path, isOnly }) => isOnly && isFile(path, wanted))
    const [one] = found
    if (!one)
      return {
        ok: false,
        status: 'missing',
        reason: `no command or file of one command is ${JSON.stringify(wanted)}; there are ${names.join(', ')}`,
      }
    if (found.length > 1) return { ok: false, status: 'errored', reason: `${found.length} results are called ${JSON.stringify(wanted)}` }
    return one.set
  }
  const baseline = pick('baseline')
  if ('ok' in baseline) return baseline
  const current = pick('current')
  if ('ok' in current) return current
  if (baseline === current) return { ok: false, status: 'errored', reason: 'the options "baseline" and "current" name the same result' }
  return { ok: true, baseline, current, unit: 's' }
}

function isFile(path: string, wanted: string): boolean {
  try {
    return path === wanted || matcher([wanted])(path)
  } catch {
    return false
  }
}

/** How many seconds a unit of time is; 1 for every other unit, whose samples are taken as they are. */
export const factorOf = (unit: string): number => SECONDS.get(unit.trim().toLowerCase()) ?? 1

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 1e-3],
  ['milliseconds', 1e-3],
  ['us', 1e-6],
  ['\u00b5s', 1e-6],
  ['\u03bcs', 1e-6],
  ['microseconds', 1e-6],
  ['ns', 1e-9],
  ['nanoseconds', 1e-9],
])
