import { readState } from '#cli/ledger-state.ts'
import { readRunning, runningLines, type RunningStatus } from '#cli/running/status.ts'
import { lapsesSoonAt, lastGranted } from '#core/evaluate/waivers.ts'
import type { Head } from '#core/ledger/chain.ts'
import { overrideOf } from '#core/api/standing.ts'
import { verdictRules } from '#core/decide/verdict-rules.ts'
import type { DecisionRecord } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import type { Blocker, LedgerState } from '#core/ledger/state.ts'
import { formatAway } from '#core/program/quantity.ts'
import { attendanceAhead, type Attendance } from '#core/schedule/answers.ts'
import { effectiveProgram } from '#core/schedule/effective.ts'
import { isOvertaken } from '#core/schedule/moves.ts'
import { epoch, timesIn } from '#core/schedule/time.ts'
import { terminal } from '#render/encode.ts'
import { attendanceWords, setWords } from '#render/words.ts'
import type { Store } from '#store/store.ts'

const WEEK_SECONDS = 604_800

export interface StatusDocument {
  readonly program: string
  readonly at: string
  readonly head?: Head
  /** Number of the last record, where it stands behind the end that the store notes: somebody changed the store by hand. */
  readonly behind?: number
  readonly decision?: {
    readonly id: string
    readonly seq: number
    readonly checkpoint: string
    readonly clock: string
    /** What stands: as it was computed, or as somebody set it, before or since. */
    readonly verdict: string
    readonly override?: { readonly by: string; readonly at: string; readonly reason: string }
    /** By the rule; absent where no rule of the program has that id any more. */
    readonly computedVerdict?: string
    readonly rule: string
    /** Where the program is run by itself: evidence was looked at, and the checkpoint was not held then. */
    readonly look?: true
    readonly streams?: readonly string[]
  }
  readonly blockers: readonly Blocker[]
  /** Waivers that lapse soon, or have within the last week, and were not renewed; absent while there is none. */
  readonly waivers?: LedgerState['waivers']
  /** Checkpoints that are held at another time than the program file says, or not at all; absent while none is. */
  readonly moves?: LedgerState['moves']
  /** Checkpoint id -> when it is held, where the program file was given another time after it had been moved. */
  readonly overtaken?: Readonly<Record<string, string>>
  /** Who comes to what is ahead; absent while nobody has answered an invitation to it. */
  readonly attendance?: readonly Attendance[]
  /** Of the program that was recorded last. */
  readonly zone?: string
  /** Absent while nobody has run the program by itself. */
  readonly running?: RunningStatus
}

export async function readStatus(store: Store, program: string, now: string): Promise<StatusDocument> {
  // Asked first: what is appended meanwhile must not look like a record behind the end.
  const last = await store.last(program)
  const [head, recorded, latest, { state }, running, held] = await Promise.all([
    store.head(program),
    store.latest(program, 'program'),
    store.latest(program, 'decision'),
    readState(store, program),
    readRunning(store, program, now),
    store.latest(program, 'checkpoint-held'),
  ])
  const decision = latest?.type === 'decision' ? latest : undefined
  if (
    decision &&
    [decision.body.checkpoint, decision.body.verdict, decision.body.rule, decision.body.clock].some((one) => typeof one !== 'string')
  )
    throw new TypeError(`record ${decision.seq} is no decision`)
  const plan = recorded?.type === 'program' ? recorded.body.program : undefined
  const overtaken = plan?.checkpoints.filter(({ id, at }) => {
    const move = state.moves?.[id]
    return move !== undefined && isOvertaken(move, at)
  })
  const waivers = lastGranted(state.waivers).filter(
    ({ expires }) =>
      expires !== undefined &&
      lapsesSoonAt(expires, plan?.calendar.zone ?? 'UTC') <= epoch(now) &&
      epoch(now) < epoch(expires) + WEEK_SECONDS * 1000,
  )
  const attendance = plan ? attendanceAhead(effectiveProgram(plan, state.moves, now), state, now) : []
  return {
    program,
    at: now,
    ...(plan && { zone: plan.calendar.zone }),
    ...(overtaken && overtaken.length > 0 && { overtaken: Object.fromEntries(overtaken.map(({ id, at }) => [id, at])) }),
    ...(head && { head: { seq: head.seq, hash: head.hash } }),
    ...(last > (head?.seq ?? 0) && { behind: last }),
    ...(decision && {
      decision: {
        id: decision.id,
        seq: decision.seq,
        checkpoint: decision.body.checkpoint,
        clock: decision.body.clock,
        ...standingVerdict(decision.body, plan, state),
        rule: decision.body.rule,
        ...(running && !(held?.type === 'checkpoint-held' && held.body.decision === decision.id) && { look: true as const }),
        ...(decision.body.streams && { streams: decision.body.streams }),
      },
    }),
    blockers: state.blockers.filter((one) => one.resolvedAt === undefined),
    ...(waivers.length > 0 && { waivers }),
    ...(state.moves && { moves: state.moves }),
    ...(attendance.length > 0 && { attendance }),
    ...(running && { running }),
  }
}

