import type { BlockerOutcome } from '#core/ledger/events.ts'
import type { Blocker } from '#core/ledger/state.ts'
import type { Program } from '#core/program/model.ts'
import { epoch, isoWithOffset } from '#core/schedule/time.ts'

/** A blocker as lists show it; instants with the offset of the program's zone. */
export interface ListedBlocker {
  readonly id: string
  readonly stream: string
  readonly title: string
  readonly severity: Blocker['severity']
  readonly impact: string
  readonly workaround?: string
  readonly labels: readonly string[]
  readonly owner: string
  readonly state: 'open' | 'acknowledged' | 'resolved'
  readonly openedAt: string
  readonly deadline: string
  readonly overdue: boolean
  readonly acknowledgedUntil?: string
  readonly resolvedAt?: string
  readonly outcome?: BlockerOutcome
  readonly note?: string
}

export const isOverdue = (blocker: Blocker, at: string): boolean => blocker.resolvedAt === undefined && epoch(blocker.deadline) < epoch(at)

export const isAcknowledged = (blocker: Blocker, at: string): boolean =>
  blocker.acknowledgedUntil !== undefined && epoch(blocker.acknowledgedUntil) > epoch(at)

export function listedBlocker(
  { calendar: { zone } }: Program,
  one: Blocker,
  at: string,
  resolution: { readonly outcome: BlockerOutcome; readonly note: string } | undefined,
): ListedBlocker {
  const time = (instant: string): string => isoWithOffset(instant, zone)
  return {
    id: one.blocker,
    stream: one.stream,
    title: one.title,
    severity: one.severity,
    impact: one.impact,
    ...(one.workaround !== undefined && one.workaround !== '' && { workaround: one.workaround }),
    labels: one.labels ?? [],
    owner: one.owner,
    state: one.resolvedAt !== undefined ? 'resolved' : isAcknowledged(one, at) ? 'acknowledged' : 'open',
    openedAt: time(one.openedAt),
    deadline: time(one.deadline),
    overdue: isOverdue(one, at),
    ...(one.acknowledgedUntil !== undefined && { acknowledgedUntil: time(one.acknowledgedUntil) }),
    ...(one.resolvedAt !== undefined && { resolvedAt: time(one.resolvedAt) }),
    ...(resolution && { outcome: resolution.outcome, note: resolution.note }),
  }
}
