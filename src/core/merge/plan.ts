import type { MergePlan } from '#core/decide/model.ts'
import { planLanding } from '#core/merge/landing.ts'
import type { ProbeRecord } from '#core/merge/probe.ts'
import type { Dependency, Program } from '#core/program/model.ts'
import { addDays, wallOf } from '#core/schedule/time.ts'

/** What the plan needs to know of a stream beside the program. */
export interface Readiness {
  readonly stream: string
  readonly merged: boolean
  readonly ready: boolean
  /** Share of its whole that is done, 0-1; absent when it cannot be said. */
  readonly progress?: number
  /** Why it is not ready; empty when it is. */
  readonly because: readonly string[]
}

/**
 * Spreads the streams that are ready over the work days after a checkpoint, at most `perDay` on
 * one, a stream never before one that it depends on; within a day in the program's order. A stream
 * that depends on one which is held, or was not looked at, is held too, and says so; where a share
 * of the other is enough (`reaches`) and is reached, it is not. Where it was looked at how they
 * merge, a stream that is stacked on one which does not land is held, because it would land the
 * other's commits; the order leaves the fewest streams with a rework, and the plan says who reworks
 * because of whom (`planLanding`).
 */
export function planMerges(
  program: Program,
  readiness: readonly Readiness[],
  after: string,
  probe?: Pick<ProbeRecord, 'streams' | 'pairs'>,
): MergePlan {
  const byId = new Map(readiness.map((one) => [one.stream, one]))
  const held = new Map<string, string>()
  for (const one of readiness) if (!one.merged && !one.ready) held.set(one.stream, one.because[0] ?? 'it is not ready')
  const stops = ({ stream, reaches }: Dependency): boolean => {
    const other = byId.get(stream)
    const isReached = reaches < 1 && other?.progress !== undefined && other.progress >= reaches
    return (other === undefined || held.has(stream)) && !isReached
  }
  const probed = new Map(probe?.streams.map((one) => [one.id, one]))
  const isThere = (id: string): boolean => byId.get(id)?.merged === true || probed.get(id)?.state === 'landed'
  const containedBy = (id: string): readonly string[] => (probed.get(id)?.contains ?? []).filter((other) => !isThere(other))
  let open = program.streams.filter((stream) => byId.get(stream.id)?.ready === true && byId.get(stream.id)?.merged === false)
  for (let changed = true; changed;) {
    changed = false
    for (const stream of open) {
      const below = containedBy(stream.id).find((other) => !byId.has(other) || held.has(other))
      const wait = stream.dependsOn.find(stops)?.stream ?? below
      if (wait === undefined) continue
      held.set(
        stream.id,
        `it ${wait === below ? 'contains' : 'depends on'} ${wait}, which ${byId.has(wait) ? 'is held' : 'was not looked at'}`,
      )
      changed = true
    }
    open = open.filter((stream) => !held.has(stream.id))
  }
  const isOpen = new Set(open.map((stream) => stream.id))
  const { calendar, merge, target } = program
  const plan = planLanding({
    // A share that is enough lets it go before a stream that is held; one that lands still goes first.
    streams: open.map(({ id, dependsOn }) => ({
      id,
      after: dependsOn.map((one) => one.stream).filter((other) => isOpen.has(other)),
      contains: containedBy(id).filter((other) => isOpen.has(other)),
    })),
    conflicts: (probe?.pairs ?? [])
      .filter((one) => one.verdict === 'conflicted')
      .map(({ a, b, onlyWhenFirst }) => [a, b, onlyWhenFirst] as const),
    held: [...held].map(([stream, because]) => ({ stream, because })),
    days: { calendar, perDay: merge.perDay, from: addDays(wallOf(after, calendar.zone).date, 1) },
  })
  return {
    target,
    days: plan.days,
    merged: readiness.filter((one) => one.merged).map((one) => one.stream),
    held: plan.held,
    ...(probe && { waves: plan.waves, rework: plan.rework, atLeast: plan.atLeast, optimal: plan.optimal }),
  }
}
