import type { EscalationRaised, EventType, Fired, Invited, LedgerEvent } from '#core/ledger/events.ts'
import { folding, type Dated, type LedgerState } from '#core/ledger/state.ts'
import { followingProgress, type Progress } from '#core/schedule/progress.ts'
import { epoch, instantOf } from '#core/schedule/time.ts'

/** What the scheduler needs to know of a ledger: the fold of its events. */
export interface History {
  readonly state: LedgerState
  /** When Muster first ran the program by itself; absent before that. What was over by then is not caught up with. */
  readonly ranAt?: string
  /** When the program was last recorded. */
  readonly programAt?: string
  /** `<checkpoint>@<start>` -> when a program with that time was recorded first. */
  readonly plannedSince: ReadonlyMap<string, string>
  /** Timers that have fired, by key; of each series the newest `KEPT`. */
  readonly fired: ReadonlyMap<string, Fired & Dated>
  /** Series (a key up to its `@`) -> what fired last of it, and how many were not dropped. */
  readonly series: ReadonlyMap<string, Series>
  /** How many invitations were sent. */
  readonly invitations: number
  /** Series -> the meeting that people hold an invitation to, where it was not over when one went out last. */
  readonly invited: ReadonlyMap<string, Invited>
  /** Checkpoint id -> what was held, oldest first. */
  readonly held: ReadonlyMap<string, readonly Held[]>
  /** Checkpoint id -> clock of the last decision about all streams. */
  readonly decided: ReadonlyMap<string, string>
  /** Those that have not been cleared, oldest first; of those that have, the newest `KEPT`. */
  readonly escalations: readonly Escalation[]
  /** When evidence was last looked at: instant. */
  readonly watchedAt?: string
  /** When a checkpoint opened last: instant. */
  readonly openedAt?: string
  /** When a forge told of a push that no look has seen: not in the ledger, but said by whoever asks. */
  readonly nudgedAt?: string
  /** Stream id -> how far what is measured of it has come. */
  readonly progress: ReadonlyMap<string, Progress>
  /** Blocker id -> when it became critical, and who raised it to that if it was not opened so; those that are not are not there. */
  readonly criticalSince: ReadonlyMap<string, CriticalSince>
}

export interface CriticalSince {
  readonly at: string
  readonly by?: string
}

export interface Series {
  readonly key: string
  readonly due: string
  readonly firedAt: string
  readonly sent: number
}

export interface Held {
  readonly due: string
  readonly at: string
  readonly verdict: string
  readonly decision: string
}

export interface Escalation extends EscalationRaised {
  readonly raisedAt: string
  readonly acknowledgedUntil?: string
  readonly clearedAt?: string
}

/** So many of a recurring thing are remembered one by one; more than are ever looked back at. */
export const KEPT = 64

export const seriesOf = (key: string): string => {
  const end = key.lastIndexOf('@')
  return end < 0 ? key : key.slice(0, end)
}

/** Names the time of a checkpoint in `plannedSince`. */
export const sessionName = (checkpoint: string, at: string): string => `${checkpoint}@${instantOf(epoch(at))}`

/** Folds events, oldest first. */
export function foldHistory(events: Iterable<LedgerEvent>): History {
  const fold = foldingHistory()
  for (const event of events) fold.take(event)
  return fold.history()
}

type Takers = { readonly [T in EventType]?: (event: Extract<LedgerEvent, { readonly type: T }>) => void }

