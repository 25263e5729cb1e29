import type { Occasion } from '#core/notify/compose.ts'
import type { NoticeData } from '#core/notify/data.ts'
import type { Notice, NoticeAct } from '#core/notify/notice.ts'
import { blockerOf, personOf, tell } from '#core/notify/parts.ts'
import { holdersOf } from '#core/ledger/permit.ts'
import { BLOCKER_OUTCOMES, type BlockerOutcome } from '#core/ledger/events.ts'
import type { Blocker } from '#core/ledger/state.ts'
import type { DueAction } from '#core/schedule/due.ts'
import { epoch } from '#core/schedule/time.ts'

type Change = NoticeData['blocker']['change']

/** What a due action about a blocker tells. */
export function turnOf({ history }: Occasion, blocker: Blocker, action: DueAction): Turn {
  const change = changeOf(blocker, action)
  const by = change === 'raised' ? history.criticalSince.get(blocker.blocker)?.by : undefined
  return { change, ...(by !== undefined && { by }) }
}

function changeOf(blocker: Blocker, { stage = 'opened' }: DueAction): Change {
  if (blocker.resolvedAt !== undefined) return 'resolved'
  switch (stage) {
    case 'deadline':
      return 'overdue'
    case 'acknowledgement':
      return 'unacknowledged'
    case 'soon':
    case 'lapsed':
      return 'opened'
    case 'opened':
    case 'raised':
    case 'sync':
    case 'workarounds':
    case 'decision':
    case 'again':
      return stage
  }
}

const TITLES: Readonly<Record<Change, string>> = {
  opened: 'Blocker',
  raised: 'Blocker is critical now',
  changed: 'Blocker changed',
  acknowledged: 'Blocker acknowledged',
  unacknowledged: 'Blocker, nobody is on it any more',
  overdue: 'Blocker overdue',
  resolved: 'Blocker resolved',
  sync: 'Emergency sync',
  workarounds: 'Ways around wanted',
  decision: 'Decision needed',
  again: 'Decision still needed',
}

interface Turn {
  readonly change: Change
  readonly by?: string
  readonly changed?: readonly string[]
  readonly outcome?: BlockerOutcome
  readonly note?: string
}

export function blockerNotice(occasion: Occasion, blocker: Blocker, turn: Turn, people: readonly string[]): Notice {
  const { change } = turn
  const { program } = occasion
  const isOpen = blocker.resolvedAt === undefined
  // What is not severe its owner settles, until it is overdue.
  const wasOverdue = change === 'overdue' || (blocker.resolvedAt !== undefined && epoch(blocker.resolvedAt) > epoch(blocker.deadline))
  // Who was asked for a decision hears that it is not needed any more.
  const decider = isSevere(blocker) || wasOverdue ? deciderOf(occasion, blocker) : undefined
  const asks = isOpen && (isSevere(blocker) || wasOverdue)
  const stream = program.streams.find((one) => one.id === blocker.stream)
  const acts: readonly NoticeAct[] = isOpen
    ? [
        ...(change === 'acknowledged' ? [] : [{ act: 'acknowledge-blocker' as const, blocker: blocker.blocker }]),
        ...BLOCKER_OUTCOMES.map((outcome) => ({ act: 'resolve-blocker' as const, blocker: blocker.blocker, outcome })),
      ]
    : []
  return tell(occasion, 'blocker', {
    thread: `blocker:${blocker.blocker}`,
    title: `${TITLES[change]}: ${stream?.name ?? blocker.stream}, ${blocker.title}`,
    people: [...people, blocker.owner, ...(stream ? [stream.lead] : []), ...(decider === undefined ? [] : [decider])],
    urgent: isOpen && !isState(change) && isSevere(blocker),
    edits: isState(change),
    acts,
    data: {
      blocker: blockerOf(occasion, blocker),
      change,
      by: turn.by === undefined ? null : personOf(program, turn.by),
      changed: [...(turn.changed ?? [])],
      decider: !asks || decider === undefined ? null : personOf(program, decider),
      options: asks ? optionsOf(occasion, blocker) : [],
      outcome: turn.outcome ?? null,
      note: turn.note ?? null,
    },
  })
}

/** What it has become, for those who know of it; all else asks somebody for something. */
const isState = (change: Change): boolean => change === 'acknowledged' || change === 'changed' || change === 'resolved'

const isSevere = ({ severity }: Blocker): boolean => severity === 'critical' || severity === 'high'

/** Matrix for a stream that is blocked: whom it is escalated to, and what can be chosen. */
const matrixOf = ({ program }: Occasion) => program.policy.matrices.find((one) => one.health.includes('BLOCKED'))

/** Nobody decides on their own: the first whom it is escalated to, the phase lead unless the program says, and who does not own it. */
function deciderOf(occasion: Occasion, blocker: Blocker): string | undefined {
  const to = matrixOf(occasion)?.escalateTo ?? 'phase-lead'
  const { program } = occasion
  const people = program.people.some((one) => one.id === to) ? [to] : holdersOf(program, to, blocker.stream)
  return people.find((one) => one !== blocker.owner)
}

/** What the program offers; what the seed asks where it offers nothing. */
function optionsOf(occasion: Occasion, blocker: Blocker): string[] {
  const offered = matrixOf(occasion)?.options.map((one) => one.title) ?? []
  if (offered.length > 0) return offered
  return [
    ...(blocker.workaround === undefined ? [] : ['Go on with the workaround']),
    'Take another way',
    'Reduce the scope',
    'Extend the deadline',
  ]
}
