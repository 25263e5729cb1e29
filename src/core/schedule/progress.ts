import type { Evidence, Snapshot, Subject } from '#core/evidence/evidence.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Program, Stream } from '#core/program/model.ts'

/** How far the measured deliverables of a stream have come, and when that last moved. */
export interface Progress {
  /** When one of them last came nearer to its whole; when it was first measured, while none has. */
  readonly movedAt: string
  /** When evidence last said anything of them: silence is not standstill. */
  readonly measuredAt: string
  /** Everything that is measured is whole, or the branch is merged: there is nothing left to move. */
  readonly done: boolean
}

interface Known {
  readonly progress: Progress
  readonly best: Readonly<Record<string, number>>
}

interface Yardstick {
  readonly stream: string
  readonly metric: string
  readonly lower: boolean
  /** Bound at which it is whole; absent: it has no whole. */
  readonly whole?: number
}

/** What is measured of each stream, by `<subject> <metric>`. */
type Yardsticks = ReadonlyMap<string, Yardstick>

/** Follows the progress of streams over snapshots of evidence, in the order of the ledger. */
export function followingProgress() {
  const known = new Map<string, Known>()
  let yardsticks: Yardsticks = new Map()
  let merged = new Set<string>()

  /** Measures are those of the program that was recorded last. */
  function program(program: Program): void {
    yardsticks = new Map(program.streams.flatMap((stream) => yardsticksOf(program, stream)))
    merged = new Set(program.sources.flatMap((source) => (source.collect === 'git' ? [`${source.id}.merged`] : [])))
    for (const id of known.keys()) if (!program.streams.some((one) => one.id === id)) known.delete(id)
  }

  function snapshot({ evidence }: Snapshot, at: string): void {
    const values = new Map<string, Record<string, number>>()
    const landed = new Set<string>()
    for (const one of evidence) {
      if (one.status !== 'observed' || one.provenance !== 'measured') continue
      if (merged.has(one.metric) && one.value === true && one.subject !== 'program') landed.add(one.subject.slice('stream:'.length))
      const yardstick = yardsticks.get(`${one.subject} ${one.metric}`)
      const value = numberOf(one)
      if (!yardstick || value === undefined) continue
      let row = values.get(yardstick.stream)
      if (!row) values.set(yardstick.stream, (row = {}))
      row[one.metric] = yardstick.lower ? -value : value
    }
    for (const [stream, row] of values) take(stream, row, at, landed.has(stream))
  }

  /** Values are turned so that higher is better. */
  function take(stream: string, row: Readonly<Record<string, number>>, at: string, isMerged: boolean): void {
    const before = known.get(stream)
    const best: Record<string, number> = { ...before?.best }
    let moved = before === undefined
    for (const [metric, value] of Object.entries(row)) {
      const last = best[metric]
      if (last !== undefined && value <= last) continue
      // What is measured for the first time has not moved: it may have stood there for long.
      if (last !== undefined) moved = true
      best[metric] = value
    }
    const done = isMerged || isWhole(stream, row)
    known.set(stream, { best, progress: { movedAt: moved ? at : (before?.progress.movedAt ?? at), measuredAt: at, done } })
  }

  function isWhole(stream: string, row: Readonly<Record<string, number>>): boolean {
    const owed = [...yardsticks.values()].filter((one) => one.stream === stream)
    return owed.every(({ metric, lower, whole }) => {
      const value = row[metric]
      return whole !== undefined && value !== undefined && value >= (lower ? -whole : whole)
    })
  }

  const progress = (): ReadonlyMap<string, Progress> => new Map([...known].map(([id, one]) => [id, one.progress]))
  return { program, snapshot, progress }
}

/** A measure of no direction cannot get better, so it says nothing of progress. */
function yardsticksOf(program: Program, stream: Stream): (readonly [string, Yardstick])[] {
  const subject: Subject = streamSubject(stream.id)
  return stream.deliverables.flatMap(({ measure, full }): (readonly [string, Yardstick])[] => {
    const better = measure === undefined ? undefined : program.metrics[measure]?.better
    if (measure === undefined || better === undefined || better === 'none') return []
    const lower = better === 'lower'
    const whole = lower ? full?.high : full?.low
    return [[`${subject} ${measure}`, { stream: stream.id, metric: measure, lower, ...(whole !== undefined && { whole }) }]]
  })
}

const numberOf = ({ value }: Evidence): number | undefined => (typeof value === 'boolean' ? Number(value) : value)