/** `foldHistory` one event at a time: a loop keeps it and takes what has been appended since. */
export function foldingHistory() {
  const ledger = folding()
  const following = followingProgress()
  const fired = new Map<string, Fired & Dated>()
  const series = new Map<string, Series & { readonly keys: readonly string[] }>()
  const held = new Map<string, readonly Held[]>()
  const decided = new Map<string, string>()
  const escalations = new Map<string, Escalation>()
  const invited = new Map<string, Invited>()
  const cleared: string[] = []
  const criticalSince = new Map<string, CriticalSince>()
  let ranAt: string | undefined
  let programAt: string | undefined
  const plannedSince = new Map<string, string>()
  let watchedAt: string | undefined
  let openedAt: string | undefined
  let invitations = 0

  function fire(body: Fired, dated: Dated): void {
    ranAt ??= dated.at
    // The first word counts; a second one about the same timer is a repetition.
    if (fired.has(body.timer)) return
    fired.set(body.timer, { ...body, ...dated })
    if (body.kind === 'invite') invitations += 1
    if (body.invited) hold(seriesOf(body.timer), body.invited, dated.at)
    if (body.kind === 'watch') watchedAt = dated.at
    if (body.kind === 'open' && body.dropped === undefined) openedAt = dated.at
    const name = seriesOf(body.timer)
    const before = series.get(name)
    const keys = [...(before?.keys ?? []), body.timer]
    if (keys.length > KEPT) fired.delete(keys.shift() ?? '')
    // Of invitations the last one counts, whatever the clock said.
    const isNewest = before === undefined || body.kind === 'invite' || body.due >= before.due
    const sent = (before?.sent ?? 0) + (body.dropped === undefined ? 1 : 0)
    series.set(name, isNewest ? { key: body.timer, due: body.due, firedAt: dated.at, sent, keys } : { ...before, sent, keys })
  }

  function hold(name: string, meeting: Invited, at: string): void {
    for (const [other, { endsAt }] of invited) if (epoch(endsAt) < epoch(at)) invited.delete(other)
    if (meeting.people.length === 0) invited.delete(name)
    else invited.set(name, meeting)
  }

  function clear(id: string, at: string): void {
    const known = escalations.get(id)
    if (!known || known.clearedAt !== undefined) return
    escalations.set(id, { ...known, clearedAt: at })
    cleared.push(id)
    if (cleared.length > KEPT) escalations.delete(cleared.shift() ?? '')
  }

  // Only what the scheduler asks about; every other event changes the state alone.
  const takers: Takers = {
    program: ({ at, body }) => {
      programAt = at
      if (body.inForce) ranAt ??= at
      for (const one of body.program.checkpoints) {
        const session = sessionName(one.id, one.at)
        if (!plannedSince.has(session)) plannedSince.set(session, at)
      }
      following.program(body.program)
    },
    evidence: ({ at, body }) => following.snapshot(body.snapshot, at),
    fired: ({ at, actor, body }) => fire(body, { at, actor }),
    // Stands for the evidence that it was made from: whoever leaves that out knows of the look all the same.
    decision: ({ at, body }) => {
      watchedAt = at
      if (body.streams === undefined) decided.set(body.checkpoint, body.clock)
    },
    'checkpoint-held': ({ at, body: { checkpoint, due, verdict, decision } }) => {
      held.set(checkpoint, [...(held.get(checkpoint) ?? []), { due, at, verdict, decision }])
    },
    'blocker-opened': ({ at, body }) => {
      if (body.severity === 'critical') criticalSince.set(body.blocker, { at })
    },
    'blocker-changed': ({ at, actor, body: { blocker, severity } }) => {
      if (severity === 'critical' && !criticalSince.has(blocker)) criticalSince.set(blocker, { at, by: actor })
      if (severity !== undefined && severity !== 'critical') criticalSince.delete(blocker)
    },
    'escalation-raised': ({ at, body }) => {
      if (!escalations.has(body.escalation)) escalations.set(body.escalation, { ...body, raisedAt: at })
    },
    'escalation-acknowledged': ({ body }) => {
      const known = escalations.get(body.escalation)
      if (known) escalations.set(known.escalation, { ...known, acknowledgedUntil: body.until })
    },
    'escalation-cleared': ({ at, body }) => clear(body.escalation, at),
  }

  function take(event: LedgerEvent): void {
    ledger.take(event)
    const taker = takers[event.type] as ((event: LedgerEvent) => void) | undefined
    taker?.(event)
  }

  const history = (): History => ({
    state: ledger.state(),
    ...(ranAt !== undefined && { ranAt }),
    ...(programAt !== undefined && { programAt }),
    plannedSince,
    fired,
    series,
    invitations,
    invited,
    held,
    decided,
    escalations: [...escalations.values()],
    ...(watchedAt !== undefined && { watchedAt }),
    ...(openedAt !== undefined && { openedAt }),
    progress: following.progress(),
    criticalSince,
  })
  return { take, history }
}

/** What is known of a ledger without events. */
export const EMPTY_HISTORY: History = foldHistory([])
