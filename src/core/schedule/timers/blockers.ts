import type { Blocker } from '#core/ledger/state.ts'
import type { BlockerStage } from '#core/schedule/due.ts'
import { othersOf, peopleOf } from '#core/schedule/look-up.ts'
import { repeating } from '#core/schedule/repeating.ts'
import type { Look } from '#core/schedule/look.ts'
import { epoch, instantOf, isWorkTime } from '#core/schedule/time.ts'

/** A critical blocker gets its emergency sync within half an hour and its decision within an hour, unless the policy says otherwise. */
const SYNC_MS = 30 * 60_000
const DECISION_MS = 60 * 60_000

const NEVER = Number.NEGATIVE_INFINITY

/**
 * What is said of a blocker while it is open: that it was opened, that its deadline or its
 * acknowledgement has run out, and, where it is critical, what the protocol asks for. Whoever
 * acknowledges it has silence until that lapses.
 */
export function lookAtBlockers(look: Look): void {
  for (const blocker of look.history.state.blockers) if (blocker.resolvedAt === undefined) lookAtBlocker(look, blocker)
}

function lookAtBlocker(look: Look, blocker: Blocker): void {
  const known = blocker.acknowledgedUntil === undefined ? NEVER : epoch(blocker.acknowledgedUntil)
  const critical = look.history.criticalSince.get(blocker.blocker)
  const raised = critical && epoch(critical.at)
  const { owner, stream } = blocker
  const lead = peopleOf(look, 'lead', stream)
  const deciders = decidersOf(look, blocker)

  say(look, blocker, 'acknowledgement', known, [owner, ...(raised === undefined ? lead : deciders)])
  // What fell due while somebody had acknowledged it is covered: its lapse says that it is still open.
  const later = (stage: BlockerStage, at: number, people: readonly string[]): void => {
    if (at > known) say(look, blocker, stage, at, people)
  }
  if (raised === undefined) later('opened', epoch(blocker.openedAt), [owner, ...lead])
  else later(critical?.by === undefined ? 'opened' : 'raised', raised, everybody(look, blocker))
  later('deadline', epoch(blocker.deadline), [owner, ...lead, ...deciders])
  if (raised === undefined) return

  const decision = (look.planned.protocol?.withinSeconds ?? DECISION_MS / 1000) * 1000
  later('sync', raised + Math.min(SYNC_MS, decision / 2), everybody(look, blocker))
  if (blocker.workaround === undefined || blocker.workaround === '') later('workarounds', raised + decision * 0.75, [owner, ...lead])
  later('decision', raised + decision, [...deciders, owner])
  repeating(
    look,
    {
      series: `blocker:${blocker.blocker}/again`,
      from: raised + decision,
      every: decision,
      after: Math.max(known, lastSaid(look, blocker)),
      // Nobody decides in the middle of the night what was not decided when it was asked for.
      within: (at) => isWorkTime(instantOf(at), look.program.calendar),
    },
    { kind: 'blocker', blocker: blocker.blocker, stream, stage: 'again', people: concerned(look, [...deciders, owner]) },
  )
}

function say(look: Look, { blocker, stream }: Blocker, stage: BlockerStage, at: number, people: readonly string[]): void {
  if (at === NEVER) return
  const key = `blocker:${blocker}/${stage}@${instantOf(at)}`
  if (look.isDue(at, key)) look.say(at, key, { kind: 'blocker', blocker, stream, stage, people: concerned(look, people) })
}

/** When the decision was last asked for; infinite while it has not been. */
function lastSaid({ history }: Look, { blocker }: Blocker): number {
  const fired = ['decision', 'acknowledgement'].flatMap((stage) => history.series.get(`blocker:${blocker}/${stage}`) ?? [])
  return fired.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...fired.map((one) => epoch(one.firedAt)))
}

/** Who decides about it: never its owner alone, as long as there is somebody else. */
const decidersOf = (look: Look, { owner, stream }: Blocker): readonly string[] =>
  othersOf(look, look.planned.protocol?.escalateTo ?? 'phase-lead', owner, stream)

/** Owner, lead, phase lead, who decides, and the leads of those that wait for the stream. */
function everybody(look: Look, blocker: Blocker): readonly string[] {
  const waiting = look.program.streams.filter((one) => one.dependsOn.some((edge) => edge.stream === blocker.stream))
  return [
    blocker.owner,
    ...peopleOf(look, 'lead', blocker.stream),
    ...peopleOf(look, 'phase-lead'),
    ...decidersOf(look, blocker),
    ...waiting.map((one) => one.lead),
  ]
}

/** Each once, and only people of the program. */
const concerned = ({ planned }: Look, people: readonly string[]): readonly string[] => [
  ...new Set(people.filter((one) => planned.people.has(one))),
]
