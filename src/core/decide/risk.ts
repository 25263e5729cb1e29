import type { CheckReport, StreamReport } from '#core/decide/report.ts'
import type { Status } from '#core/evaluate/model.ts'
import type { Blocker } from '#core/ledger/state.ts'

/** Statuses that leave nothing to do. */
export const isSettled = (status: Status): boolean => status === 'satisfied' || status === 'not-applicable'

export const openBlockers = (stream: StreamReport): readonly Blocker[] =>
  stream.blockers.filter((blocker) => blocker.resolvedAt === undefined)

export type Risk = 'LOW' | 'MEDIUM' | 'HIGH'

/**
 * Risk of a stream, from facts of the report alone, never from a claim. HIGH: BEHIND, BLOCKED or
 * UNKNOWN, a critical blocker open, or no branch. LOW: AHEAD or ON TRACK, ready, no blocker open, and nothing
 * open at any tier. MEDIUM: all between (a minor delay, an open supporting or advisory criterion).
 */
export function riskOf(stream: StreamReport): { readonly risk: Risk; readonly because: string } {
  const blockers = openBlockers(stream)
  if (stream.state.state !== 'present') return { risk: 'HIGH', because: 'there is no branch to look at' }
  if (stream.health === 'BEHIND' || stream.health === 'BLOCKED' || stream.health === 'UNKNOWN')
    return { risk: 'HIGH', because: `the stream is ${stream.health}` }
  if (blockers.some((blocker) => blocker.severity === 'critical')) return { risk: 'HIGH', because: 'a critical blocker is open' }
  if (stream.health === 'MINOR DELAY') return { risk: 'MEDIUM', because: 'the stream is in MINOR DELAY' }
  if (blockers.length > 0) return { risk: 'MEDIUM', because: 'a blocker is open' }
  const open = stream.criteria.filter((criterion) => !isSettled(criterion.status)).length
  if (open > 0) return { risk: 'MEDIUM', because: open === 1 ? '1 criterion is open' : `${open} criteria are open` }
  if (!stream.ready) return { risk: 'MEDIUM', because: 'the stream is not ready' }
  return { risk: 'LOW', because: 'ready, and nothing is open' }
}

/** The highest of the streams' risks; HIGH where there is no stream to look at. */
export function overallRisk(report: CheckReport): Risk {
  const risks = report.streams.map((stream) => riskOf(stream).risk)
  if (risks.length === 0 || risks.includes('HIGH')) return 'HIGH'
  return risks.includes('MEDIUM') ? 'MEDIUM' : 'LOW'
}