function standingVerdict({ checkpoint, clock, verdict, rule }: DecisionRecord, plan: Program | undefined, state: LedgerState) {
  const override = plan && overrideOf(plan, checkpoint, state)
  // One from before was decided with, and the record holds what it set.
  const computed = override && epoch(override.at) <= epoch(clock) ? verdictRules(plan).find((one) => one.id === rule)?.verdict : verdict
  return {
    verdict: override?.verdict ?? verdict,
    ...(computed !== undefined && { computedVerdict: computed }),
    ...(override && { override: { by: override.actor, at: override.at, reason: override.reason } }),
  }
}

export function statusText(status: StatusDocument): string {
  const { program, at, head, behind, decision, blockers, waivers = [], moves = {}, overtaken = {}, attendance = [], zone, running } = status
  const changed =
    behind !== undefined && `record ${behind} stands behind the end that the store notes, which was changed; run \`muster verify\``
  if (!head) return `${terminal(program)}: ${changed || 'nothing is recorded yet; run `muster check`'}\n`
  // Without a program on record nobody knows the zone.
  const when = timesIn(zone ?? 'UTC')
  const ago = (instant: string): string => {
    const seconds = (Date.parse(at) - Date.parse(instant)) / 1000
    return seconds < 0 ? `${formatAway(-seconds)} ahead of the clock here` : `${formatAway(seconds)} ago`
  }
  const lines = [
    decision
      ? `${program}: ${decision.verdict} at ${decision.checkpoint}${decision.look ? ' by a look' : ''}, as of ${when(decision.clock)} (${ago(decision.clock)})${decision.streams ? `, for ${decision.streams.join(', ')} only` : ''}, ${howDecided(decision, when)}`
      : `${program}: no decision is recorded yet${running?.looked?.goesOn ? '' : '; run `muster check`'}`,
    ...blockers.map((one) => {
      const left = (Date.parse(one.deadline) - Date.parse(at)) / 1000
      return `  blocker ${one.blocker} (${one.severity}) in ${one.stream}: ${one.title}; ${left < 0 ? `overdue by ${formatAway(-left)}` : `${formatAway(left)} left`}`
    }),
    ...waivers.map(({ waiver, criterion, checkpoint, expires = at }) => {
      const left = (Date.parse(expires) - Date.parse(at)) / 1000
      return `  waiver ${waiver} of ${criterion} at ${checkpoint} ${left > 0 ? `lapses in ${formatAway(left)}` : `lapsed ${formatAway(-left)} ago`}`
    }),
    ...Object.entries(moves).flatMap(([id, one]) => {
      const planned = overtaken[id]
      if ('to' in one && Date.parse(planned ?? one.to) < Date.parse(at)) return []
      const said = `${'to' in one ? `moved to ${when(one.to)}` : 'cancelled'} by ${one.actor}: ${one.reason}`
      return planned === undefined
        ? [`  checkpoint ${id} ${said}`]
        : [`  checkpoint ${id} is held ${when(planned)}, as the program file says since it was ${said}`]
    }),
    ...attendance.map(({ name, attendees }) => `  ${name}: ${attendanceWords(attendees)}`),
    ...(running ? runningLines(running, when, ago) : []),
    ...(changed ? [`  ${changed}`] : []),
    `  ledger: ${head.seq} records, head ${head.hash.slice(0, 12)}${decision ? `; record ${decision.seq} is ${decision.id}` : ''}`,
  ]
  return `${lines.map(terminal).join('\n')}\n`
}

const howDecided = (
  { override, computedVerdict, rule }: NonNullable<StatusDocument['decision']>,
  when: (instant: string) => string,
): string =>
  override
    ? setWords({
        ...override,
        when: when(override.at),
        computed: `${computedVerdict === undefined ? '' : `${computedVerdict} `}by rule ${rule}`,
      })
    : `by rule ${rule}`
